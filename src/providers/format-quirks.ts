/**
 * The form of an answer, where a vendor takes fewer than OpenAI's.
 *
 * DeepSeek: "This response_format type is unavailable now" (github.com/UKGovernmentBEIS/inspect_ai/issues/4916). Z.AI
 * takes a schema and does not look at it; told it in words, its models answer in that shape
 * (docs.z.ai/guides/capabilities/struct-output, github.com/hugalafutro/model-hotel/pull/896). LM Studio:
 * "'response_format.type' must be 'json_schema' or 'text'" (github.com/lmstudio-ai/lmstudio-bug-tracker/issues/189).
 */
import type { JsonEdit } from "../lib/json-splice.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";
import type { Quirks } from "../schema/provider-row.ts";
import type { QuirkEdits } from "./quirks.ts";

/** The last of these edits puts a message before all others. */
export const formatEdits = ({ formats }: Quirks, body: JsonObject): QuirkEdits | undefined => {
  const format = body["response_format"];
  if (formats === undefined || !isObject(format)) return undefined;
  const { type } = format;
  if (formats === "schema") return type === "json_object" ? ANY_OBJECT : undefined;
  return type === "json_schema" ? inWords(format, body) : undefined;
};

const ANY_OBJECT: QuirkEdits = Object.freeze({
  edits: [formatOf({ type: "json_schema", json_schema: { name: "object", schema: { type: "object" } } })],
  notes: [],
});

const inWords = ({ json_schema: said }: JsonObject, { messages }: JsonObject): QuirkEdits => {
  const schema = isObject(said) && isObject(said["schema"]) ? said["schema"] : {};
  const content = `Answer with JSON alone, of this schema:\n${JSON.stringify(schema)}`;
  const told: JsonEdit = { op: "insert", path: ["messages", 0], value: { role: "system", content } };
  return {
    edits: [formatOf({ type: "json_object" }), ...(isArray(messages) && messages.length > 0 ? [told] : [])],
    notes: ["response_format.json_schema (told to the model)"],
  };
};

function formatOf(value: JsonObject): JsonEdit {
  return { op: "set", path: ["response_format"], value };
}
