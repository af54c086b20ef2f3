/** Reads a request: content type, size, depth and JSON are judged here, before anything is planned. */
import { BodyTooLarge, BodyUndecodable, CODINGS, readCapped } from "../lib/body.ts";
import type { Bytes } from "../lib/bytes.ts";
import { formFields, readForm } from "../lib/form-bytes.ts";
import { boundaryOf } from "../lib/form-stream.ts";
import type { HeaderFields } from "../lib/header-fields.ts";
import { isTooDeep } from "../lib/json-guard.ts";
import { GatewayError } from "../schema/errors.ts";
import { isObject } from "../schema/json.ts";
import type { Limits } from "../schema/limits.ts";
import type { Inbound, InboundBody, Ingress } from "./inbound.ts";
import { nativeKey, nativeSearch, withSaid } from "./native.ts";
import { checkUpgrade, receiveRealtime } from "./realtime.receive.ts";
import { withoutUnsaid } from "./unsaid.ts";

/** `headers` are the request's. */
export const receive = (
  request: Request,
  headers: HeaderFields,
  ingress: Ingress,
  limits: Limits,
): Inbound | Promise<Inbound> => {
  const url = splitUrl(request.url);
  if (url.pathname.includes("//"))
    throw new GatewayError("not_found", "There is no such path: it has an empty segment");
  checkUpgrade(request.method, headers, ingress);
  if (ingress.endpoint === "realtime") return receiveRealtime(request, headers, ingress);
  const type = contentType(headers);
  checkContentType(request, ingress, type);
  const read = readBody(request, headers, ingress, type, limits);
  const take = (body: InboundBody): Inbound => received(request, headers, ingress, url, body);
  return read instanceof Promise ? read.then(take) : take(read);
};

/** A request as far as its head tells: of a body that cannot be read. */
export const receivedHead = (request: Request, headers: HeaderFields, ingress: Ingress): Inbound =>
  received(request, headers, ingress, splitUrl(request.url), { kind: "none" });

const received = (
  request: Request,
  headers: HeaderFields,
  ingress: Ingress,
  { pathname, search }: SplitUrl,
  body: InboundBody,
): Inbound => ({
  request,
  method: request.method,
  headers,
  pathname,
  search: nativeSearch(ingress, search),
  key: nativeKey(ingress, headers, search),
  ingress,
  body,
});

interface SplitUrl {
  readonly pathname: string;
  readonly search: string;
}

/** Path and query of an absolute URL, without the cost of a URL object. Calls that follow one another often ask for the same. */
export const splitUrl = (url: string): SplitUrl => {
  if (url !== last.url) last = { url, ...split(url) };
  return last;
};

let last = { url: "", pathname: "", search: "" };

const split = (url: string): SplitUrl => {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  const query = url.indexOf("?", start);
  if (query === -1) return { pathname: url.slice(start), search: "" };
  return { pathname: url.slice(start, query), search: url.slice(query) };
};

const contentType = (headers: HeaderFields): string => {
  const raw = headers.get("content-type") ?? "";
  if (raw === "application/json") return raw;
  const end = raw.indexOf(";");
  return (end === -1 ? raw : raw.slice(0, end)).trim().toLowerCase();
};

const isJson = (type: string): boolean => type === "application/json";

/** The reference's rule for mapped routes; a passed-through body is the provider's business. */
const checkContentType = (request: Request, ingress: Ingress, type: string): void => {
  const { endpoint } = ingress;
  if (type === "" || endpoint === "proxy" || endpoint === "models" || request.method !== "POST") return;
  const isForm = endpoint !== "chat" && (type === "multipart/form-data" || type.startsWith("audio"));
  if (!isJson(type) && !isForm) throw new GatewayError("invalid_content_type", "Invalid content type passed");
};

/** Chat is JSON even when nobody says so; what is uploaded is not, though Google's client says so of every piece. */
const expectsJson = ({ endpoint, native }: Ingress, type: string): boolean => {
  if (native?.isUpload === true) return false;
  return isJson(type) || (type === "" && endpoint !== "proxy") || endpoint === "chat";
};

/** Not an async function of its own: on the way of every call, a promise less is time saved. */
const readBody = (
  request: Request,
  headers: HeaderFields,
  ingress: Ingress,
  type: string,
  limits: Limits,
): InboundBody | Promise<InboundBody> => {
  if (isEmpty(request, headers)) return emptyBody(ingress);
  const encoding = headers.get("content-encoding");
  if (expectsJson(ingress, type) && (ingress.endpoint !== "proxy" || encoding === null)) {
    const read = encoding === null ? readLimited : readPacked;
    return read(request, headers, limits.maxJsonBytes).then((bytes) => jsonBody(bytes, ingress, limits));
  }
  if (declaredLength(headers) > limits.maxReplayBytes)
    return { kind: "stream", stream: request.body ?? new ReadableStream() };
  return readLimited(request, headers, limits.maxReplayBytes).then((bytes) =>
    keptBody(bytes, headers, ingress),
  );
};

/** The parameters of a mapped endpoint may come as a form; a passed-through one is the provider's business. */
const keptBody = (bytes: Bytes, headers: HeaderFields, { endpoint }: Ingress): InboundBody => {
  const boundary = endpoint === "proxy" ? undefined : boundaryOf(headers.get("content-type") ?? "");
  const form = boundary === undefined ? undefined : readForm(bytes, boundary);
  return form === undefined ? { kind: "bytes", bytes } : { kind: "form", form, value: formFields(form) };
};

/** Told by the head where it can be: to look at `request.body` makes a stream of it, and reading that is slower. */
const isEmpty = (request: Request, headers: HeaderFields): boolean => {
  const { method } = request;
  if (method === "GET" || method === "HEAD") return true;
  const length = headers.get("content-length");
  if (length !== null) return Number(length) === 0;
  return headers.get("transfer-encoding") === null && request.body === null;
};

const emptyBody = (ingress: Ingress): InboundBody => {
  if (ingress.endpoint === "proxy" || ingress.endpoint === "models") return { kind: "none" };
  throw new GatewayError("invalid_json", "The request has no body: a JSON object is expected");
};

const declaredLength = (headers: HeaderFields): number => {
  const header = headers.get("content-length");
  return header === null ? Number.POSITIVE_INFINITY : Number(header);
};

const readLimited = (request: Request, headers: HeaderFields, limit: number): Promise<Bytes> => {
  const header = headers.get("content-length");
  if (header !== null) {
    if (Number(header) > limit) throw tooLarge(limit);
    return request.bytes(); // the server holds the client to the length it declared
  }
  return readChunks(request, limit);
};

const readChunks = async (request: Request, limit: number): Promise<Bytes> => {
  const chunks: Bytes[] = [];
  let size = 0;
  if (request.body === null) return new Uint8Array();
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** Some clients (Codex) pack long conversations; the limit is that of the JSON inside. */
const readPacked = async (request: Request, headers: HeaderFields, limit: number): Promise<Bytes> => {
  try {
    return await readCapped(request, limit);
  } catch (error) {
    if (error instanceof BodyTooLarge) throw tooLarge(limit);
    if (error instanceof BodyUndecodable) throw undecodable(error, headers);
    throw error;
  }
};

const undecodable = (error: BodyUndecodable, headers: HeaderFields): GatewayError => {
  const encoding = headers.get("content-encoding");
  if (error.cause === undefined)
    return new GatewayError(
      "unsupported_encoding",
      `The content-encoding ${JSON.stringify(encoding)} is not supported: send one of ${CODINGS}, or none`,
    );
  return new GatewayError(
    "invalid_json",
    `The request body is not whole, or not packed as its content-encoding says (${encoding})`,
    { cause: error },
  );
};

const tooLarge = (limit: number): GatewayError =>
  new GatewayError("request_too_large", `The request body is larger than ${limit} bytes`);

const utf8 = new TextDecoder("utf-8", { fatal: true });

const jsonBody = (bytes: Bytes, ingress: Ingress, limits: Limits): InboundBody => {
  const text = decode(bytes);
  if (isTooDeep(text, limits.maxJsonDepth))
    throw new GatewayError(
      "json_too_deep",
      `The JSON body nests more than ${limits.maxJsonDepth} levels deep`,
    );
  const value = parse(text);
  if (!isObject(value)) return otherJson(bytes, ingress);
  const said = ingress.endpoint === "proxy" ? { text, value } : withoutUnsaid({ text, value });
  return { kind: "json", text: said.text, value: withSaid(ingress, said.value) };
};

/** Some vendors' own endpoints take arrays: those bodies are the provider's business. */
const otherJson = (bytes: Bytes, { endpoint, resource, compacts }: Ingress): InboundBody => {
  if (endpoint === "proxy" && resource === undefined && compacts !== true) return { kind: "bytes", bytes };
  throw new GatewayError("invalid_json", "The request body must be a JSON object");
};

const decode = (bytes: Bytes): string => {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new GatewayError("invalid_json", "The request body is not valid UTF-8", { cause: error });
  }
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new GatewayError(
      "invalid_json",
      text.trim() === ""
        ? "The request body is empty: a JSON object is expected"
        : "The request body is not valid JSON",
      {
        cause: error,
      },
    );
  }
};
