/** Values of OpenAI's fields that ask for what happens unasked: whoever is not told of them misses nothing. */
import { table } from "../lib/table.ts";
import type { JsonValue } from "../schema/json.ts";
import { isArray } from "../schema/json.ts";

/** Whether a field asks for anything at all. */
export const asksFor = (field: string, value: JsonValue | undefined): boolean => {
  if (value === undefined || value === null || value === "" || (isArray(value) && value.length === 0))
    return false;
  return IDLE.get(field) !== JSON.stringify(value);
};

/** Defaults that `ChatCompletionCreateParamsBase` and `CompletionCreateParamsBase` of the OpenAI SDK 7.57 name. */
const IDLE = table<string>({
  best_of: "1",
  echo: "false",
  enable_search: "false",
  frequency_penalty: "0",
  logit_bias: "{}",
  logprobs: "false",
  metadata: "{}",
  modalities: '["text"]',
  n: "1",
  presence_penalty: "0",
  store: "false",
  temperature: "1",
  top_logprobs: "0",
  top_p: "1",
  verbosity: '"medium"',
});
