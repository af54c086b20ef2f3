/**
 * Reads an upstream's reply just far enough to know whether it answered.
 *
 * A stream is read to its first event that says something, not to its first chunk: an upstream that
 * opens a stream and then says "overloaded" has failed, and nothing was promised to the client yet.
 */
import type { Bytes } from "../lib/bytes.ts";
import { BodyTooLarge, decodedReader, readCapped } from "../lib/body.ts";
import type { HttpResponse } from "../lib/http.ts";
import type { Stage } from "../lib/reducer.ts";
import { decodeUntil } from "../lib/sse-frames.ts";
import type { SseEvent } from "../lib/sse.ts";
import { MAX_EVENT_BYTES } from "../lib/sse.ts";
import { fold } from "../providers/chat-events.ts";
import type { Glance, UpstreamDialect } from "../providers/dialect.ts";
import { upstreamDialect } from "../providers/dialects.ts";
import { inAskedEncoding } from "../providers/embeddings.ts";
import { framingOf } from "../providers/framings.ts";
import { wrapBareList } from "../providers/model-lists.ts";
import type { CodecContext } from "../providers/codec.ts";
import { codecOf } from "../providers/codecs.ts";
import type { ChatEvent, ChatReply } from "../schema/chat.ts";
import { GatewayError, MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject } from "../schema/json.ts";
import type { MappedEndpoint } from "../schema/provider-row.ts";
import type { Call } from "./call.ts";
import type { Leash } from "./deadline.ts";
import { isTranslatedList, translatedList } from "./model-list.ts";
import { effectiveBody, wantsStream } from "./prepare.ts";
import { readOrPass } from "./read-or-pass.ts";
import type { OpenedStream, Reply, ReplyContent } from "./reply-head.ts";
import type { ResolvedTarget } from "./target.ts";

const MAX_ERROR_BYTES = 1024 * 1024;
const EXCERPT = 300;
/** What may stand before the first word of a stream, which is kept until then: signs of life are short. */
const MAX_OPENING_BYTES = 2 * MAX_EVENT_BYTES;

export const peek = async (
  call: Call,
  target: ResolvedTarget,
  response: HttpResponse,
  held: Leash,
): Promise<Reply> => {
  checkStatus(target, response);
  const found = contentOf(call, target, response);
  const [status, content] = found instanceof Promise ? await found : found;
  return {
    status,
    headers: response.headers,
    target,
    content,
    reconnected: response.reconnected,
    abort: () => held.abort(),
    discard: () => {
      if (content.kind === "body" || content.kind === "events") held.abort();
    },
  };
};

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

type Found = readonly [number, ReplyContent];

const contentOf = (call: Call, target: ResolvedTarget, response: HttpResponse): Found | Promise<Found> => {
  const { endpoint } = call.inbound.ingress;
  if (endpoint === "proxy") return [response.status, { kind: "body", body: response.body }];
  if (endpoint === "models" && !isTranslatedList(call, target)) return ownListContent(call, response);
  const dialect = upstreamDialect(target.row.dialect);
  if (!response.ok) return faultOf(upstreamDialect(target.row.errors ?? target.row.dialect), response);
  if (endpoint === "models") return listContent(call, target, response);
  if (endpoint !== "chat") return mappedContent(call, target, response, endpoint);
  if (isStream(target, response)) return streamContent(call, target, response);
  return readCapped(response, call.surroundings.limits.maxReplyBytes).then((bytes) =>
    jsonContent(call, target, dialect, response.status, bytes),
  );
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
    return textContent(target, response, codec.readStream(context), codec.readStream(context));
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
  target: ResolvedTarget,
  response: HttpResponse,
  probe: Stage<SseEvent, ChatEvent>,
  text: Stage<SseEvent, ChatEvent>,
): Promise<Found> => {
  const hear = (event: SseEvent): Glance | undefined => firstWord(probe.push(event));
  const [status, content] = await openStream(target, response, hear, false);
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
const jsonContent = (
  call: Call,
  target: ResolvedTarget,
  dialect: UpstreamDialect,
  status: number,
  bytes: Bytes,
): Found => {
  const value = parseObject(bytes) ?? dialect.joined?.(parseAny(bytes));
  if (value === undefined)
    throw new MalformedReply(`status ${status} with ${JSON.stringify(excerpt(bytes))}`);
  const glance = dialect.glanceReply(value);
  if (glance.fault !== undefined)
    return [glance.fault.status, { kind: "fault", fault: glance.fault, value, bytes }];
  if (isSameDialect(call, target) && !wantsStream(call, target))
    return [status, { kind: "json", bytes, glance }];
  return [status, { kind: "chat", read: dialect.readReply(value) }];
};

/** A whole answer can go on as it is. */
export const isSameDialect = (call: Call, target: ResolvedTarget): boolean =>
  call.inbound.ingress.dialect === target.row.dialect;

/** A stream's bytes can, too: the same JSON, cut into frames the same way. */
export const isSameStream = (call: Call, target: ResolvedTarget): boolean =>
  isSameDialect(call, target) && (target.row.framing ?? "sse") === "sse";

const streamContent = async (call: Call, target: ResolvedTarget, response: HttpResponse): Promise<Found> => {
  const dialect = upstreamDialect(target.row.dialect);
  const streams = wantsStream(call, target);
  const isHandedOn = streams && isSameStream(call, target);
  const [status, content] = await openStream(target, response, (event) => wordOf(dialect, event), isHandedOn);
  if (content.kind !== "events" || streams) return [status, content];
  const { maxReplyBytes } = call.surroundings.limits;
  return [status, { kind: "chat", read: await gather(content.stream, dialect, maxReplyBytes) }];
};

/** A stream for a client that asked for a whole answer: held to what such an answer may be. */
const gather = async (stream: OpenedStream, dialect: UpstreamDialect, limit: number): Promise<ChatReply> => {
  const reader = dialect.readStream();
  const events: ChatEvent[] = stream.events.flatMap((event) => reader.push(event));
  let size = 0;
  for (;;) {
    const { done, value } = await stream.reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > limit) throw new BodyTooLarge(limit);
    for (const event of stream.decoder.push(value)) events.push(...reader.push(event));
  }
  events.push(...reader.close());
  return fold(events);
};

const isStream = (target: ResolvedTarget, response: HttpResponse): boolean => {
  const type = response.headers.get("content-type") ?? "";
  const { contentType } = framingOf(target.row.framing);
  return type.length >= contentType.length && type.toLowerCase().startsWith(contentType);
};

export const faultOf = async (dialect: UpstreamDialect, response: HttpResponse): Promise<Found> => {
  const bytes = await readCapped(response, MAX_ERROR_BYTES);
  const value = parseAny(bytes);
  const fault = dialect.readError(response.status, value, response.headers);
  return [response.status, { kind: "fault", fault, value: isObject(value) ? value : undefined, bytes }];
};

/** Reads up to the first event that says something; a fault there is a refusal with that fault's status. */
const openStream = async (
  target: ResolvedTarget,
  response: HttpResponse,
  hear: (event: SseEvent) => Glance | undefined,
  isHandedOn: boolean,
): Promise<Found> => {
  const reader = decodedReader(response);
  let opening: Glance | undefined;
  const isWord = (event: SseEvent): boolean => {
    opening = hear(event);
    return opening !== undefined;
  };
  // A stream that is only handed on need not be decoded further than to its first word.
  const decoder = isHandedOn ? decodeUntil(isWord) : framingOf(target.row.framing).decode();
  const chunks: Bytes[] = [];
  const events: SseEvent[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (!done) {
      chunks.push(value);
      size += value.byteLength;
    }
    if (size > MAX_OPENING_BYTES)
      throw new MalformedReply(`the stream says nothing in its first ${MAX_OPENING_BYTES} bytes`);
    const fresh = done ? decoder.close() : decoder.push(value);
    events.push(...fresh);
    if (!isHandedOn) fresh.some(isWord);
    if (done && isHandedOn) fresh.some(isWord);
    if (opening !== undefined)
      return opened(opening, response.status, { reader, decoder, chunks, events, opening });
    if (done) throw new MalformedReply("the stream ended before its first event");
  }
};

/** A fault counts as the stream's only when nothing was said before it. */
const opened = async ({ fault }: Glance, status: number, stream: OpenedStream): Promise<Found> => {
  if (fault === undefined) return [status, { kind: "events", stream }];
  await stream.reader.cancel(); // nothing of it will be read
  return [fault.status, { kind: "fault", fault, value: undefined, bytes: new Uint8Array() }];
};

/** What an event says, if anything. */
const wordOf = (dialect: UpstreamDialect, event: SseEvent): Glance | undefined => {
  const glance = dialect.glance(event);
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
