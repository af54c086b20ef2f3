/** What came back from an upstream, looked at far enough to know whether it answered. */
import type { Bytes } from "../lib/bytes.ts";
import type { OpenedSocket } from "../lib/egress.ts";
import type { ByteReader } from "../lib/http.ts";
import type { Stage } from "../lib/reducer.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { Glance } from "../providers/dialect.ts";
import type { ChatEvent, ChatReply, Fault } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import type { ReplyHead } from "../schema/outcome.ts";
import type { ResolvedTarget } from "./target.ts";

/** A stream whose beginning was read; nothing has been promised to the client yet. */
export interface OpenedStream {
  readonly reader: ByteReader;
  readonly decoder: Stage<Bytes, SseEvent>;
  /** Bytes as they came, and the events cut from them so far. */
  readonly chunks: readonly Bytes[];
  readonly events: readonly SseEvent[];
  /** What the first event that said something says. */
  readonly opening: Glance;
}

export type ReplyContent =
  /** A whole JSON answer in the client's own dialect, to be passed on as it is. */
  | { readonly kind: "json"; readonly bytes: Bytes; readonly glance: Glance }
  /** A whole answer that has to be written in the client's dialect. */
  | { readonly kind: "chat"; readonly read: ChatReply }
  /** A stream, for a client that asked for one. What reads it is there where it is no chat's but a codec's. */
  | {
      readonly kind: "events";
      readonly stream: OpenedStream;
      readonly text?: Stage<SseEvent, ChatEvent>;
    }
  /** An endpoint other than chat, mapped by its codec. */
  | { readonly kind: "mapped"; readonly value: JsonObject }
  /** Bytes that are handed on unread. */
  | { readonly kind: "body"; readonly body: ReadableStream<Bytes> | null }
  /** An open connection: a realtime session may begin. */
  | { readonly kind: "socket"; readonly socket: OpenedSocket }
  /** What the upstream said was wrong, in no dialect, and the body it said it in. */
  | {
      readonly kind: "fault";
      readonly fault: Fault;
      readonly value: JsonObject | undefined;
      readonly bytes: Bytes;
    };

export interface Reply extends ReplyHead {
  readonly target: ResolvedTarget;
  readonly content: ReplyContent;
  /** It took a second connection, see `HttpResponse`. */
  readonly reconnected?: boolean | undefined;
  /** Ends the upstream call, whatever it is doing. */
  abort(): void;
}
