/** What the pretended model says to a prompt, in no dialect. */
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";

/** What an answer depends on, read from a request of any dialect. */
export interface Prompt {
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** Text of the last user message that holds text. */
  readonly text: string;
  readonly toolResults: readonly string[];
  /** JSON Schema of the answer, when one was asked for. */
  readonly schema?: JsonObject | undefined;
}

export interface ToolCall {
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

export interface Answer {
  readonly thinking: readonly string[];
  /** The text in the pieces that a stream sends; read once. */
  readonly texts: Iterable<string>;
  readonly calls: readonly ToolCall[];
}

/** The same counts for every answer, so that a test can tell a lost one. */
export const TOKENS = Object.freeze({ input: 20, cacheRead: 8, output: 9, thinking: 5 });

export const SIGNATURE = "EqQBCgIYAhIkAbcdefgh1234567890+/signature==";

/** The answer of the model that the prompt names; names without a rule are "echo". */
export const answerTo = (prompt: Prompt): Answer => {
  const [rule = "", ...parts] = prompt.model.split(":");
  return (RULES[rule] ?? echo)(prompt, parts.map(Number));
};

type Rule = (prompt: Prompt, numbers: readonly number[]) => Answer;

const says = (texts: Iterable<string>): Answer => ({ thinking: [], texts, calls: [] });

const echo: Rule = ({ text }) => says(words(text));

const CITIES = ["Paris", "London"];

const tools: Rule = ({ toolResults }) =>
  toolResults.length > 0
    ? says(words(`The tools said ${toolResults.join(" and ")}.`))
    : { thinking: [], texts: [], calls: CITIES.map(weatherOf) };

const weatherOf = (city: string): ToolCall => ({
  name: "get_weather",
  arguments: JSON.stringify({ city }),
});

const think: Rule = ({ text }) => ({ thinking: ["First I ", "read it."], texts: words(text), calls: [] });

const json: Rule = ({ schema }) => says(words(JSON.stringify(sampleOf(schema ?? {}))));

/** `long:N` says N short pieces, `long:N:SIZE` N pieces of SIZE characters; made only as they are read. */
const long: Rule = (_prompt, [count = 0, size]) => says(pieces(count, size));

const RULES: Readonly<Record<string, Rule>> = Object.freeze({ echo, tools, think, json, long });

function* pieces(count: number, size: number | undefined): Generator<string> {
  const filler = size === undefined ? undefined : "x".repeat(size);
  for (let index = 0; index < count; index++) yield filler ?? `${index} `;
}

const words = (text: string): readonly string[] => text.split(/(?<=\s)/);

const sampleOf = (schema: JsonObject): JsonValue => {
  const [first] = Array.isArray(schema["enum"]) ? schema["enum"] : [];
  if (first !== undefined) return first;
  switch (schema["type"]) {
    case "string":
      return "Paris";
    case "integer":
    case "number":
      return 21;
    case "boolean":
      return true;
    case "array":
      return [sampleOf(objectOf(schema["items"]))];
    default:
      return sampleObject(objectOf(schema["properties"]));
  }
};

const sampleObject = (properties: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, sampleOf(objectOf(value))]));

/** `value` when it is a JSON object, else an empty one. */
export const objectOf = (value: unknown): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}; // checked

/** `value` when it is a list, else an empty one. */
export const listOf = (value: unknown): readonly JsonValue[] =>
  Array.isArray(value) ? (value as JsonValue[]) : []; // a parsed JSON list holds JSON values

export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** The text of a message's content: a string, or parts of which those with `text` count. */
export const contentText = (content: unknown): string =>
  typeof content === "string"
    ? content
    : listOf(content)
        .map((part) => textOf(objectOf(part)["text"]))
        .join("");
