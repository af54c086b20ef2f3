/** From a call and a target to the request that is sent: pure, and what golden tests compare. */
import type { Bytes } from "../lib/bytes.ts";
import { spliceJson } from "../lib/json-splice.ts";
import type { JsonEdit } from "../lib/json-splice.ts";
import { sign } from "../providers/auth.ts";
import { dialectOf } from "../providers/dialects.ts";
import { quirkEdits } from "../providers/quirks.ts";
import { mappedUrl, proxiedUrl } from "../providers/url.ts";
import { GatewayError } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import type { BodyMode } from "../schema/record.ts";
import type { Call } from "./call.ts";
import { USER_AGENT } from "./identity.ts";
import type { Inbound } from "./inbound.ts";
import { bodyJson } from "./inbound.ts";
import { forwardable, forwarded } from "./forward.ts";
import type { ResolvedTarget } from "./target.ts";

export interface Prepared {
  readonly url: string;
  readonly method: string;
  /** Lower-case names. */
  readonly headers: Record<string, string>;
  readonly body: string | Bytes | ReadableStream<Bytes> | null;
  readonly mode: BodyMode;
  readonly requestModel: string | null;
  readonly notes: readonly string[];
}

export const prepare = (call: Call, target: ResolvedTarget): Prepared => {
  const written =
    call.inbound.ingress.endpoint === "chat" ? writeChat(call, target) : writeProxied(call, target);
  const headers = upstreamHeaders(call.inbound, target);
  return { ...written, url: urlOf(call.inbound, target), method: call.inbound.method, headers };
};

const urlOf = (inbound: Inbound, target: ResolvedTarget): string => {
  const { endpoint, dialect } = inbound.ingress;
  if (endpoint === "proxy") return proxiedUrl(target.base, inbound.pathname, inbound.search);
  // A query belongs to the client's own API: it is passed on where the upstream speaks that too.
  const search = endpoint === "models" || dialect === target.row.dialect ? inbound.search : "";
  return mappedUrl(target.row, target.base, endpoint, search);
};

type WrittenBody = Pick<Prepared, "body" | "mode" | "requestModel" | "notes">;

/** The client's body with the target's overrides laid over it, and the model that the target asks for. */
const effectiveBody = (call: Call, target: ResolvedTarget): JsonObject => {
  const body = bodyJson(call.inbound);
  const model = target.node.options.provider === undefined ? call.addressed?.model : undefined;
  const overrides = target.node.override_params;
  if (model === undefined && Object.keys(overrides).length === 0) return body;
  return { ...body, ...(model === undefined ? {} : { model }), ...overrides };
};

const writeChat = (call: Call, target: ResolvedTarget): WrittenBody => {
  const body = effectiveBody(call, target);
  return call.inbound.ingress.dialect === target.row.dialect
    ? splicedBody(call, target, body)
    : translatedBody(call, target, body);
};

/** Same dialect: the client's bytes, with single values replaced. */
const splicedBody = (call: Call, target: ResolvedTarget, body: JsonObject): WrittenBody => {
  const { inbound } = call;
  const requestModel = modelOf(body);
  if (inbound.body.kind !== "json") return { body: null, mode: "passthrough", requestModel, notes: [] };
  const { edits, notes } = quirkEdits(target.row.quirks, body);
  const all = [...differences(inbound.body.value, body), ...edits];
  if (all.length === 0) return { body: inbound.body.text, mode: "passthrough", requestModel, notes };
  return { body: spliceJson(inbound.body.text, all), mode: "edited", requestModel, notes };
};

const differences = (from: JsonObject, to: JsonObject): readonly JsonEdit[] =>
  from === to
    ? []
    : Object.entries(to).flatMap(([key, value]): JsonEdit[] =>
        value === from[key] || value === undefined ? [] : [{ op: "set", path: [key], value }],
      );

const translatedBody = (call: Call, target: ResolvedTarget, body: JsonObject): WrittenBody => {
  const chat = dialectOf(call.inbound.ingress.dialect).readRequest(body);
  const written = dialectOf(target.row.dialect).writeRequest(chat, { provider: target.row.id });
  const quirks = quirkEdits(target.row.quirks, written.body);
  return {
    body: spliceJson(JSON.stringify(written.body), quirks.edits),
    mode: "translated",
    requestModel: chat.model === "" ? null : chat.model,
    notes: [...written.notes, ...quirks.notes],
  };
};

const writeProxied = (call: Call, target: ResolvedTarget): WrittenBody => {
  const { body } = call.inbound;
  switch (body.kind) {
    case "none":
      return { body: null, mode: "passthrough", requestModel: null, notes: [] };
    case "bytes":
      return { body: body.bytes, mode: "passthrough", requestModel: null, notes: [] };
    case "stream":
      return { body: takeOnce(body.stream), mode: "passthrough", requestModel: null, notes: [] };
    case "json": {
      const edits = differences(body.value, effectiveBody(call, target));
      const text = edits.length === 0 ? body.text : spliceJson(body.text, edits);
      const mode = edits.length === 0 ? "passthrough" : "edited";
      return { body: text, mode, requestModel: modelOf(effectiveBody(call, target)), notes: [] };
    }
  }
};

const takeOnce = (stream: ReadableStream<Bytes>): ReadableStream<Bytes> => {
  if (!stream.locked) return stream;
  throw new GatewayError(
    "body_not_replayable",
    "The request body is too large to be kept, so it was sent once and cannot be sent to another target",
  );
};

const modelOf = (body: JsonObject): string | null => {
  const model = body["model"];
  return isString(model) ? model : null;
};

const upstreamHeaders = (inbound: Inbound, target: ResolvedTarget): Record<string, string> => {
  const headers = inbound.ingress.endpoint === "proxy" ? forwardable(inbound.headers) : ownHeaders(inbound);
  headers["user-agent"] ??= USER_AGENT;
  sign(target.row.auth, target.credential, headers);
  addInputs(inbound, target, headers);
  forwarded(inbound.headers, target.forwardHeaders, headers);
  return headers;
};

/** Answers are read, not only relayed: compressed ones cost more than they save. */
const ownHeaders = (inbound: Inbound): Record<string, string> =>
  inbound.ingress.endpoint === "chat"
    ? { "content-type": "application/json", "accept-encoding": "identity" }
    : { "accept-encoding": "identity" };

/** Provider options that travel as headers; a body field of the option's name says the same. */
const addInputs = (inbound: Inbound, target: ResolvedTarget, headers: Record<string, string>): void => {
  for (const input of target.row.inputs ?? []) {
    const value =
      target.option(input) ?? bodyOption(inbound, input.option) ?? headers[input.header] ?? input.default;
    if (value !== undefined) headers[input.header] = value;
  }
};

const bodyOption = (inbound: Inbound, option: string): string | undefined => {
  const value = bodyJson(inbound)[option];
  if (Array.isArray(value)) return value.filter(isString).join(",");
  return isString(value) && value !== "" ? value : undefined;
};
