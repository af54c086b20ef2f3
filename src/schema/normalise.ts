/** One spelling for every key of a config, so that what is validated is what is used. */
import { isArray, isObject, type JsonObject, type JsonValue } from "./json.ts";

/** Keys whose values are somebody else's words (a provider's, a guardrail's, a body's) and stay as written. */
export const VERBATIM_KEYS: ReadonlySet<string> = new Set([
  "override_params",
  "params",
  "checks",
  "vertex_service_account_json",
  "conditions",
  "input_guardrails",
  "output_guardrails",
  "default_input_guardrails",
  "default_output_guardrails",
  // A mutator's keys are ids of checks, as a guardrail's are: `default.addPrefix`.
  "input_mutators",
  "output_mutators",
  "cb_config",
  "metadata",
]);

/** `object` with its keys in snake_case; of two spellings of one key, the later counts. */
export const normalise = (object: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(object).flatMap(([key, value]) => {
      const name = snakeCase(key);
      return value === undefined ? [] : [[name, VERBATIM_KEYS.has(name) ? value : normaliseValue(value)]];
    }),
  );

/** `onStatusCodes` as `on_status_codes`. What is not camelCase (`default.contains`) stays. */
export const snakeCase = (key: string): string =>
  CAMEL_CASE.test(key)
    ? key
        .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
        .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2") // …KMSKeyId is …kms_key_id
        .toLowerCase()
    : key;

const CAMEL_CASE = /^[a-z][A-Za-z0-9_]*$/;

const normaliseValue = (value: JsonValue): JsonValue => {
  if (isArray(value)) return value.map(normaliseValue);
  return isObject(value) ? normalise(value) : value;
};
