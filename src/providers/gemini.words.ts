/** Finish words, token counts and log probabilities of Gemini's answers, read into canonical. */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { Finish, Usage } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber, isString } from "../schema/json.ts";
import { objectsIn } from "./gemini.fields.ts";
import { ID } from "./gemini.parts.ts";

/** `STOP` is also how an answer of calls ends. */
export const readFinish = (word: string, hasCall: boolean): Finish => {
  const finish = FINISHES.get(word) ?? "unknown";
  return finish === "stop" && hasCall ? "tool-calls" : finish;
};

/** Whether an answer that ended so says less than the model meant to. */
export const isCutOff = (finish: Finish): boolean => finish === "content-filter" || finish === "refusal";

/**
 * `promptTokenCount` includes what was cached; what tools read and what was thought are counted beside
 * (`UsageMetadata` in the API reference: their sum is `totalTokenCount`).
 */
export const readUsage = (usage: JsonObject): Usage => {
  const reasoning = countOf(usage["thoughtsTokenCount"]);
  return {
    input: (countOf(usage["promptTokenCount"]) ?? 0) + (countOf(usage["toolUsePromptTokenCount"]) ?? 0),
    output: (countOf(usage["candidatesTokenCount"]) ?? 0) + (reasoning ?? 0),
    ...defined({
      cacheRead: countOf(usage["cachedContentTokenCount"]),
      reasoning,
      audioInput: audioOf(usage["promptTokensDetails"]),
      audioOutput: audioOf(usage["candidatesTokensDetails"]),
    }),
    native: { dialect: ID, fields: usage },
  };
};

/** A `logprobsResult` in OpenAI's shape: `ChatCompletionTokenLogprob` of its SDK. */
export const readLogprobs = (result: JsonObject): JsonObject => {
  const top = objectsIn(result["topCandidates"]);
  const content = objectsIn(result["chosenCandidates"]).map((chosen, at) => ({
    ...tokenOf(chosen),
    top_logprobs: objectsIn(top[at]?.["candidates"]).map(tokenOf),
  }));
  return { content, refusal: null };
};

/** ai.google.dev/api/generate-content#FinishReason; the second half are answers that went wrong. */
const FINISHES = table<Finish>({
  STOP: "stop",
  MAX_TOKENS: "length",
  CONTINUATION: "length",
  SAFETY: "content-filter",
  RECITATION: "content-filter",
  LANGUAGE: "content-filter",
  BLOCKLIST: "content-filter",
  PROHIBITED_CONTENT: "content-filter",
  SPII: "content-filter",
  MODEL_ARMOR: "content-filter",
  IMAGE_SAFETY: "content-filter",
  IMAGE_PROHIBITED_CONTENT: "content-filter",
  IMAGE_RECITATION: "content-filter",
  OTHER: "refusal",
  MALFORMED_FUNCTION_CALL: "refusal",
  MALFORMED_RESPONSE: "refusal",
  UNEXPECTED_TOOL_CALL: "refusal",
  TOO_MANY_TOOL_CALLS: "refusal",
  MISSING_THOUGHT_SIGNATURE: "refusal",
  NO_IMAGE: "refusal",
  IMAGE_OTHER: "refusal",
});

const countOf = (value: JsonValue | undefined): number | undefined => (isNumber(value) ? value : undefined);

const audioOf = (details: JsonValue | undefined): number | undefined =>
  countOf(objectsIn(details).find(({ modality }) => modality === "AUDIO")?.["tokenCount"]);

const tokenOf = ({ token, logProbability }: JsonObject): JsonObject => {
  const text = isString(token) ? token : "";
  return {
    token: text,
    logprob: isNumber(logProbability) ? logProbability : 0,
    bytes: [...Buffer.from(text, "utf8")],
  };
};
