/** Whole replies of Converse, told as the events of its streams. */
import { defined } from "../lib/defined.ts";
import type { ChatReply } from "../schema/chat.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { readError } from "./bedrock-converse.errors.ts";
import { ConverseReader } from "./bedrock-converse.events.ts";
import { fold } from "./chat-events.ts";
import type { Glance } from "./dialect.ts";
import { readUsage } from "./bedrock-converse.usage.ts";

export const readReply = (body: JsonObject): ChatReply => {
  const content = contentOf(body);
  if (content === undefined) {
    const isError = isString(body["message"]) || isString(body["Message"]);
    throw new MalformedReply(isError ? readError(502, body).message : "The reply has no message", body);
  }
  const reader = new ConverseReader();
  reader.start(body["serviceTier"], nativeOf(body));
  for (const [index, block] of content.entries()) readBlock(reader, index, block);
  reader.finish(body["stopReason"] ?? "", body["additionalModelResponseFields"]);
  reader.usage(body["usage"], body["metrics"]);
  reader.end();
  return fold(reader.take());
};

export const glanceReply = (body: JsonObject): Glance => ({
  ...(isString(body["stopReason"]) ? { finish: body["stopReason"] } : {}),
  ...(isObject(body["usage"]) ? { usage: readUsage(body["usage"], body["metrics"]) } : {}),
});

const contentOf = (body: JsonObject): readonly JsonValue[] | undefined => {
  const output = body["output"];
  const message = isObject(output) ? output["message"] : undefined;
  const content = isObject(message) ? message["content"] : undefined;
  return isArray(content) ? content : undefined;
};

/** What a reply says beyond its message; of Claude's fields the stop sequence has a canonical word. */
const nativeOf = ({
  additionalModelResponseFields: fields,
  performanceConfig,
  trace,
}: JsonObject): JsonObject => {
  const isSaid = !isObject(fields) || Object.keys(fields).every((name) => name === "stop_sequence");
  const additionalModelResponseFields = isSaid ? undefined : fields;
  return defined({ additionalModelResponseFields, performanceConfig, trace });
};

const readBlock = (reader: ConverseReader, index: number, block: JsonValue): void => {
  if (!isObject(block)) throw new MalformedReply("A content block is not an object");
  const { text, toolUse, reasoningContent, citationsContent } = block;
  if (isString(text)) reader.blockDelta(index, { text });
  else if (isObject(toolUse) && toolUse["type"] === undefined) readToolUse(reader, index, toolUse);
  else if (isObject(reasoningContent)) readReasoning(reader, index, reasoningContent);
  else if (isObject(citationsContent)) readCitations(reader, index, citationsContent);
  else if (isObject(block["image"])) reader.blockStart(index, block);
  else reader.opaque(index, block);
  reader.blockStop(index);
};

const readToolUse = (reader: ConverseReader, index: number, toolUse: JsonObject): void => {
  reader.blockStart(index, { toolUse });
  reader.blockDelta(index, { toolUse: { input: JSON.stringify(toolUse["input"] ?? {}) } });
};

/** Streams spell it flat, replies one level deeper. */
const readReasoning = (reader: ConverseReader, index: number, content: JsonObject): void => {
  const { reasoningText } = content;
  reader.blockDelta(index, { reasoningContent: isObject(reasoningText) ? reasoningText : content });
};

const readCitations = (reader: ConverseReader, index: number, content: JsonObject): void => {
  for (const part of isArray(content["content"]) ? content["content"] : [])
    if (isObject(part)) reader.blockDelta(index, { text: part["text"] });
  for (const citation of isArray(content["citations"]) ? content["citations"] : [])
    reader.citation(index, citation);
};
