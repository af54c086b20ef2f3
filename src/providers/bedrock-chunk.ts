/**
 * A message of Bedrock's InvokeModelWithResponseStream: a piece of the model's own stream, as base64 in `bytes`
 * (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_PayloadPart.html).
 */
import type { SseEvent } from "../lib/sse.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";

/** What the message holds; undefined for kinds of messages that later versions add. */
export const chunkText = ({ event, data }: SseEvent): string | undefined => {
  if (event !== "chunk") return undefined;
  const { bytes } = chunkJson(data);
  if (!isString(bytes)) throw malformed("chunk");
  return Buffer.from(bytes, "base64").toString("utf8");
};

export const chunkJson = (text: string): JsonObject => {
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
