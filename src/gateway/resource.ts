/** Files, batches and fine-tuning jobs at a target: by the adapter of its provider, or passed through where it has none. */
import type { HeaderFields } from "../lib/header-fields.ts";
import { fieldsFrom } from "../lib/header-fields.ts";
import { readCapped } from "../lib/body.ts";
import { EgressRefused } from "../lib/egress.ts";
import type { HostTrust } from "../lib/egress.ts";
import type { Bytes } from "../lib/bytes.ts";
import type { FormPart } from "../lib/form-stream.ts";
import { boundaryOf, FormMalformed, formParts } from "../lib/form-stream.ts";
import type { HttpResponse } from "../lib/http.ts";
import { upstreamDialect } from "../providers/dialects.ts";
import type {
  Perform,
  ResourceAdapter,
  ResourceAnswer,
  ResourceCall,
  ResourceRequest,
} from "../providers/resource.ts";
import { UpstreamRefused } from "../providers/resource.ts";
import { adapterOf } from "../providers/resources.ts";
import { filledBase, proxiedUrl } from "../providers/url.ts";
import { GatewayError, invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import type { BodyMode } from "../schema/record.ts";
import type { Operation } from "../schema/resource.ts";
import { operationOf } from "../schema/resource.ts";
import type { Call } from "./call.ts";
import type { Leash } from "./deadline.ts";
import { leash } from "./deadline.ts";
import type { Departure } from "./departure.ts";
import { USER_AGENT } from "./identity.ts";
import type { Inbound } from "./inbound.ts";
import { checkStatus, faultOf, parseObject } from "./peek.ts";
import { addInputs } from "./header-inputs.ts";
import { effectiveBody, requestTarget, takeOnce } from "./prepare.ts";
import type { Reply, ReplyContent } from "./reply-head.ts";
import { send } from "./sending.ts";
import type { ResolvedTarget } from "./target.ts";

/** An attempt that an adapter carries out, in as many exchanges as it needs. */
export interface Adapted {
  readonly mode: BodyMode;
  readonly notes: readonly string[];
  run(held: Leash): Promise<Reply>;
}

/** Undefined where the client's own request goes on. */
export const adapted = (call: Call, target: ResolvedTarget): Adapted | undefined => {
  const { ingress, method, pathname } = call.inbound;
  if (ingress.resource === undefined) return undefined;
  const adapter = adapterOf(target.row, ingress.resource);
  const operation = operationOf(ingress.resource, method, pathname);
  const perform = operation === undefined ? undefined : adapter.operations[operation.name];
  if (operation !== undefined && perform !== undefined)
    return {
      mode: "translated",
      notes: [],
      run: (held) => run(call, target, { adapter, operation, perform }, held),
    };
  if (adapter.passes === true) return undefined;
  throw unsupported(target, operation?.name ?? `${method} ${pathname}`, adapter);
};

const unsupported = (target: ResolvedTarget, name: string, adapter: ResourceAdapter): GatewayError =>
  new GatewayError(
    "unsupported_endpoint",
    `${name} is not supported by ${target.row.id}: it offers ${Object.keys(adapter.operations).join(", ")}`,
  );

interface Work {
  readonly adapter: ResourceAdapter;
  readonly operation: Operation;
  readonly perform: Perform;
}

const run = async (call: Call, target: ResolvedTarget, work: Work, held: Leash): Promise<Reply> => {
  try {
    const answer = await work.perform(resourceCall(call, target, work.operation, held));
    call.recorder.note(...(answer.notes ?? []));
    return replied(target, held, answer.status ?? 200, fieldsFrom(answer.headers), contentOf(answer));
  } catch (error) {
    if (error instanceof UpstreamRefused) return refused(target, work.adapter, error.response, held);
    if (error instanceof FormMalformed)
      throw new GatewayError("invalid_request", `Cannot read the form: ${error.message}`);
    throw error;
  }
};

const replied = (
  target: ResolvedTarget,
  held: Leash,
  status: number,
  headers: HeaderFields,
  content: ReplyContent,
): Reply => ({
  status,
  headers,
  target,
  content,
  abort: () => held.abort(),
  discard: () => held.abort(),
});

const contentOf = ({ body }: ResourceAnswer): ReplyContent =>
  body instanceof ReadableStream ? { kind: "body", body } : { kind: "mapped", value: body };

const refused = async (
  target: ResolvedTarget,
  adapter: ResourceAdapter,
  response: HttpResponse,
  held: Leash,
): Promise<Reply> => {
  const { readError } = adapter;
  const dialect = upstreamDialect(target.row.errors ?? target.row.dialect);
  const reader: typeof dialect.readError = (status, body, headers) =>
    readError?.(status, body, response.headers) ?? dialect.readError(status, body, headers);
  const [status, content] = await faultOf(target, { ...dialect, readError: reader }, response);
  return replied(target, held, status, response.headers, content);
};

const resourceCall = (
  call: Call,
  target: ResolvedTarget,
  operation: Operation,
  held: Leash,
): ResourceCall => {
  const { inbound, surroundings } = call;
  const { row, base, option } = target;
  const submit = (request: ResourceRequest): Promise<HttpResponse> => sendOne(call, target, request, held);
  return {
    ...operation,
    ...requestTarget(target),
    body: effectiveBody(call, target),
    query: new URLSearchParams(inbound.search),
    search: inbound.search,
    model: target.model,
    object: target.object,
    isOperators: target.isOperators,
    hasCredential: target.credential !== undefined,
    atHome: target.atHome,
    strict: target.strict,
    now: Math.floor(call.world.date() / 1000),
    callId: call.recorder.id,
    freshId: () => call.world.id(),
    host: (name) =>
      target.atHome ? filledBase(row, row.hosts?.[name] ?? base, option, surroundings.environment) : base,
    home: (path, search = "") => proxiedUrl(row, base, `/v1${path}`, { search, option }),
    form: () => formOf(inbound, held.signal, () => renew(target, held)),
    send: submit,
    json: async (request) =>
      jsonOf(await readCapped(await submit(request), surroundings.limits.maxReplyBytes)),
  };
};

const sendOne = async (
  call: Call,
  target: ResolvedTarget,
  request: ResourceRequest,
  attempt: Leash,
): Promise<HttpResponse> => {
  const { method = "GET", url, body = null, auth, options, isForeign, isCleanup } = request;
  const held = isCleanup === true ? leash(NOBODY, CLEANUP_MS) : attempt;
  const headers: Record<string, string> = { "accept-encoding": "identity", "user-agent": USER_AGENT };
  if (typeof body === "string") headers["content-type"] = "application/json";
  if (isForeign !== true) addInputs(call.inbound, target, headers);
  Object.assign(headers, request.headers);
  renew(target, held);
  const trust = isForeign === true ? trustIn(url, target) : undefined;
  const sent = send(call, target, { method, url, headers, body }, held, { auth, options, trust });
  const response = await (trust === undefined ? sent : sent.catch(notCallable));
  if (isCleanup === true) held.answered();
  checkStatus(target, response);
  if (!response.ok) throw new UpstreamRefused(response);
  return response;
};

/** A private host that a caller may name is not one that a provider may send us to, but for its own. */
const trustIn = (url: string, { base }: ResolvedTarget): HostTrust =>
  URL.parse(url)?.hostname === URL.parse(base)?.hostname ? "caller" : "stranger";

const notCallable = (error: unknown): never => {
  if (!(error instanceof EgressRefused)) throw error;
  throw new MalformedReply(`it names a host that is not called: ${error.fault}`);
};

const CLEANUP_MS = 10_000;
const NOBODY: Pick<Departure, "onLeave" | "onStay"> = {
  onLeave: () => undefined,
  onStay: (begin) => begin(),
};

/** A limit that the caller set is for the whole; ours is for the silence of an upstream. */
const renew = (target: ResolvedTarget, held: Leash): void => {
  if (target.requestTimeoutMs === undefined) held.renew();
};

const jsonOf = (bytes: Bytes): JsonObject => {
  const value = parseObject(bytes);
  if (value === undefined) throw new MalformedReply("a JSON object was expected");
  return value;
};

/** A client that sends nothing more is not waited for longer than an upstream that says nothing. */
async function* formOf(inbound: Inbound, signal: AbortSignal, heard: () => void): AsyncGenerator<FormPart> {
  const boundary = boundaryOf(inbound.headers.get("content-type") ?? "");
  if (boundary === undefined) throw invalidRequest("body", "must be multipart/form-data");
  const source = bodyOf(inbound).pipeThrough(
    new TransformStream<Bytes, Bytes>({
      transform(chunk, controller) {
        heard();
        controller.enqueue(chunk);
      },
    }),
    { signal },
  );
  yield* formParts(source, boundary);
}

const bodyOf = ({ body }: Inbound): ReadableStream<Bytes> => {
  if (body.kind === "stream") return takeOnce(body.stream);
  const bytes = body.kind === "bytes" ? body.bytes : new Uint8Array();
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
};
