/** From a call and a target to the request that is sent: pure, and what golden tests compare. */
import type { Bytes } from "../lib/bytes.ts";
import type { JsonEdit } from "../lib/json-splice.ts";
import { spliceJson } from "../lib/json-splice.ts";
import { codecOf } from "../providers/codecs.ts";
import type { ClientDialect, RequestTarget } from "../providers/dialect.ts";
import { clientDialect, upstreamDialect } from "../providers/dialects.ts";
import { envelopeOf } from "../providers/envelopes.ts";
import { writeStrangers } from "../providers/openai-responses.strangers.ts";
import { quirkEdits } from "../providers/quirks.ts";
import type { Place } from "../providers/url.ts";
import { joinedUrl, mappedUrl, nativeUrl, proxiedUrl, withBaseQuery } from "../providers/url.ts";
import { GatewayError } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import type { MappedEndpoint, Quirks } from "../schema/provider-row.ts";
import type { BodyMode } from "../schema/record.ts";
import { pathBelowMessages } from "./below-messages.ts";
import type { Call } from "./call.ts";
import { filesIn, unreadForm, writtenForm } from "./form-body.ts";
import { forwardable } from "./forward.ts";
import { addInputs } from "./header-inputs.ts";
import { USER_AGENT } from "./identity.ts";
import type { Inbound } from "./inbound.ts";
import { bodyJson } from "./inbound.ts";
import { modelsUrl } from "./model-list.ts";
import { checkSpoken, isAnothers } from "./native.ts";
import { realtimeSearch, unsaidOverrides } from "./realtime.query.ts";
import { checkHasResponses } from "./responses.elsewhere.ts";
import type { ResolvedTarget } from "./target.ts";

export interface Prepared {
  readonly url: string;
  readonly method: string;
  /** Lower-case names. */
  readonly headers: Record<string, string>;
  readonly body: string | Bytes | FormData | ReadableStream<Bytes> | null;
  readonly mode: BodyMode;
  readonly notes: readonly string[];
}

export const prepare = (call: Call, target: ResolvedTarget): Prepared => {
  const url = urlOf(call, target); // first: an endpoint that is not offered is told before its body is judged
  const written = writeBody(call, target);
  const headers = upstreamHeaders(call.inbound, written);
  const missing = addInputs(call.inbound, target, headers);
  const { body, mode, notes } = written;
  return {
    url,
    method: call.inbound.method,
    headers,
    body,
    mode,
    notes: missing.length === 0 ? notes : [...notes, ...missing],
  };
};

const urlOf = (call: Call, target: ResolvedTarget): string =>
  withBaseQuery(target.base, (base) => urlAt(call, base === target.base ? target : { ...target, base }));

const urlAt = (call: Call, target: ResolvedTarget): string => {
  const { endpoint } = call.inbound.ingress;
  checkHasResponses(call, target);
  if (endpoint === "models") return modelsUrl(call, target);
  if (endpoint === "proxy") return passedUrl(call, target);
  return mappedUrl(target.row, target.base, endpoint, placeOf(call, target, ownSearch(call, target)));
};

const passedUrl = (call: Call, target: ResolvedTarget): string => {
  const { ingress, pathname, search } = call.inbound;
  const { row, base, option } = target;
  const { native } = ingress;
  const below = pathBelowMessages(row, native === undefined ? pathname : `/v1${native.below}`);
  if (below !== undefined) return joinedUrl(base, below, search);
  if (native === undefined || isAnothers(call, native, target))
    return proxiedUrl(row, base, pathname, { search, option });
  checkSpoken(call, native, target);
  return nativeUrl(row, base, native, placeOf(call, target, search));
};

const placeOf = (call: Call, target: ResolvedTarget, search: string): Place => ({
  model: target.model,
  stream: wantsStream(call, target),
  search,
  option: (name) => target.option(name) ?? fieldFor(call, target, name),
  object: target.object,
});

/** The body field that the row lets stand for an option of its paths. */
const fieldFor = (call: Call, target: ResolvedTarget, name: string): string | undefined => {
  const field = target.row.places?.find(({ option }) => option === name)?.field;
  const value = field === undefined ? undefined : effectiveBody(call, target)[field];
  return isString(value) && value !== "" ? value : undefined;
};

/** A query belongs to the client's own API: it is passed on where the upstream is that too. */
const ownSearch = (call: Call, target: ResolvedTarget): string => {
  const { inbound } = call;
  const { row } = target;
  const { endpoint, dialect } = inbound.ingress;
  if (endpoint === "realtime") return realtimeSearch(inbound.search, effectiveBody(call, target), target);
  const isSame = dialect === row.dialect && row.envelope === undefined && row.takesNoQuery !== true;
  return isSame ? withoutPretty(inbound.search) : "";
};

/** How the answer is to be written is the gateway's to heed. */
const withoutPretty = (search: string): string => {
  if (!search.includes("pretty")) return search;
  const kept = search
    .slice(1)
    .split("&")
    .filter((pair) => !/^pretty(?:=|$)/.test(pair));
  return kept.length === 0 ? "" : `?${kept.join("&")}`;
};

/** Whether the client (or the target's overrides, `null` among them) asked for a stream. A form knows texts alone. */
export const wantsStream = (call: Call, { node }: ResolvedTarget): boolean => {
  const { stream = bodyJson(call.inbound)["stream"] } = node.override_params;
  return stream === true || (stream === "true" && call.inbound.body.kind === "form");
};

interface WrittenBody extends Pick<Prepared, "body" | "mode" | "notes"> {
  /** What the provider wants in headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const writeBody = (call: Call, target: ResolvedTarget): WrittenBody => {
  switch (call.inbound.ingress.endpoint) {
    case "chat":
      return writeChat(call, target);
    case "models":
    case "proxy":
      return writePassed(call, target, undefined);
    case "realtime":
      return { body: null, mode: "passthrough", notes: unsaidOverrides(target) };
    default:
      return writeMapped(call, target, call.inbound.ingress.endpoint);
  }
};

/** The client's body with the target's overrides laid over it, and the model that the target asks for. */
export const effectiveBody = (call: Call, target: ResolvedTarget): JsonObject => {
  const body = bodyJson(call.inbound);
  const overrides = target.node.override_params;
  const isSameModel = target.model === null || target.model === body["model"];
  if (isSameModel && Object.keys(overrides).length === 0) return body;
  return { ...body, ...overrides, ...(isSameModel ? {} : { model: target.model }) };
};

const writeChat = (call: Call, target: ResolvedTarget): WrittenBody => {
  const body = effectiveBody(call, target);
  const { dialect } = call.inbound.ingress;
  return dialect === target.row.dialect
    ? splicedBody(call, body, withoutForeign(chatEdits(target, body, body), clientDialect(dialect), body))
    : translatedBody(call, target, body);
};

/** Last of all edits: what is left out moves what stays. */
const withoutForeign = (changes: BodyEdits, dialect: ClientDialect, body: JsonObject): BodyEdits => {
  const foreign = dialect.withoutForeign?.(body);
  if (foreign === undefined || foreign.edits.length === 0) return changes;
  const { edits, notes } = changes;
  return { ...changes, edits: [...edits, ...foreign.edits], notes: [...notes, ...foreign.notes] };
};

/** An endpoint other than chat: through the provider's codec, or OpenAI's shape as it came. */
const writeMapped = (call: Call, target: ResolvedTarget, endpoint: MappedEndpoint): WrittenBody => {
  const name = target.row.codecs?.[endpoint];
  if (name === undefined) return writePassed(call, target, target.row.endpointQuirks?.[endpoint]);
  const codec = codecOf(name);
  const { kind } = call.inbound.body;
  if (kind !== "json" && !(kind === "form" && codec.takesForms === true))
    throw new GatewayError("invalid_json", `A JSON object is expected for ${endpoint} by ${target.row.id}`);
  const asked = { ...effectiveBody(call, target), ...filesIn(call.inbound.body) };
  const { body, notes } = codec.write(asked, requestTarget(target));
  return { body: body instanceof FormData ? body : JSON.stringify(body), mode: "translated", notes };
};

interface BodyEdits {
  readonly edits: readonly JsonEdit[];
  readonly notes: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the row spells differently, and what it wants in another place. */
const chatEdits = (target: ResolvedTarget, body: JsonObject, clients: JsonObject): BodyEdits => {
  const { quirks, envelope } = target.row;
  const spelled = quirkEdits(quirks, body);
  if (envelope === undefined) return spelled;
  const moved = envelopeOf(envelope)(body, requestTarget(target), clients);
  return {
    edits: [...spelled.edits, ...moved.edits],
    notes: [...spelled.notes, ...moved.notes],
    headers: moved.headers,
  };
};

export const requestTarget = (target: ResolvedTarget): RequestTarget => ({
  provider: target.row.id,
  option: target.option,
  reasoningField: target.row.quirks?.reasoningField,
  thinking: target.row.quirks?.thinking,
  takesTopK: target.row.quirks?.takesTopK,
  systemFirst: target.row.quirks?.systemFirst,
});

/** Same dialect: the client's bytes, with single values replaced. */
const splicedBody = (call: Call, body: JsonObject, changes: BodyEdits): WrittenBody => {
  const { inbound, turn } = call;
  if (turn?.isOfOurs === true) return continuedBody({ ...call, turn: undefined }, body, changes);
  if (inbound.body.kind !== "json") return { body: null, mode: "passthrough", notes: [] };
  const { edits, notes, headers } = changes;
  const { text, value } = inbound.body;
  const said = inbound.ingress.native?.said ?? {};
  if (value === body && edits.length === 0) return { body: text, mode: "passthrough", notes, headers };
  const all = [...differences(value, body, said), ...edits];
  if (all.length === 0) return { body: text, mode: "passthrough", notes, headers };
  return { body: spliceJson(text, all), mode: "edited", notes, headers };
};

/** A conversation that we have kept goes on at a server that has not seen it. */
const continuedBody = (call: Call, body: JsonObject, changes: BodyEdits): WrittenBody => {
  const { body: input, notes } = writeStrangers(body["input"]);
  const spliced = splicedBody(call, { ...body, input }, changes);
  return { ...spliced, mode: "edited", notes: [...notes, ...spliced.notes] };
};

/** What the path says is not the body's to say. */
const differences = (from: JsonObject, to: JsonObject, said: JsonObject): readonly JsonEdit[] =>
  from === to
    ? []
    : Object.entries(to).flatMap(([key, value]): JsonEdit[] =>
        value === from[key] || value === undefined || key in said ? [] : [{ op: "set", path: [key], value }],
      );

const translatedBody = (call: Call, target: ResolvedTarget, body: JsonObject): WrittenBody => {
  const chat = clientDialect(call.inbound.ingress.dialect).readRequest(body);
  const written = upstreamDialect(target.row.dialect).writeRequest(chat, requestTarget(target));
  const { edits, notes, ...rest } = chatEdits(target, written.body, body);
  return {
    ...rest,
    body: spliceJson(JSON.stringify(written.body), edits),
    mode: "translated",
    notes: [...written.notes, ...notes],
  };
};

/** A body in the upstream's own shape: JSON may be edited, anything else is the client's bytes. */
const writePassed = (call: Call, target: ResolvedTarget, quirks: Quirks | undefined): WrittenBody => {
  const { body } = call.inbound;
  switch (body.kind) {
    case "none":
      return { body: null, mode: "passthrough", notes: [] };
    case "bytes":
      return unreadForm(call.inbound, body.bytes, effectiveBody(call, target), quirks);
    case "stream":
      return unreadForm(call.inbound, takeOnce(body.stream), effectiveBody(call, target), quirks);
    case "form":
      return writtenForm(body.form, body.value, effectiveBody(call, target), quirks);
    case "json": {
      const effective = effectiveBody(call, target);
      return splicedBody(call, effective, quirkEdits(quirks, effective));
    }
  }
};

export const takeOnce = (stream: ReadableStream<Bytes>): ReadableStream<Bytes> => {
  if (!stream.locked) return stream;
  throw new GatewayError(
    "body_not_replayable",
    "The request body is too large to be kept, so it was sent once and cannot be sent to another target",
  );
};

const upstreamHeaders = (inbound: Inbound, written: WrittenBody): Record<string, string> => {
  const { endpoint, native } = inbound.ingress;
  const headers = endpoint === "proxy" ? forwardable(inbound.headers) : ownHeaders(inbound, written.body);
  if (native?.isChat === true) headers["accept-encoding"] = "identity"; // its counts are read on the way
  Object.assign(headers, written.headers);
  headers["user-agent"] ??= USER_AGENT;
  if (written.body instanceof ReadableStream && written.mode === "passthrough") addLength(inbound, headers);
  return headers;
};

/** A body that is handed on unread is as long as its client says; not every server takes one of unknown length. */
const addLength = (inbound: Inbound, headers: Record<string, string>): void => {
  const length = inbound.headers.get("content-length");
  if (length !== null) headers["content-length"] = length;
};

/** Answers are read, not only relayed: compressed ones cost more than they save. */
const ownHeaders = (inbound: Inbound, body: Prepared["body"]): Record<string, string> => {
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  const type = contentTypeOf(inbound, body);
  if (type !== undefined) headers["content-type"] = type;
  return headers;
};

/** A form names its own boundary when it is sent. */
const contentTypeOf = (inbound: Inbound, body: Prepared["body"]): string | undefined => {
  if (body === null || body instanceof FormData) return undefined;
  if (typeof body === "string") return "application/json";
  return inbound.headers.get("content-type") ?? undefined;
};
