/** Tools that other vendors run, as OpenAI runs them: `WebSearchTool` and `Tool.CodeInterpreter` of the OpenAI SDK 7.57. */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import type { Note } from "./dialect.ts";
import type { ServerTool, ServerToolKind } from "./server-tools.ts";

/** The tool; undefined for one that OpenAI has not. What is said of it and has no place is noted. */
export const hostedTool = (
  { kind, options }: ServerTool,
  path: string,
  notes: Set<Note>,
): JsonObject | undefined => {
  const type = TYPES.get(kind);
  if (type === undefined) return undefined;
  const { said, left } = type === SEARCH ? searchOf(options) : { said: AUTOMATIC, left: options };
  for (const option of Object.keys(left)) notes.add(`${path}.${option}`);
  return { type, ...said };
};

/** The choice of one among the tools, by another vendor's name for it. */
export const hostedChoice = (name: string, tools: readonly JsonObject[]): JsonObject | undefined => {
  const type = TYPES.get(name);
  return type !== undefined && tools.some((tool) => tool["type"] === type) ? { type } : undefined;
};

const SEARCH = "web_search";

const TYPES = table<string>({
  web_search: SEARCH,
  code_execution: "code_interpreter",
} satisfies Partial<Record<ServerToolKind, string>>);

const AUTOMATIC: JsonObject = Object.freeze({ container: { type: "auto" } });

const searchOf = ({
  allowed_domains,
  ...options
}: JsonObject): { readonly said: JsonObject; readonly left: JsonObject } => {
  const { user_location, search_context_size, external_web_access, ...left } = options;
  const filters: JsonValue | undefined = allowed_domains === undefined ? undefined : { allowed_domains };
  return { said: defined({ filters, user_location, search_context_size, external_web_access }), left };
};
