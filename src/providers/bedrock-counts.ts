/**
 * What a model on Bedrock used, as the service counts it whatever the model: in headers, and at the end of a stream.
 * Neither is in the API's reference; github.com/BerriAI/litellm/issues/34373 and /pull/36878 show that the input
 * leaves out the cache.
 */
import { defined } from "../lib/defined.ts";
import type { HeaderFields } from "../lib/header-fields.ts";
import type { Usage } from "../schema/chat.ts";
import type { JsonValue } from "../schema/json.ts";
import { isNumber, isObject } from "../schema/json.ts";

/** The field of a stream's last chunk. */
export const METRICS = "amazon-bedrock-invocationMetrics";

export const countsInHeaders = (headers: HeaderFields | undefined): Usage | undefined =>
  counted((name) => {
    const text = headers?.get(`x-amzn-bedrock-${name}-token-count`) ?? "";
    return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  });

export const countsInMetrics = (metrics: JsonValue | undefined): Usage | undefined =>
  counted((name) => {
    const value = isObject(metrics) ? metrics[FIELDS[name]] : undefined;
    return isNumber(value) ? value : undefined;
  });

type CountName = keyof typeof FIELDS;

/** The counts as headers name them, and as the metrics of a stream do. */
const FIELDS = Object.freeze({
  input: "inputTokenCount",
  output: "outputTokenCount",
  "cache-read-input": "cacheReadInputTokenCount",
  "cache-write-input": "cacheWriteInputTokenCount",
});

const counted = (count: (name: CountName) => number | undefined): Usage | undefined => {
  const [input, output] = [count("input"), count("output")];
  if (input === undefined && output === undefined) return undefined;
  const [cacheRead, cacheWrite] = [count("cache-read-input"), count("cache-write-input")];
  return {
    input: (input ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0),
    output: output ?? 0,
    ...defined({ cacheRead, cacheWrite }),
  };
};
