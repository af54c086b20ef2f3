/**
 * Tool calls of an answer, as the client knows them that declared the tools.
 *
 * A function that stands for a custom tool is called as that, and who declared `functions`, which came before
 * there were tools, is answered with a `function_call`, of which there is one.
 */
import type { BlockStart, ToolCallBlock } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray } from "../schema/json.ts";
import { customInput, customName } from "./custom-tools.ts";
import type { Note, ReplyOptions } from "./dialect.ts";

/** What a client's request says of how its calls are spelled. */
export interface CallSpelling {
  readonly isLegacy: boolean;
  /** Names of the tools of free text. */
  readonly custom: ReadonlySet<string>;
  readonly strict: boolean;
}

export const spellingFor = ({ request = {}, strict }: ReplyOptions): CallSpelling => {
  const { tools, functions } = request;
  const names = isArray(tools) ? tools.map(customName).filter((name) => name !== undefined) : [];
  return { isLegacy: isArray(functions) && !isArray(tools), custom: new Set(names), strict };
};

/** The word for an answer that calls something. */
export const spelledFinish = (word: string, { isLegacy }: CallSpelling): string =>
  isLegacy && word === "tool_calls" ? "function_call" : word;

/** The fields of a whole message. */
export const writeCalls = (
  calls: readonly ToolCallBlock[],
  spelling: CallSpelling,
  notes: Set<Note>,
): JsonObject => {
  const [first] = calls;
  if (first === undefined) return {};
  if (!spelling.isLegacy) return { tool_calls: calls.map((call) => writeCall(call, spelling)) };
  if (calls.length > 1) notes.add("tool_calls");
  return { function_call: { name: first.name, arguments: first.arguments || NO_ARGUMENTS } };
};

/** The calls of one choice of a stream, as deltas in JSON; an empty text where there is nothing to say. */
export class CallsWriter {
  readonly #spelling: CallSpelling;
  readonly #calls = new Map<number, WrittenCall>();

  constructor(spelling: CallSpelling) {
    this.#spelling = spelling;
  }

  open(block: number, start: CallStart): string {
    const { isLegacy, custom } = this.#spelling;
    const index = this.#calls.size;
    if (isLegacy && index > 0) return "";
    const isWrapped = start.custom !== true && custom.has(start.name);
    const isCustom = start.custom === true || isWrapped;
    this.#calls.set(block, { index, isCustom, isWrapped, text: "" });
    if (isLegacy) return JSON.stringify({ function_call: { name: start.name, arguments: "" } });
    return JSON.stringify({ tool_calls: [callStart(index, start, isCustom, this.#spelling)] });
  }

  argue(block: number, text: string): string {
    const call = this.#calls.get(block);
    if (call === undefined) return "";
    call.text += text;
    return call.isWrapped ? "" : this.#delta(call, text);
  }

  /** Clients parse the arguments: no arguments are an empty object. */
  close(block: number): string {
    const call = this.#calls.get(block);
    if (call?.isWrapped === true) return this.#delta(call, customInput(call.text));
    return call === undefined || call.text !== "" || call.isCustom ? "" : this.#delta(call, NO_ARGUMENTS);
  }

  #delta({ index, isCustom }: WrittenCall, text: string): string {
    const value = JSON.stringify(text);
    if (this.#spelling.isLegacy) return `{"function_call":{"arguments":${value}}}`;
    const said = isCustom ? `"custom":{"input":${value}}` : `"function":{"arguments":${value}}`;
    return `{"tool_calls":[{"index":${index},${said}}]}`;
  }
}

type CallStart = Extract<BlockStart, { readonly kind: "tool-call" }>;

interface WrittenCall {
  readonly index: number;
  readonly isCustom: boolean;
  /** The free text is inside of arguments, and waits until they are whole. */
  readonly isWrapped: boolean;
  text: string;
}

const NO_ARGUMENTS = "{}";

const writeCall = (call: ToolCallBlock, { custom, strict }: CallSpelling): JsonObject => {
  const { id, name } = call;
  const said = call.arguments;
  if (call.custom === true) return { id, type: "custom", custom: { name, input: said } };
  if (custom.has(name)) return { id, type: "custom", custom: { name, input: customInput(said) } };
  return {
    id,
    type: "function",
    function: { name, arguments: said || NO_ARGUMENTS, ...proof(call, strict) },
  };
};

const callStart = (
  index: number,
  start: CallStart,
  isCustom: boolean,
  { strict }: CallSpelling,
): JsonObject => {
  const { id, name } = start;
  if (isCustom) return { index, id, type: "custom", custom: { name, input: "" } };
  return { index, id, type: "function", function: { name, arguments: "", ...proof(start, strict) } };
};

const proof = ({ signature }: Pick<CallStart, "signature">, strict: boolean): JsonObject =>
  strict || signature === undefined ? {} : { thought_signature: signature };
