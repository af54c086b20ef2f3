/** From an outcome to the response the client gets: passed through, edited or translated. */
import type { Bytes } from "../lib/bytes.ts";
import type { Stage } from "../lib/reducer.ts";
import { pipe, runAll } from "../lib/reducer.ts";
import type { AnswerName } from "../providers/answer-name.ts";
import { named, naming } from "../providers/answer-name.ts";
import { unfold } from "../providers/chat-events.ts";
import type { ChatDialect, Glance, ReplyOptions, UpstreamDialect } from "../providers/dialect.ts";
import { completionFrames, completionWriter } from "../providers/completion-stream.ts";
import { clientDialect, upstreamDialect } from "../providers/dialects.ts";
import { imageFrames } from "../providers/image-stream.ts";
import { ownNames } from "../providers/tool-names.ts";
import type { ChatEvent, ChatReply } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isNumber, isObject } from "../schema/json.ts";
import type { Outcome } from "../schema/outcome.ts";
import type { Endpoint } from "../schema/provider-row.ts";
import type { Recorder } from "../telemetry/recorder.ts";
import { bodyStream } from "./body-stream.ts";
import type { Call } from "./call.ts";
import { arrayed, arrayOf } from "./json-array.ts";
import { tapOf } from "./native-tap.ts";
import { isStream } from "./peek.stream.ts";
import { isSameDialect, isSameStream } from "./peek.ts";
import { effectiveBody, wantsStream } from "./prepare.ts";
import { refuseFailed } from "./refuse.ts";
import { sessionReply } from "./realtime.reply.ts";
import type { RelayEnd } from "./relay.ts";
import { leftEnd, relay } from "./relay.ts";
import { noteEvent, noteGlance, reframed, tapped, translated } from "./relayed.ts";
import type { OpenedStream, Reply, ReplyContent } from "./reply-head.ts";
import { responseHeaders } from "./response-headers.ts";
import { compacted } from "./responses.compact.ts";
import type { HandedOn } from "./responses.keep.ts";
import { holdLast, keepingRelay, keepResponse, turnOf } from "./responses.keep.ts";
import type { Turn } from "./responses.turn.ts";
import { noting } from "./stream-notes.ts";
import type { ResolvedTarget } from "./target.ts";

type Replied = Extract<Outcome<Reply>, { kind: "answered" | "refused" }>;

export const replyTo = (call: Call, outcome: Outcome<Reply>): Response | Promise<Response> => {
  if (outcome.kind === "failed") return refuseFailed(call, outcome);
  if (outcome.kind === "cancelled") return nobodyListens(call.recorder);
  const { content } = outcome.reply;
  switch (content.kind) {
    case "json":
      return jsonReply(call, outcome, content.bytes, content.glance);
    case "chat":
      return chatReply(call, outcome, content.read);
    case "events":
      return streamReply(call, outcome, content);
    case "mapped":
      return mappedReply(call, outcome, content.value);
    case "body":
      return bodyReply(call, outcome, content.body);
    case "socket":
      return sessionReply(call, outcome, content.socket);
    case "fault":
      return faultReply(call, outcome, content);
  }
};

/** The client has left: for the record alone. */
export const nobodyListens = (recorder: Recorder): Response => {
  recorder.settle(499, "cancelled");
  return new Response(null, { status: 499 });
};

const jsonReply = (call: Call, outcome: Replied, bytes: Bytes, glance: Glance): Response => {
  noteGlance(call.recorder, glance);
  call.recorder.settle(outcome.reply.status, outcome.kind);
  const headers = responseHeaders(call, outcome, typeOfJson(call, outcome.reply));
  return new Response(bytes, { status: outcome.reply.status, headers });
};

/** Clients read JSON only where they are told that it is some, which not every server tells. */
const typeOfJson = (call: Call, { headers }: Reply): string | undefined => {
  const type = headers.get("content-type") ?? "";
  const isKnown = type === JSON_TYPE || call.inbound.ingress.endpoint !== "chat" || /json/i.test(type);
  return isKnown ? undefined : JSON_TYPE;
};

const JSON_TYPE = "application/json";

/** A whole answer in the client's dialect, as JSON or, for a client that asked for one, as a stream. */
const chatReply = (call: Call, outcome: Replied, read: ChatReply): Response | Promise<Response> => {
  const { status, target } = outcome.reply;
  const { client } = dialectsOf(call, outcome.reply);
  const options = replyOptions(call, target);
  const reply = named(read, nameOf(call, target));
  const events = unfold(reply);
  for (const event of events) noteEvent(call.recorder, event);
  call.recorder.stream = wantsStream(call, target);
  const type = call.recorder.stream ? streamType(call) : "application/json";
  const respond = (text: string): Response => {
    call.recorder.settle(status, outcome.kind);
    return new Response(text, { status, headers: responseHeaders(call, outcome, type) });
  };
  const turn = turnOf(call, target);
  if (call.recorder.stream) call.recorder.note(...client.writeReply(reply, options).notes);
  const written = call.recorder.stream
    ? writtenFrames(call, client.writeStream(options), events, turn)
    : writtenJson(call, client, reply, options, turn);
  return written instanceof Promise ? written.then(respond) : respond(written);
};

const isArray = ({ inbound }: Call): boolean => inbound.ingress.native?.isArray === true;

const streamType = (call: Call): string => (isArray(call) ? "application/json" : "text/event-stream");

const writtenFrames = (
  call: Call,
  writer: Stage<ChatEvent, string>,
  events: readonly ChatEvent[],
  turn: Turn | undefined,
): string | Promise<string> => {
  if (turn === undefined) {
    const text = runAll(writer, events).join("");
    return isArray(call) ? arrayOf(text) : text;
  }
  const holding = holdLast(writer, turn, call.recorder);
  const text = runAll(holding.writer, events).join("");
  return holding.release()?.then((last) => text + last) ?? text;
};

const writtenJson = (
  call: Call,
  client: ChatDialect,
  read: ChatReply,
  options: ReplyOptions,
  turn: Turn | undefined,
): string | Promise<string> => {
  const { body, notes } = client.writeReply(read, options);
  call.recorder.note(...notes);
  if (call.inbound.ingress.compacts === true) return JSON.stringify(compacted(call, body));
  if (turn === undefined) return JSON.stringify(body);
  return keepResponse(turn, body, call.recorder).then((kept) => JSON.stringify(kept));
};

const mappedReply = (call: Call, outcome: Replied, value: JsonObject): Response => {
  const { status } = outcome.reply;
  noteGlance(call.recorder, clientDialect("openai-chat").glanceReply(value));
  const { target } = outcome.reply;
  const frames = wantsStream(call, target)
    ? FRAMES[call.inbound.ingress.endpoint]?.(value, effectiveBody(call, target))
    : undefined;
  call.recorder.stream = frames !== undefined;
  call.recorder.settle(status, outcome.kind);
  return new Response(frames ?? JSON.stringify(value), {
    status,
    headers: responseHeaders(call, outcome, frames === undefined ? "application/json" : "text/event-stream"),
  });
};

/** Endpoints other than chat whose whole answers are made a stream where the client asked for one. */
const FRAMES: Readonly<Partial<Record<Endpoint, (value: JsonObject, request: JsonObject) => string>>> =
  Object.freeze({
    completions: completionFrames,
    images: imageFrames("image_generation.completed"),
    image_edits: imageFrames("image_edit.completed"),
  });

interface Dialects {
  readonly client: ChatDialect;
  readonly upstream: UpstreamDialect;
  readonly isSame: boolean;
}

const dialectsOf = (call: Call, reply: Reply): Dialects => {
  const client = clientDialect(call.inbound.ingress.dialect);
  const upstream = upstreamDialect(reply.target.row.dialect);
  return { client, upstream, isSame: isSameDialect(call, reply.target) };
};

const replyOptions = (call: Call, target: ResolvedTarget): ReplyOptions => {
  const request = effectiveBody(call, target);
  const streamOptions = request["stream_options"];
  return {
    provider: target.row.id,
    strict: target.strict,
    isOwn: isSameDialect(call, target),
    includeUsage: isObject(streamOptions) && streamOptions["include_usage"] === true,
    now: Math.floor(call.world.date() / 1000),
    request,
    kept: turnOf(call, target)?.answer,
  };
};

/** What an answer is called where its upstream says neither. */
const nameOf = (call: Call, target: ResolvedTarget): AnswerName => ({
  id: call.world.id(),
  model: target.model ?? "",
  ...(target.row.dialect === PROVING_DIALECT ? { provider: target.row.id } : {}),
  tools: ownNames(effectiveBody(call, target)),
});

/** The one whose proofs of thinking are spoken by several providers. */
const PROVING_DIALECT = "openai-responses";

type Events = Extract<ReplyContent, { kind: "events" }>;

const streamReply = (call: Call, outcome: Replied, events: Events): Response => {
  const { reply } = outcome;
  const { recorder, surroundings, connection } = call;
  recorder.stream = true;
  recorder.handsOn();
  const isHandedOn = events.text === undefined && isSameStream(call, reply.target);
  const handedOn = framedFor(call, relayedAs(call, reply, events, isHandedOn));
  const ended = (end: RelayEnd, reason: string | null): void => {
    if (reason !== null) recorder.error = { code: "stream_interrupted", message: reason };
    // An error frame of the upstream's own is an end, and not an answer.
    const ending = end === "answered" && recorder.error !== null ? "interrupted" : end;
    recorder.settle(end === "cancelled" ? 499 : reply.status, ending);
  };
  recorder.whenLeft(() => ended(leftEnd(handedOn.relayed), null));
  const body = relay({
    ...handedOn,
    idleMs: surroundings.limits.streamIdleMs,
    pingMs: surroundings.limits.pingMs,
    world: call.world,
    calls: call.calls,
    report: (thrown) => call.report(thrown),
    abort: () => reply.abort(),
    ended,
  });
  connection.streaming();
  const isAsItCame = isHandedOn && !isArray(call) && isStream(reply.target, reply);
  const headers = responseHeaders(call, outcome, isAsItCame ? undefined : streamType(call));
  return new Response(body, { status: reply.status, headers });
};

const relayedAs = (call: Call, reply: Reply, events: Events, isHandedOn: boolean): HandedOn => {
  const { client, isSame } = dialectsOf(call, reply);
  const { stream, text } = events;
  const { reader } = stream;
  if (text !== undefined) {
    const writer = completionWriter(replyOptions(call, reply.target));
    return { reader, relayed: translated(stream, text, writer, client, call.recorder) };
  }
  if (isHandedOn) {
    // Of several answers one may be at its end while another is not.
    const { n } = effectiveBody(call, reply.target);
    return { reader, relayed: tapped(stream, client, call.recorder, !isNumber(n) || n <= 1) };
  }
  if (isSame) return { reader, relayed: reframed(stream, client, call.recorder) };
  return translatedStream(call, reply, stream);
};

/** As one array, for a client that wants no events. */
const framedFor = (call: Call, handed: HandedOn): HandedOn =>
  isArray(call) ? { ...handed, relayed: arrayed(handed.relayed) } : handed;

const translatedStream = (call: Call, reply: Reply, stream: OpenedStream): HandedOn => {
  const { client, upstream } = dialectsOf(call, reply);
  const { recorder } = call;
  const reader = pipe(upstream.readStream(), naming(nameOf(call, reply.target)));
  const writer = noting(client, replyOptions(call, reply.target), recorder);
  const turn = turnOf(call, reply.target);
  const holding = turn && holdLast(writer, turn, recorder);
  const relayed = translated(stream, reader, holding?.writer ?? writer, client, recorder);
  const handed: HandedOn = { reader: stream.reader, relayed };
  return holding === undefined ? handed : keepingRelay(handed, holding);
};

const bodyReply = (call: Call, outcome: Replied, body: ReadableStream<Bytes> | null): Response => {
  const { reply } = outcome;
  const headers = responseHeaders(call, outcome);
  const hasBody =
    body !== null && reply.status !== 204 && reply.status !== 304 && call.inbound.method !== "HEAD";
  if (!hasBody) {
    // Told as the provider tells it: without a body, the server would tell of none (RFC 9110 §8.6).
    const length = call.inbound.method === "HEAD" ? reply.headers.get("content-length") : null;
    if (length !== null) headers.set("content-length", length);
    reply.abort();
    call.recorder.settle(reply.status, outcome.kind);
    return new Response(null, { status: reply.status, headers });
  }
  call.recorder.handsOn();
  return new Response(bodyStream(call, outcome, body, tapOf(call, reply)), { status: reply.status, headers });
};

/** An upstream's refusal: its status, its words, the client's dialect. */
const faultReply = (
  call: Call,
  outcome: Replied,
  content: Extract<ReplyContent, { kind: "fault" }>,
): Response => {
  const { status } = outcome.reply;
  call.recorder.error = { code: content.fault.type ?? `status_${status}`, message: content.fault.message };
  call.recorder.settle(status, "refused");
  const headers = responseHeaders(call, outcome, "application/json");
  return new Response(faultBody(call, outcome.reply, content), { status, headers });
};

const faultBody = (
  call: Call,
  reply: Reply,
  content: Extract<ReplyContent, { kind: "fault" }>,
): string | Bytes => {
  const { client, isSame } = dialectsOf(call, reply);
  const own =
    isSame && content.value !== undefined ? client.ownError(content.value, reply.target.row.id) : undefined;
  if (own === "as-is") return content.bytes;
  return JSON.stringify(own ?? client.writeError(content.fault, reply.target.row.id));
};
