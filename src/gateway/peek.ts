/**
 * Reads an upstream's reply just far enough to know whether it answered.
 *
 * A stream is read to its first event that says something, not to its first chunk: an upstream that
 * opens a stream and then says "overloaded" has failed, and nothing was promised to the client yet.
 */
import type { Bytes } from "../lib/bytes.ts";
import { decodedReader, readCapped, readWhole } from "../lib/body.ts";
import type { ByteReader, HttpResponse } from "../lib/http.ts";
import type { Stage } from "../lib/reducer.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { Glance, UpstreamDialect } from "../providers/dialect.ts";
import { upstreamDialect } from "../providers/dialects.ts";
import { inAskedEncoding } from "../providers/embeddings.ts";
import { wrapBareList } from "../providers/model-lists.ts";
import type { CodecContext } from "../providers/codec.ts";
import { codecOf } from "../providers/codecs.ts";
import type { ChatEvent } from "../schema/chat.ts";
import { GatewayError, MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject } from "../schema/json.ts";
import type { MappedEndpoint } from "../schema/provider-row.ts";
import type { Call } from "./call.ts";
import type { Leash } from "./deadline.ts";
import { isTranslatedList, translatedList } from "./model-list.ts";
import type { Found, NoStream } from "./peek.stream.ts";
import {
  beginsFrame,
  gather,
  isStream,
  openStream,
  patienceOf,
  readerOfBytes,
  readRest,
  sniffed,
} from "./peek.stream.ts";
import { effectiveBody, wantsStream } from "./prepare.ts";
import { readOrPass } from "./read-or-pass.ts";
import type { Reply, ReplyContent } from "./reply-head.ts";
import type { ResolvedTarget } from "./target.ts";

const MAX_ERROR_BYTES = 1024 * 1024;
const EXCERPT = 300;

/** Not async: most whole answers have come with their head. */
export const peek = (
  call: Call,
  target: ResolvedTarget,
  response: HttpResponse,
  held: Leash,
): Reply | Promise<Reply> => {
  checkStatus(target, response);
  const found = contentOf(call, target, response);
  const read = ([status, content]: Found): Reply => replyWith(status, content, target, response, held);
  return found instanceof Promise ? found.then(read) : read(found);
};

const replyWith = (
  status: number,
  content: ReplyContent,
  target: ResolvedTarget,
  response: HttpResponse,
  held: Leash,
): Reply => ({
  status,
  headers: response.headers,
  target,
  content,
  reconnected: response.reconnected,
  abort: () => held.abort(),
  discard: () => {
    if (content.kind === "body" || content.kind === "events") held.abort();
  },
});

export const checkStatus = (target: ResolvedTarget, response: HttpResponse): void => {
  const { status } = response;
  if (status >= 300 && status < 400 && status !== 304)
    throw new GatewayError(
      "upstream_redirect",
      `Cannot use the answer of ${target.row.id}: it redirects elsewhere (${status}), and redirects are not followed`,
    );
  if (status < 200 || status > 599)
    throw new MalformedReply(`status ${status} is not one an answer can have`);
};

const contentOf = (call: Call, target: ResolvedTarget, response: HttpResponse): Found | Promise<Found> => {
  const { endpoint } = call.inbound.ingress;
  if (endpoint === "proxy") return [response.status, { kind: "body", body: response.body }];
  if (endpoint === "models" && !isTranslatedList(call, target)) return ownListContent(call, response);
  if (!response.ok)
    return faultOf(target, upstreamDialect(target.row.errors ?? target.row.dialect), response);
  if (endpoint === "models") return listContent(call, target, response);
  if (endpoint !== "chat") return mappedContent(call, target, response, endpoint);
  if (isStream(target, response)) return streamContent(call, target, response, decodedReader(response));
  if (wantsStream(call, target) && isSse(target)) return unnamedContent(call, target, response);
  const read = (bytes: Bytes): Found | Promise<Found> => wholeContent(call, target, response, bytes);
  const whole = readWhole(response, call.surroundings.limits.maxReplyBytes);
  return whole instanceof Promise ? whole.then(read) : read(whole);
};

/** The client's own shape goes on as it came, but for a list that its clients would not find. */
const ownListContent = async (call: Call, response: HttpResponse): Promise<Found> => {
  const { ok, status } = response;
  if (!ok) return [status, { kind: "body", body: response.body }];
  const body = await readOrPass(response, call.surroundings.limits.maxReplyBytes);
  if (body instanceof ReadableStream) return [status, { kind: "body", body }];
  const value = wrapBareList(parseAny(body));
  return [
    status,
    value === undefined ? { kind: "json", bytes: body, glance: {} } : { kind: "mapped", value },
  ];
};

/** What is no list of models goes on as it came. */
const listContent = async (call: Call, target: ResolvedTarget, response: HttpResponse): Promise<Found> => {
  const bytes = await readCapped(response, call.surroundings.limits.maxReplyBytes);
  const value = translatedList(call, target, parseAny(bytes));
  return [
    response.status,
    value === undefined ? { kind: "json", bytes, glance: {} } : { kind: "mapped", value },
  ];
};

const mappedContent = (
  call: Call,
  target: ResolvedTarget,
  response: HttpResponse,
  endpoint: MappedEndpoint,
): Found | Promise<Found> => {
  const name = target.row.codecs?.[endpoint];
  if (name === undefined && endpoint === "embeddings") return passedEmbeddings(call, target, response);
  if (name === undefined) return [response.status, { kind: "body", body: response.body }];
  const codec = codecOf(name);
  const context = codecContext(call, target);
  if (codec.readStream !== undefined && wantsStream(call, target) && isStream(target, response))
    return textContent(call, target, response, codec.readStream(context), codec.readStream(context));
  return readCapped(response, call.surroundings.limits.maxReplyBytes).then((bytes) => {
    const contentType = response.headers.get("content-type") ?? "";
    const value = codec.read(
      { contentType, headers: response.headers, bytes, json: parseObject(bytes) },
      context,
    );
    return [response.status, { kind: "mapped", value }];
  });
};

const codecContext = (call: Call, target: ResolvedTarget): CodecContext => ({
  provider: target.row.id,
  option: target.option,
  request: effectiveBody(call, target),
  model: target.model ?? "",
  now: Math.floor(call.world.date() / 1000),
});

/** A stream of text: read to its first word by one reader, and by another when it is handed on. */
const textContent = async (
  call: Call,
  target: ResolvedTarget,
  response: HttpResponse,
  probe: Stage<SseEvent, ChatEvent>,
  text: Stage<SseEvent, ChatEvent>,
): Promise<Found> => {
  const hear = (event: SseEvent): Glance | undefined => firstWord(probe.push(event));
  const reader = decodedReader(response);
  const patience = patienceOf(true, call.surroundings.limits, target);
  const found = await openStream(target, response.status, reader, hear, false, patience);
  if (isNone(found)) throw malformed(response.status, found.whole);
  const [status, content] = found;
  return [status, content.kind === "events" ? { ...content, text } : content];
};

/** OpenAI's own shape: looked at for what it used, and for vectors that are not in the encoding that was asked for. */
const passedEmbeddings = async (
  call: Call,
  target: ResolvedTarget,
  response: HttpResponse,
): Promise<Found> => {
  const { status } = response;
  const body = await readOrPass(response, call.surroundings.limits.maxReplyBytes);
  if (body instanceof ReadableStream) return [status, { kind: "body", body }];
  const value = parseObject(body);
  if (value === undefined) return [status, { kind: "json", bytes: body, glance: {} }];
  const glance = upstreamDialect(target.row.dialect).glanceReply(value);
  if (glance.fault !== undefined)
    return [glance.fault.status, { kind: "fault", fault: glance.fault, value, bytes: body }];
  const encoded = inAskedEncoding(value, effectiveBody(call, target));
  if (encoded !== undefined) return [status, { kind: "mapped", value: encoded }];
  return [status, { kind: "json", bytes: body, glance }];
};

/** Some providers say 200 and mean an error: a fault in the body counts, whatever the status. */
const jsonContent = (call: Call, target: ResolvedTarget, status: number, bytes: Bytes): Found => {
  const dialect = upstreamDialect(target.row.dialect);
  const value = parseObject(bytes) ?? dialect.joined?.(parseAny(bytes));
  if (value === undefined) throw malformed(status, bytes);
  const glance = dialect.glanceReply(value);
  if (glance.fault !== undefined)
    return [glance.fault.status, { kind: "fault", fault: glance.fault, value, bytes }];
  if (isSameDialect(call, target) && !wantsStream(call, target))
    return [status, { kind: "json", bytes, glance }];
  return [status, { kind: "chat", read: dialect.readReply(value) }];
};

const malformed = (status: number, bytes: Bytes): MalformedReply =>
  new MalformedReply(`status ${status} with ${JSON.stringify(excerpt(bytes))}`);

/** A whole answer can go on as it is. */
export const isSameDialect = (call: Call, target: ResolvedTarget): boolean =>
  call.inbound.ingress.dialect === target.row.dialect;

/** A stream's bytes can, too: the same JSON, cut into frames the same way. */
export const isSameStream = (call: Call, target: ResolvedTarget): boolean =>
  isSameDialect(call, target) && isSse(target);

const isSse = ({ row }: ResolvedTarget): boolean => (row.framing ?? "sse") === "sse";

const isNone = (found: Found | NoStream): found is NoStream => "whole" in found;

/** What is no stream by its name may be one by what it holds. */
const unnamedContent = async (call: Call, target: ResolvedTarget, response: HttpResponse): Promise<Found> => {
  const [isOne, reader] = await sniffed(response);
  if (isOne) return streamContent(call, target, response, reader);
  return wholeContent(call, target, response, await readRest(reader, call.surroundings.limits.maxReplyBytes));
};

const wholeContent = (
  call: Call,
  target: ResolvedTarget,
  response: HttpResponse,
  bytes: Bytes,
): Found | Promise<Found> =>
  isSse(target) && beginsFrame(bytes)
    ? streamContent(call, target, response, readerOfBytes(bytes))
    : jsonContent(call, target, response.status, bytes);

/** A whole answer, or an error, may come where a stream was to come, and by its name. */
const streamContent = async (
  call: Call,
  target: ResolvedTarget,
  response: HttpResponse,
  reader: ByteReader,
): Promise<Found> => {
  const dialect = upstreamDialect(target.row.dialect);
  const streams = wantsStream(call, target);
  const isHandedOn = streams && isSameStream(call, target);
  const hear = (event: SseEvent): Glance | undefined => wordOf(dialect, event);
  const { limits } = call.surroundings;
  const patience = patienceOf(streams, limits, target);
  const found = await openStream(target, response.status, reader, hear, isHandedOn, patience);
  if (isNone(found)) return jsonContent(call, target, response.status, found.whole);
  const [status, content] = found;
  if (content.kind !== "events" || streams) return found;
  return [status, { kind: "chat", read: await gather(content.stream, dialect, limits.maxReplyBytes) }];
};

export const faultOf = async (
  { credential }: ResolvedTarget,
  dialect: UpstreamDialect,
  response: HttpResponse,
): Promise<Found> => {
  const bytes = withoutKey(await readCapped(response, MAX_ERROR_BYTES), credential);
  const value = parseAny(bytes);
  const fault = dialect.readError(response.status, value, response.headers);
  return [response.status, { kind: "fault", fault, value: isObject(value) ? value : undefined, bytes }];
};

/** Shorter ones are words that a text may hold anyway. */
const MIN_KEY_LENGTH = 8;

/** Some upstreams repeat the key that they refuse, which may be the operator's: https://github.com/nyroway/nyro/issues/67 */
const withoutKey = (bytes: Bytes, key: string | undefined): Bytes => {
  if (key === undefined || key.length < MIN_KEY_LENGTH) return bytes;
  const text = utf8.decode(bytes);
  return text.includes(key) ? Buffer.from(text.replaceAll(key, "[secret]")) : bytes;
};

/** What an event says, if anything. An overloaded Claude says so behind `message_start`: https://github.com/BerriAI/litellm/issues/6957 */
const wordOf = (dialect: UpstreamDialect, event: SseEvent): Glance | undefined => {
  const glance = dialect.glance(event);
  if (glance.opens === true) return undefined;
  for (const _ in glance) return glance;
  return undefined;
};

/** The same of what a codec read: its beginning says nothing yet. */
const firstWord = (events: readonly ChatEvent[]): Glance | undefined => {
  const word = events.find(({ type }) => type !== "start");
  if (word === undefined) return undefined;
  return word.type === "error" ? { fault: word.fault } : {};
};

const utf8 = new TextDecoder();

const parseAny = (bytes: Bytes): unknown => {
  const text = utf8.decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

export const parseObject = (bytes: Bytes): JsonObject | undefined => {
  const value = parseAny(bytes);
  return isObject(value) ? value : undefined;
};

const excerpt = (bytes: Bytes): string => {
  const text = utf8.decode(bytes.subarray(0, EXCERPT * 4));
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text;
};
