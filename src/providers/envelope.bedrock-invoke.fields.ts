/** What Anthropic's own API takes in a body, and InvokeModel answers with "Extra inputs are not permitted". */
import type { JsonEdit } from "../lib/json-splice.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { EAGER } from "./bedrock-betas.ts";
import { familyOf } from "./bedrock-converse.families.ts";
import { factsOf } from "./claude.models.ts";
import type { Note } from "./dialect.ts";

export interface FieldEdits {
  readonly edits: readonly JsonEdit[];
  readonly notes: readonly Note[];
}

/** `model` is the name that tells the model's version. */
export const refusedFields = (body: JsonObject, model: JsonValue | undefined): FieldEdits => {
  const { edits, notes } = outputEdits(body, isString(model) ? model : "");
  return { edits: [...eagerTools(body), ...edits], notes };
};

const eagerTools = ({ tools }: JsonObject): readonly JsonEdit[] =>
  listOf(tools).flatMap((tool, index): JsonEdit[] =>
    isObject(tool) && tool[EAGER] !== undefined ? [{ op: "remove", path: ["tools", index, EAGER] }] : [],
  );

/** github.com/BerriAI/litellm/pull/28312 (`format`), github.com/anthropics/claude-code-action/issues/1005 (`effort`) */
const outputEdits = ({ output_config: output }: JsonObject, model: string): FieldEdits => {
  if (!isObject(output)) return { edits: [], notes: [] };
  const refused = [
    ...(familyOf(model, undefined).formats ? [] : ["format"]),
    ...(factsOf(model).efforts.length === 0 ? ["effort"] : []),
  ].filter((field) => output[field] !== undefined);
  const isNothing = Object.keys(output).every((field) => refused.includes(field));
  const removed: JsonEdit[] = refused.map((field) => ({ op: "remove", path: ["output_config", field] }));
  return {
    edits: isNothing ? [{ op: "remove", path: ["output_config"] }] : removed,
    notes: refused.map((field) => `output_config.${field}`),
  };
};

const listOf = (value: JsonValue | undefined): readonly JsonValue[] => (isArray(value) ? value : []);
