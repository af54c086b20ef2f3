/** How an endpoint other than chat is mapped where a provider does not speak OpenAI's shape. */
import type { HeaderFields } from "../lib/header-fields.ts";
import type { Bytes } from "../lib/bytes.ts";
import type { Stage } from "../lib/reducer.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { ChatEvent } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import type { RequestTarget, Written } from "./dialect.ts";

/** A whole reply of an upstream. */
export interface CodecReply {
  readonly contentType: string;
  readonly headers?: HeaderFields;
  readonly bytes: Bytes;
  /** The body as JSON, where it is an object. */
  readonly json: JsonObject | undefined;
}

export interface CodecContext extends RequestTarget {
  /** The client's body, overrides applied. */
  readonly request: JsonObject;
  readonly model: string;
  /** Seconds since 1970. */
  readonly now: number;
}

export interface Codec {
  /** The same request may come as a form: its fields as texts, and its files as lists of data URIs. */
  readonly takesForms?: true;
  /** The upstream's body: JSON, or a form. Throws `GatewayError("invalid_request")` with the path of the first fault. */
  write(body: JsonObject, target: RequestTarget): Written<JsonObject | FormData>;
  /** The reply in OpenAI's shape. Throws `MalformedReply`. */
  read(reply: CodecReply, context: CodecContext): JsonObject;
  /**
   * Of completions that the vendor streams: its frames, cut as the row's framing says, to the events of an answer
   * that is text alone. Emits `error` for an error frame, `end` only for a complete answer.
   */
  readStream?(context: CodecContext): Stage<SseEvent, ChatEvent>;
}
