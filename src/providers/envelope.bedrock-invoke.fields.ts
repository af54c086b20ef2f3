/** What Anthropic's own API takes in a body, and InvokeModel answers with "Extra inputs are not permitted". */
import type { JsonEdit } from "../lib/json-splice.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { bodyBetas, EAGER } from "./bedrock-betas.ts";
import { familyOf } from "./bedrock-converse.families.ts";
import { names } from "./body-fields.ts";
import { factsOf } from "./claude.models.ts";
import type { Note } from "./dialect.ts";

export interface FieldEdits {
  readonly edits: readonly JsonEdit[];
  readonly notes: readonly Note[];
  /** Betas that what is left needs, or that say what is gone. */
  readonly betas: readonly string[];
}

/** `model` is the name that tells the model's version. */
export const refusedFields = (body: JsonObject, model: string): FieldEdits => {
  const output = outputEdits(body, model);
  const whole = wholeCache(body);
  return {
    edits: [...eagerTools(body), ...output.edits, ...scopeEdits(body), ...whole.edits],
    notes: [...output.notes, ...whole.notes],
    betas: bodyBetas(body),
  };
};

const eagerTools = ({ tools }: JsonObject): readonly JsonEdit[] =>
  listOf(tools).flatMap((tool, index): JsonEdit[] =>
    isObject(tool) && tool[EAGER] !== undefined ? [{ op: "remove", path: ["tools", index, EAGER] }] : [],
  );

/** github.com/BerriAI/litellm/pull/28312 (`format`), github.com/anthropics/claude-code-action/issues/1005 (`effort`) */
const outputEdits = ({ output_config: output }: JsonObject, model: string): Omit<FieldEdits, "betas"> => {
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

const MARK = "cache_control";

/** Whom a cache is for is told by the beta of that name, which Bedrock refuses: it is the account's there. */
const scopeEdits = ({ tools, system, messages }: JsonObject): readonly JsonEdit[] => {
  const within = (list: JsonValue | undefined, ...path: readonly (string | number)[]): JsonEdit[] =>
    listOf(list).flatMap((block, index): JsonEdit[] => {
      const mark = isObject(block) ? block[MARK] : undefined;
      const isScoped = isObject(mark) && mark["scope"] !== undefined;
      return isScoped ? [{ op: "remove", path: [...path, index, MARK, "scope"] }] : [];
    });
  return [
    ...within(tools, "tools"),
    ...within(system, "system"),
    ...listOf(messages).flatMap((message, at) =>
      isObject(message) ? within(message["content"], "messages", at, "content") : [],
    ),
  ];
};

/**
 * A mark for the whole request stands on its last block (platform.claude.com/docs/en/build-with-claude/prompt-caching,
 * "Automatic caching"; refused: github.com/UKGovernmentBEIS/inspect_ai/pull/3851, github.com/BerriAI/litellm/issues/26320).
 */
const wholeCache = ({ [MARK]: mark, messages }: JsonObject): Omit<FieldEdits, "betas"> => {
  if (mark === undefined) return { edits: [], notes: [] };
  const gone: JsonEdit = { op: "remove", path: [MARK] };
  const at = listOf(messages).length - 1;
  const last = listOf(messages)[at];
  const content = isObject(last) ? last["content"] : undefined;
  const path = ["messages", at, "content"];
  if (!isObject(mark)) return { edits: [gone], notes: [] };
  const { scope: _, ...kept } = mark;
  if (isString(content) && content.trim() !== "") {
    const value = [{ type: "text", text: content, [MARK]: kept }];
    return { edits: [gone, { op: "set", path, value }], notes: [] };
  }
  const index = listOf(content).findLastIndex(isMarkable);
  if (index === -1) return { edits: [gone], notes: [MARK] };
  const block = listOf(content)[index];
  const isMarked = isObject(block) && block[MARK] !== undefined;
  const set: JsonEdit = { op: "set", path: [...path, index, MARK], value: kept };
  return { edits: isMarked ? [gone] : [gone, set], notes: [] };
};

const isMarkable = (block: JsonValue): boolean => {
  if (!isObject(block) || block["text"] === "") return false;
  return isString(block["type"]) && MARKABLE.has(block["type"]);
};

const MARKABLE = names("text image document search_result tool_use tool_result");

const listOf = (value: JsonValue | undefined): readonly JsonValue[] => (isArray(value) ? value : []);
