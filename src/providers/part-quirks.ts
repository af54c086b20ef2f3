/**
 * Parts of messages that Mistral spells in its own way, and refuses in OpenAI's: `DocumentURLChunk`, `FileChunk` and
 * `AudioChunk` of @mistralai/mistralai 2.7.
 */
import { defined } from "../lib/defined.ts";
import type { JsonEdit } from "../lib/json-splice.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";

/** The parts of that spelling in a conversation, each in the vendor's. */
export const partEdits = (messages: JsonValue | undefined): readonly JsonEdit[] =>
  isArray(messages)
    ? messages.flatMap((message, at) => {
        const content = isObject(message) ? message["content"] : undefined;
        return isArray(content) ? contentEdits(content, at) : [];
      })
    : [];

const contentEdits = (content: readonly JsonValue[], at: number): readonly JsonEdit[] =>
  content.flatMap((part, index): JsonEdit[] => {
    const value = isObject(part) ? respelled(part) : undefined;
    return value === undefined ? [] : [{ op: "set", path: ["messages", at, "content", index], value }];
  });

const respelled = ({ type, file, input_audio: sound }: JsonObject): JsonObject | undefined => {
  if (type === "file" && isObject(file)) return documentOf(file);
  if (type === "input_audio" && isObject(sound) && isString(sound["data"]))
    return { type, input_audio: sound["data"] };
  return undefined;
};

const documentOf = (file: JsonObject): JsonObject | undefined => {
  const { file_id: id, file_data: data, file_url: url, filename: name } = file;
  const place = data ?? url;
  if (isString(place)) return defined({ type: "document_url", document_url: place, document_name: name });
  return isString(id) ? { type: "file", file_id: id } : undefined;
};
