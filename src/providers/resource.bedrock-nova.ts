/**
 * Records of a batch in the words of Nova's InvokeModel, which takes tools where Converse's records do not
 * (docs.aws.amazon.com/bedrock/latest/userguide/batch-inference.html). "The request schema is nearly identical
 * between the Invoke API and Converse API": docs.aws.amazon.com/nova/latest/nova2-userguide/request-response-schema.html
 */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";
import type { Written } from "./dialect.ts";

/** A request of Converse's as Nova's own: what is beside its fields there is in `inferenceConfig` here. */
export const novaInput = ({ body, notes }: Written<JsonObject>): Written<JsonObject> => {
  const { system, messages, toolConfig, inferenceConfig, additionalModelRequestFields, ...rest } = body;
  if (hasDocument(messages))
    throw invalidRequest("body.messages", "hold a document, which Nova takes in a batch without tools only");
  const { inferenceConfig: more, ...others } = objectOf(additionalModelRequestFields);
  const config = { ...objectOf(inferenceConfig), ...objectOf(more), ...others };
  return {
    body: defined({
      system,
      messages,
      inferenceConfig: Object.keys(config).length === 0 ? undefined : config,
      toolConfig,
    }),
    notes: [...notes, ...Object.keys(rest).map((name) => NAMES.get(name) ?? name)],
  };
};

/** What clients call the fields that Nova has no word for. */
const NAMES = table({ outputConfig: "response_format", serviceTier: "service_tier" });

/** "The Invoke API supports the same features as the Converse API except for document input." */
const hasDocument = (value: JsonValue | undefined): boolean => {
  if (isArray(value)) return value.some(hasDocument);
  if (!isObject(value)) return false;
  const { document, content, toolResult } = value;
  return document !== undefined || hasDocument(content) || hasDocument(toolResult);
};

const objectOf = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});
