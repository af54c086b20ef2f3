/**
 * What a dialect module offers: reading and writing requests, replies, streams and errors.
 *
 * Reading goes from the wire to canonical, writing from canonical to the wire. Everything is pure. A
 * writer never drops anything in silence: what it cannot say goes into `notes`.
 */
import type { HeaderFields } from "../lib/header-fields.ts";
import type { JsonEdit } from "../lib/json-splice.ts";
import type { Stage } from "../lib/reducer.ts";
import type { Marks } from "../lib/sse-frames.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { Chat, ChatEvent, ChatReply, ClientDialectId, DialectId, Fault, Usage } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import type { ThinkingWords } from "../schema/provider-row.ts";

/** The path of something that could not be carried, e.g. `logit_bias` or `messages.2.content.0 (audio)`. */
export type Note = string;

export interface Written<T> {
  readonly body: T;
  readonly notes: readonly Note[];
}

/** What is changed of a body that goes on as it came, and what is missing then. */
export interface Edited {
  readonly edits: readonly JsonEdit[];
  readonly notes: readonly Note[];
}

/** What a request writer needs to know of the target. */
export interface RequestTarget {
  /** The provider's id, for messages. */
  readonly provider: string;
  /** A provider option by its snake_case name. */
  readonly option: (name: string) => string | undefined;
  /** The row's quirks of these names. */
  readonly reasoningField?: string | undefined;
  readonly thinking?: ThinkingWords | undefined;
  readonly takesTopK?: boolean | undefined;
  readonly systemFirst?: boolean | undefined;
}

/** What the gateway keeps of an answer, for a dialect whose answers can be asked for again. */
export interface KeptAnswer {
  readonly id: string;
  /** The answer that it goes on from. */
  readonly previousId: string | null;
  /** Whether it is to be kept at all. */
  readonly isStored: boolean;
}

/** What a reply writer needs to know of the client's request. */
export interface ReplyOptions {
  readonly provider: string;
  /** `strict_open_ai_compliance`: no field that the dialect's vendor does not document. */
  readonly strict: boolean;
  /** Whether the upstream speaks the client's API: a stream of it made whole, or the other way, keeps what it thought. */
  readonly isOwn?: boolean;
  /** Whether a streaming client asked for usage. */
  readonly includeUsage: boolean;
  /** Seconds since 1970, for dialects that must state when the answer was made. */
  readonly now: number;
  /** The client's body, for dialects whose answers repeat it. */
  readonly request?: JsonObject;
  /** Absent where nothing is kept and the upstream's id names the answer. */
  readonly kept?: KeptAnswer | undefined;
}

/** What a passing stream frame of the upstream tells the tap, without translating it. */
export interface Glance {
  readonly model?: string;
  readonly usage?: Usage;
  /** The provider's finish word, once one was given. */
  readonly finish?: string;
  readonly fault?: Fault;
  /** The frame carries generated content (for TTFT). */
  readonly content?: boolean;
  /** The frame closes a complete answer (`[DONE]`, `message_stop`). */
  readonly end?: boolean;
}

/** The half of a dialect that an upstream needs. */
export interface UpstreamDialect {
  readonly id: DialectId;
  writeRequest(chat: Chat, target: RequestTarget): Written<JsonObject>;
  /** Throws `MalformedReply` when the body is not an answer of this dialect. */
  readReply(body: JsonObject): ChatReply;
  /** One reply made of a body that is none by itself; `undefined` where it is no answer of this dialect either. */
  joined?(body: unknown): JsonObject | undefined;
  /** Upstream frames to canonical events. Emits `error` for an error frame, `end` only for a complete answer. */
  readStream(): Stage<SseEvent, ChatEvent>;
  /** The upstream's error body (parsed JSON, or text when it was not JSON); some name the error in a header. */
  readError(status: number, body: unknown, headers?: HeaderFields): Fault;
  /** Looks at a frame without translating it. */
  glance(frame: SseEvent): Glance;
  /** Usage and model of a whole JSON reply, without translating it; a fault when it is an error in spite of its status. */
  glanceReply(body: JsonObject): Glance;
}

/** The half of a dialect that a client needs. */
export interface ClientDialect {
  readonly id: ClientDialectId;
  /** Throws `GatewayError("invalid_request")` with the path of the first fault. */
  readRequest(body: JsonObject): Chat;
  /** Leaves out of a body for an upstream of this dialect what another provider said and this one would refuse. */
  withoutForeign?(body: JsonObject): Edited;
  writeReply(reply: ChatReply, options: ReplyOptions): Written<JsonObject>;
  /** Canonical events to text of whole frames. After `error` it writes an error frame and nothing that looks like an end. */
  writeStream(options: ReplyOptions): Stage<ChatEvent, string>;
  /** The body of an error response in this dialect; `provider` is null for an error of our own. */
  writeError(fault: Fault, provider: string | null): JsonObject;
  /**
   * An error body of this dialect for a client of the same dialect: as it came (`"as-is"`), with the
   * provider named in it, or undefined when the body is not an error of this dialect.
   */
  ownError(body: JsonObject, provider: string): JsonObject | "as-is" | undefined;
  /** One frame that ends a stream with an error in this dialect, starting with a blank line. */
  writeStreamError(fault: Fault): string;
  /** Its streams always say where they end: a reason to finish is not yet that. */
  readonly saysEnd?: true;
  /** What bridges a pause of a stream, where the vendor's clients take a comment for an answer. */
  readonly pause?: string;
  /** Texts of which every frame holds one that `glance` may have more to say of than that it is content. */
  readonly marks: Marks;
}

/** A dialect that is spoken on both sides. */
export type ChatDialect = UpstreamDialect & ClientDialect;
