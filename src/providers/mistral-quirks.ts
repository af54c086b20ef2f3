/**
 * What Mistral's own chat API takes in its own way, wherever it is served: at the vendor and, with the same body, on
 * Vertex AI (docs.cloud.google.com/vertex-ai/generative-ai/docs/partner-models/mistral).
 */
import { MISTRAL_EFFORTS } from "./efforts.ts";
import { ALL_SENT_BACK, MISTRAL_REFUSES } from "./refused-fields.ts";

// docs.mistral.ai/api: random_seed, safe_prompt, tool_choice "any" (also takes "required" today)
export const MISTRAL_QUIRKS = Object.freeze({
  developerAsSystem: true,
  rename: { max_completion_tokens: "max_tokens", seed: "random_seed", safe_mode: "safe_prompt" },
  values: { tool_choice: { required: "any" } },
  // "Input should be less than or equal to": github.com/vegu-ai/talemate/issues/102, of today's limit
  // github.com/SillyTavern/SillyTavern/pull/4856
  atMost: { temperature: 1.5 },
  refuses: MISTRAL_REFUSES,
  refusesEmptyLists: ["tools"], // "extra_forbidden": github.com/partITech/php-mistral/issues/76
  // of `name`: github.com/Gage-Technologies/mistral-go/pull/2
  refusesInMessages: [...ALL_SENT_BACK, "name"],
  efforts: MISTRAL_EFFORTS,
  // "must be a-z, A-Z, 0-9, with a length of 9" (github.com/karthink/gptel/issues/1203) and "Unexpected role
  // 'user' after role 'tool'" (github.com/BerriAI/litellm/issues/17761)
  callIdLength: 9,
  answersTools: true,
  refusesEmpty: true,
  prefillField: "prefix",
  mistralParts: true,
  // "extra_forbidden", and usage is told without it: github.com/dnakov/anon-kode/issues/53
  removes: ["stream_options"],
});
