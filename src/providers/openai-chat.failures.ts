/** Answers whose choices ended because the provider failed: what they say so far is no answer. */
import { table } from "../lib/table.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";

/** The error of a reply or a chunk of which every choice failed; `undefined` of any other. */
export const failureOf = ({ choices }: JsonObject): JsonObject | undefined => {
  if (!isArray(choices)) return undefined;
  const [choice] = choices;
  if (choice === undefined || !isFailed(choice) || !choices.every(isFailed)) return undefined;
  const { error, finish_reason: word } = isObject(choice) ? choice : {};
  if (isObject(error)) return { error };
  return { error: { message: isString(word) ? (FAILURES.get(word) ?? word) : "", code: word ?? null } };
};

const isFailed = (choice: JsonValue): boolean =>
  isObject(choice) && isString(choice["finish_reason"]) && FAILURES.has(choice["finish_reason"]);

/**
 * Mistral's and OpenRouter's word, which has the `error` beside it there, DeepSeek's, and GLM's for an inference
 * that broke (docs.bigmodel.cn, "finish_reason").
 */
const FAILURES = table({
  error: "The generation failed",
  insufficient_system_resource: "The provider had too few resources to finish",
  network_error: "The model's inference failed",
});
