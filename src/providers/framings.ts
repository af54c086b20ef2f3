/** How streams are cut, by id: bytes to frames, and the content type that says a body is one. */
import type { Bytes } from "../lib/bytes.ts";
import type { Stage } from "../lib/reducer.ts";
import type { SseEvent } from "../lib/sse.ts";
import { decodeSse } from "../lib/sse.ts";
import type { FramingId } from "../schema/provider-row.ts";
import { decodeAwsEventstream } from "./framing.aws-eventstream.ts";
import { decodeBedrockMessages } from "./framing.bedrock-messages.ts";
import { decodeNdjson } from "./framing.ndjson.ts";

export interface Framing {
  /** What the content type of a stream starts with. */
  readonly contentType: string;
  /** A frame is an event: its name where it has one, and its payload as text. */
  decode(): Stage<Bytes, SseEvent>;
}

const FRAMINGS: ReadonlyMap<FramingId, Framing> = new Map<FramingId, Framing>([
  ["aws-eventstream", { contentType: "application/vnd.amazon.eventstream", decode: decodeAwsEventstream }],
  ["bedrock-messages", { contentType: "application/vnd.amazon.eventstream", decode: decodeBedrockMessages }],
  // Servers disagree on how it is called.
  ["ndjson", { contentType: "application/", decode: decodeNdjson }],
  ["sse", { contentType: "text/event-stream", decode: decodeSse }],
]);

export const framingOf = (id: FramingId = "sse"): Framing => {
  const framing = FRAMINGS.get(id);
  if (framing === undefined) throw new Error(`There is no framing ${id}`); // a row that no test has seen
  return framing;
};
