/**
 * Claude's stream behind Bedrock's InvokeModelWithResponseStream: every message of the AWS event stream holds
 * one event of Anthropic's own stream, as base64 in `bytes`
 * (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html).
 */
import type { Bytes } from "../lib/bytes.ts";
import type { Stage } from "../lib/reducer.ts";
import type { SseEvent } from "../lib/sse.ts";
import { isString } from "../schema/json.ts";
import { writeError } from "./anthropic-messages.errors.ts";
import { chunkJson, chunkText } from "./bedrock-chunk.ts";
import { isFailure, readStreamError } from "./bedrock-converse.errors.ts";
import { decodeAwsEventstream } from "./framing.aws-eventstream.ts";

/** Bytes to the events that Anthropic's own API would have sent; an exception becomes its `error`. */
export const decodeBedrockMessages = (): Stage<Bytes, SseEvent> => {
  const messages = decodeAwsEventstream();
  return {
    push: (bytes) => messages.push(bytes).flatMap(unpack),
    close: () => messages.close(),
  };
};

const NONE: readonly SseEvent[] = [];

const unpack = (message: SseEvent): readonly SseEvent[] => {
  if (isFailure(message.event ?? ""))
    return [{ event: "error", data: JSON.stringify(writeError(readStreamError(message), null)) }];
  const text = chunkText(message);
  return text === undefined ? NONE : eventOf(text);
};

/** The event is named by its `type`; without one it is none of the API's (a sign of life). */
const eventOf = (text: string): readonly SseEvent[] => {
  const { type } = chunkJson(text);
  return isString(type) ? [{ event: type, data: onOneLine(text) }] : NONE;
};

/** A line break in JSON stands between values only, and would cut the frame that it is written into. */
const onOneLine = (json: string): string => json.replaceAll(/[\r\n]+/g, " ").trim();
