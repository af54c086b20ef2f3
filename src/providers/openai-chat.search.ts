/** Searching the web in the OpenAI chat API, where some models always do: a field, and not a tool. */
import { defined } from "../lib/defined.ts";
import type { Chat, Tool } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject } from "../schema/json.ts";
import type { Note } from "./dialect.ts";
import { serverToolOf } from "./server-tools.ts";

export interface WrittenSearch {
  /** The tool that the options stand for. */
  readonly tool?: Tool;
  /** `WebSearchOptions` of the OpenAI SDK 7.57. */
  readonly options?: JsonObject;
}

export const writeSearch = ({ model, tools = [] }: Chat, notes: Set<Note>): WrittenSearch => {
  const at = SEARCHERS.test(model)
    ? tools.findIndex((tool) => serverToolOf(tool)?.kind === "web_search")
    : -1;
  const tool = tools[at];
  if (tool === undefined) return {};
  const { user_location: place, search_context_size, ...rest } = serverToolOf(tool)?.options ?? {};
  for (const option of Object.keys(rest)) notes.add(`tools.${at}.${option}`);
  return { tool, options: defined({ search_context_size, user_location: locationOf(place) }) };
};

/** `gpt-5-search-api`, `gpt-4o-search-preview`: other models refuse the field. */
const SEARCHERS = /-search-(?:api|preview)/;

/** The other APIs say the place beside its type, this one within. */
const locationOf = (place: JsonValue | undefined): JsonObject | undefined => {
  if (!isObject(place)) return undefined;
  const { type: _, ...approximate } = place;
  return { type: "approximate", approximate };
};
