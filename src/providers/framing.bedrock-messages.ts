/**
 * Claude's stream behind Bedrock's InvokeModelWithResponseStream: every message of the AWS event stream holds
 * one event of Anthropic's own stream, as base64 in `bytes`
 * (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html).
 */
import type { Bytes } from "../lib/bytes.ts";
import type { Stage } from "../lib/reducer.ts";
import type { SseEvent } from "../lib/sse.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import { writeError } from "./anthropic-messages.errors.ts";
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

const NONE: readonly SseEvent[] = Object.freeze([]);

const unpack = (message: SseEvent): readonly SseEvent[] => {
  const name = message.event ?? "";
  if (isFailure(name))
    return [{ event: "error", data: JSON.stringify(writeError(readStreamError(message), null)) }];
  if (name !== "chunk") return NONE; // what later versions add
  const { bytes } = parsed(message.data);
  if (!isString(bytes)) throw malformed("chunk");
  return eventOf(Buffer.from(bytes, "base64").toString("utf8"));
};

/** The event is named by its `type`; without one it is none of the API's (a sign of life). */
const eventOf = (text: string): readonly SseEvent[] => {
  const { type } = parsed(text);
  return isString(type) ? [{ event: type, data: onOneLine(text) }] : NONE;
};

/** A line break in JSON stands between values only, and would cut the frame that it is written into. */
const onOneLine = (json: string): string => json.replaceAll(/[\r\n]+/g, " ").trim();

const parsed = (text: string): JsonObject => {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // told below
  }
  throw malformed("payload");
};

const malformed = (what: string): MalformedReply =>
  new MalformedReply(`A message of the event stream has a wrong ${what}`);
