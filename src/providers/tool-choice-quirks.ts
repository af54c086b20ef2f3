/**
 * How a model is made to call a tool, where a vendor takes fewer words for it than OpenAI.
 *
 * Z.AI: "Tool choice must be auto" (github.com/vectorize-io/hindsight/issues/4246). LM Studio: "Supported string values:
 * none, auto, required" (github.com/lmstudio-ai/lmstudio-bug-tracker/issues/670).
 */
import type { JsonEdit } from "../lib/json-splice.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { Quirks } from "../schema/provider-row.ts";
import type { QuirkEdits } from "./quirks.ts";

export const toolChoiceEdits = ({ toolChoices }: Quirks, body: JsonObject): QuirkEdits | undefined => {
  const choice = body["tool_choice"];
  if (toolChoices === "words") return isObject(choice) ? inWord(choice, body) : undefined;
  if (toolChoices !== "auto" || choice === undefined || choice === "auto") return undefined;
  return choice === "none" ? WITHOUT_TOOLS : autoChoice(body);
};

/** Whether the choice is not the model's: `any` is Mistral's and Anthropic's word, which clients of theirs keep. */
export const isForced = (choice: JsonValue | undefined): boolean =>
  choice === "required" || choice === "any" || isObject(choice);

/** The model is not held to call; that it has no other tools than those it was to call, it is. */
export const autoChoice = (body: JsonObject): QuirkEdits => ({
  edits: [...narrowed(body), { op: "set", path: ["tool_choice"], value: "auto" }],
  notes: ["tool_choice (auto)"],
});

/** Who has one tool and must call calls that one. */
const inWord = (choice: JsonObject, body: JsonObject): QuirkEdits => {
  const { mode } = isObject(choice["allowed_tools"]) ? choice["allowed_tools"] : choice;
  const value = mode === "auto" ? "auto" : "required";
  return { edits: [...narrowed(body), { op: "set", path: ["tool_choice"], value }], notes: [] };
};

const WITHOUT_TOOLS: QuirkEdits = Object.freeze({
  edits: [
    { op: "remove", path: ["tool_choice"] },
    { op: "remove", path: ["tools"] },
  ] satisfies JsonEdit[],
  notes: [],
});

/** The tools that the choice names, where it names any of those there are. */
const narrowed = ({ tools, tool_choice: choice }: JsonObject): readonly JsonEdit[] => {
  if (!isArray(tools) || !isObject(choice)) return [];
  const named = namesIn(choice);
  const value = tools.filter((tool) => isObject(tool) && namesIn(tool).some((name) => named.includes(name)));
  return value.length === 0 || value.length === tools.length ? [] : [{ op: "set", path: ["tools"], value }];
};

/** The function that a tool or a choice names, or all of a list of allowed ones. */
const namesIn = ({ function: said, allowed_tools: allowed }: JsonObject): readonly string[] => {
  if (isObject(said)) return isString(said["name"]) ? [said["name"]] : [];
  const tools = isObject(allowed) ? allowed["tools"] : undefined;
  return isArray(tools) ? tools.filter(isObject).flatMap(namesIn) : [];
};
