/**
 * Cache marks on clouds that know less of them than Anthropic's own API: they have no scope, and the body as a whole
 * has none ("cache_control: Extra inputs are not permitted": github.com/UKGovernmentBEIS/inspect_ai/pull/3851,
 * github.com/BerriAI/litellm/issues/26320; of a scope without its beta github.com/Portkey-AI/gateway/issues/1589).
 * What the body's means is said on the last block: platform.claude.com/docs/en/build-with-claude/prompt-caching.
 */
import type { JsonEdit } from "../lib/json-splice.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { names } from "./body-fields.ts";

export const cacheMarkEdits = (body: JsonObject): readonly JsonEdit[] => [
  ...["system", "tools", "messages"].flatMap((field) => scopesIn(body[field], [field])),
  ...wholeMark(body),
];

type Path = readonly (string | number)[];

const MARK = "cache_control";

/** Blocks and messages hold blocks. */
const scopesIn = (blocks: JsonValue | undefined, path: Path): readonly JsonEdit[] =>
  isArray(blocks)
    ? blocks.flatMap((block, index) => (isObject(block) ? scopesOf(block, [...path, index]) : []))
    : [];

const scopesOf = (block: JsonObject, path: Path): readonly JsonEdit[] => {
  const { [MARK]: mark, content } = block;
  const isScoped = isObject(mark) && mark["scope"] !== undefined;
  return [
    ...(isScoped ? [{ op: "remove", path: [...path, MARK, "scope"] } as const] : []),
    ...scopesIn(content, [...path, "content"]),
  ];
};

const wholeMark = ({ [MARK]: mark, messages }: JsonObject): readonly JsonEdit[] => {
  if (mark === undefined) return [];
  const { scope: _, ...value } = isObject(mark) ? mark : {};
  const marked = isObject(mark) && isArray(messages) ? lastMark(messages, value) : [];
  return [{ op: "remove", path: [MARK] }, ...marked];
};

/** Blocks that take a mark. */
const MARKABLE = names("text image document tool_use tool_result search_result");

const lastMark = (messages: readonly JsonValue[], mark: JsonObject): readonly JsonEdit[] => {
  const at = messages.length - 1;
  const last = messages[at];
  const content = isObject(last) ? last["content"] : undefined;
  if (isString(content) && content.trim() !== "")
    return [
      {
        op: "set",
        path: ["messages", at, "content"],
        value: [{ type: "text", text: content, [MARK]: mark }],
      },
    ];
  const index = isArray(content) ? content.length - 1 : -1;
  const block = isArray(content) ? content[index] : undefined;
  const isMarkable =
    isObject(block) &&
    isString(block["type"]) &&
    MARKABLE.has(block["type"]) &&
    block[MARK] === undefined &&
    block["text"] !== "";
  return isMarkable ? [{ op: "set", path: ["messages", at, "content", index, MARK], value: mark }] : [];
};
