/** The query of a realtime session: it stands for the body of other calls, on the way in and on the way out. */
import type { JsonObject } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import type { ResolvedTarget } from "./target.ts";

/** Azure's own clients call the model by its deployment. */
export const readQuery = (search: URLSearchParams): JsonObject => {
  const { deployment, "api-key": _, ...query } = Object.fromEntries(search); // a key is no part of it
  return deployment === undefined ? query : { model: deployment, ...query };
};

/** The client's query as it came, but for what the target says differently, or in its path, or as a header. */
export const realtimeSearch = (asked: string, effective: JsonObject, target: ResolvedTarget): string => {
  const search = new URLSearchParams(asked);
  const said = readQuery(search);
  for (const [name, value] of Object.entries(effective))
    if (isString(value) && (value !== said[name] || !search.has(name))) search.set(name, value);
  for (const name of [...SAID_ELSEWHERE, ...(target.row.endpointQuirks?.realtime?.removes ?? [])])
    search.delete(name);
  for (const name of unsaidOverrides(target)) search.delete(name);
  return search.size === 0 ? "" : `?${search.toString()}`;
};

const SAID_ELSEWHERE = ["api-key", "deployment"];

/** Overrides that are meant for bodies: a session is told such things in its events. */
export const unsaidOverrides = ({ node }: ResolvedTarget): readonly string[] =>
  Object.keys(node.override_params).filter((name) => !PARAMETERS.has(name));

/** `RealtimeConnectionConfig` of the OpenAI SDK: what the query of a connection says. */
const PARAMETERS: ReadonlySet<string> = new Set(["model", "intent", "call_id"]);
