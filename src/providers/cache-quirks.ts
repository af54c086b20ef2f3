/** Marks for a cache, as servers of Anthropic's API other than its own take them. */
import type { JsonEdit } from "../lib/json-splice.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";

/** Where a mark says who shares what it keeps: "Extra inputs are not permitted" but at home (BerriAI/litellm#23183). */
export const scopeEdits = (body: JsonObject): readonly JsonEdit[] =>
  ["system", "tools", "messages"].flatMap((field) => scopesIn(body[field], [field]));

type Path = readonly (string | number)[];

/** Blocks may hold blocks: a message its own, a result those of a tool. */
const scopesIn = (list: JsonValue | undefined, path: Path): readonly JsonEdit[] =>
  isArray(list) ? list.flatMap((block, at) => (isObject(block) ? scopesOf(block, [...path, at]) : [])) : [];

const scopesOf = ({ cache_control: mark, content }: JsonObject, path: Path): readonly JsonEdit[] => [
  ...(isObject(mark) && mark["scope"] !== undefined
    ? [{ op: "remove", path: [...path, "cache_control", "scope"] } as const]
    : []),
  ...scopesIn(content, [...path, "content"]),
];
