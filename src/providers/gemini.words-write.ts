/** Finish words, token counts and log probabilities of canonical answers, in Gemini's words. */
import { defined } from "../lib/defined.ts";
import type { Finish, Usage } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber, isObject, isString } from "../schema/json.ts";
import { objectsIn } from "./gemini.fields.ts";
import { ID } from "./gemini.parts.ts";
import { readFinish } from "./gemini.words.ts";

/** The vendor's own word where it said one; `FinishReason` of the Google Gen AI SDK. */
export const writeFinish = (finish: Finish, raw: string | undefined): string =>
  raw !== undefined && readFinish(raw, false) !== "unknown" && raw === raw.toUpperCase()
    ? raw
    : WORDS[finish];

/** Thoughts are counted beside the candidates: `UsageMetadata` in the API reference. */
export const writeUsage = (usage: Usage): JsonObject => {
  if (usage.native?.dialect === ID) return usage.native.fields;
  const thoughts = usage.reasoning ?? 0;
  return defined({
    promptTokenCount: usage.input,
    candidatesTokenCount: Math.max(0, usage.output - thoughts),
    totalTokenCount: usage.input + usage.output,
    cachedContentTokenCount: usage.cacheRead,
    thoughtsTokenCount: usage.reasoning,
    promptTokensDetails: audioDetails(usage.audioInput),
    candidatesTokensDetails: audioDetails(usage.audioOutput),
  });
};

/** OpenAI's log probabilities as a `logprobsResult`; undefined where they are none. */
export const writeLogprobs = (logprobs: JsonValue): JsonObject | undefined => {
  if (!isObject(logprobs)) return undefined;
  const tokens = objectsIn(logprobs["content"]);
  return {
    chosenCandidates: tokens.map(tokenOf),
    topCandidates: tokens.map((token) => ({ candidates: objectsIn(token["top_logprobs"]).map(tokenOf) })),
  };
};

const WORDS: Readonly<Record<Finish, string>> = Object.freeze({
  stop: "STOP",
  "stop-sequence": "STOP",
  length: "MAX_TOKENS",
  "tool-calls": "STOP",
  "content-filter": "SAFETY",
  refusal: "SAFETY",
  pause: "OTHER",
  "context-length": "MAX_TOKENS",
  unknown: "OTHER",
});

const audioDetails = (count = 0): readonly JsonObject[] | undefined =>
  count === 0 ? undefined : [{ modality: "AUDIO", tokenCount: count }];

const tokenOf = ({ token, logprob }: JsonObject): JsonObject => ({
  token: isString(token) ? token : "",
  logProbability: isNumber(logprob) ? logprob : 0,
});
