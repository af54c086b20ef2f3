/** Input items as they are kept and listed: in the long form of the API, each with an id. */
import { GatewayError } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { inputItemId } from "../schema/response-id.ts";

/** `before` of the items stand in front of these. */
export const inputItems = (
  input: JsonValue | undefined,
  responseId: string,
  before: number,
): readonly JsonObject[] =>
  listed(input).map((item, at) => {
    const long = isMessage(item) ? longMessage(item) : item;
    if (isString(long["id"])) return long;
    return { id: inputItemId(responseId, prefixOf(long), before + at), ...long };
  });

/** The items of an input; a text is a message. */
export const listed = (input: JsonValue | undefined): readonly JsonObject[] => {
  if (isString(input)) return [{ type: "message", role: "user", content: input }];
  return isArray(input) ? input.filter(isObject) : [];
};

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/**
 * One page, the newest first unless `order` says otherwise: `InputItemListParams` and `ResponseItemList` of
 * the OpenAI SDK 7.57, limits by learn.microsoft.com/azure/foundry/reference/rest/list-input-items.
 */
export const pageOf = (items: readonly JsonObject[], query: URLSearchParams): JsonObject => {
  const ordered = orderOf(query) === "asc" ? items : items.toReversed();
  const rest = ordered.slice(startOf(ordered, query.get("after")));
  const data = rest.slice(0, limitOf(query));
  return {
    object: "list",
    data,
    first_id: data[0]?.["id"] ?? null,
    last_id: data.at(-1)?.["id"] ?? null,
    has_more: rest.length > data.length,
  };
};

const orderOf = (query: URLSearchParams): "asc" | "desc" => {
  const order = query.get("order") ?? "desc";
  if (order === "asc" || order === "desc") return order;
  throw badQuery("order", "must be asc or desc");
};

const limitOf = (query: URLSearchParams): number => {
  const limit = Number(query.get("limit") ?? DEFAULT_LIMIT);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw badQuery("limit", `must be a number from 1 to ${MAX_LIMIT}`);
};

const startOf = (items: readonly JsonObject[], after: string | null): number => {
  if (after === null) return 0;
  const at = items.findIndex((item) => item["id"] === after);
  if (at === -1) throw badQuery("after", "names no item of this response");
  return at + 1;
};

const badQuery = (param: string, message: string): GatewayError =>
  new GatewayError("invalid_request", `${param}: ${message}`, { param });

const isMessage = (item: JsonObject): boolean =>
  (item["type"] ?? "message") === "message" && isString(item["role"]);

const longMessage = (item: JsonObject): JsonObject => ({
  status: "completed",
  ...item,
  type: "message",
  content: isString(item["content"]) ? [textPart(item["role"], item["content"])] : item["content"],
});

const textPart = (role: JsonValue | undefined, text: string): JsonObject =>
  role === "assistant" ? { type: "output_text", text, annotations: [] } : { type: "input_text", text };

/** The front of an item's id, by its type. */
const PREFIXES: Readonly<Record<string, string>> = Object.freeze({
  message: "msg",
  reasoning: "rs",
  function_call: "fc",
  function_call_output: "fco",
  custom_tool_call: "ctc",
  custom_tool_call_output: "ctco",
  compaction: "cmp",
  local_shell_call: "lsh",
  local_shell_call_output: "lsho",
  shell_call: "sh",
  shell_call_output: "sho",
  apply_patch_call: "apc",
  apply_patch_call_output: "apco",
});

const prefixOf = ({ type }: JsonObject): string =>
  isString(type) && Object.hasOwn(PREFIXES, type) ? (PREFIXES[type] ?? "item") : "item";
