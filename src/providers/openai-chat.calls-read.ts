/**
 * The tool calls of one choice while they are read.
 *
 * Some servers send the arguments of parallel calls by turns (github.com/QwenLM/Qwen-Agent/pull/943), but a
 * block that is closed says no more: a call waits until the one before it is whole.
 */
import type { BlockStart, ChatEvent } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isNumber, isObject, isString, parsedObject } from "../schema/json.ts";
import type { ChoiceBlocks, Run } from "./choice-blocks.ts";
import { argumentsText } from "./openai-chat.pieces.ts";

interface Call {
  readonly start: Extract<BlockStart, { readonly kind: "tool-call" }>;
  text: string;
  /** Whether the text is whole; undefined where nobody has looked since it grew. */
  whole: boolean | undefined;
  /** Undefined while the call waits. */
  run: Run | undefined;
}

export class ReadCalls {
  readonly #blocks: ChoiceBlocks;
  readonly #idOf: (at: number) => string;
  readonly #calls = new Map<number, Call>();
  /** The one that was spoken of last. */
  #last: Call | undefined;
  /** The one that was opened last. */
  #open: Call | undefined;
  readonly #waiting: Call[] = [];

  /** `idOf` names a call whose provider gave it no id, by its place. */
  constructor(blocks: ChoiceBlocks, idOf: (at: number) => string) {
    this.#blocks = blocks;
    this.#idOf = idOf;
  }

  get hasAny(): boolean {
    return this.#calls.size > 0;
  }

  /** Whether arguments have begun that are not whole. */
  get isOpen(): boolean {
    return !isWhole(this.#open);
  }

  read(events: ChatEvent[], call: JsonObject): void {
    const said = isObject(call["custom"]) ? call["custom"] : call["function"];
    const body = isObject(said) ? said : NOTHING;
    const known = this.#known(call, body) ?? this.#add(call, body);
    const text = argumentsText(body["arguments"] ?? body["input"]);
    this.#last = known;
    known.text += text;
    if (text !== "") known.whole = undefined;
    if (known.run !== undefined && text !== "") this.#blocks.say(events, known.run, argumentsOf(text));
    this.#open ??= this.#opened(events, this.#waiting.shift());
    while (this.#waiting.length > 0 && isWhole(this.#open)) this.#openNext(events);
  }

  /** The `function_call` of before there were tools, of which there is one. */
  readLegacy(events: ChatEvent[], call: JsonObject): void {
    this.read(events, { index: LEGACY_INDEX, function: call });
  }

  /** Nothing more is said: whoever still waits is opened. */
  finish(events: ChatEvent[]): void {
    while (this.#waiting.length > 0) this.#openNext(events);
  }

  #openNext(events: ChatEvent[]): void {
    this.#open = this.#opened(events, this.#waiting.shift());
  }

  #opened(events: ChatEvent[], call: Call | undefined): Call | undefined {
    if (call === undefined) return undefined;
    call.run = this.#blocks.opened(events, call.start);
    if (call.text !== "") this.#blocks.say(events, call.run, argumentsOf(call.text));
    return call;
  }

  /** The call that a delta goes on with. A new one has a new id and a name. */
  #known({ index, id }: JsonObject, { name }: JsonObject): Call | undefined {
    const isNamed = isString(name) && name !== "";
    const isIdentified = isString(id) && id !== "";
    if (isNumber(index)) {
      const known = this.#calls.get(index);
      // DeepSeek behind other servers numbers a call's head and its tail differently: github.com/agno-agi/agno/pull/8880
      if (known === undefined) return isNamed || isIdentified ? undefined : this.#last;
      // Gemini's compatible API gives every call the index 0; old vLLM gives every delta a new id.
      return isNamed && isIdentified && id !== known.start.id ? undefined : known;
    }
    if (isIdentified) for (const call of this.#calls.values()) if (call.start.id === id) return call;
    return isNamed ? undefined : this.#last;
  }

  #add({ id, index, custom }: JsonObject, { name, thought_signature: signature }: JsonObject): Call {
    const start = {
      kind: "tool-call",
      id: isString(id) && id !== "" ? id : this.#idOf(this.#calls.size),
      name: isString(name) ? name : "",
      ...(isObject(custom) ? { custom: true } : {}),
      ...(isString(signature) ? { signature } : {}),
    } as const;
    const call: Call = { start, text: "", whole: undefined, run: undefined };
    this.#calls.set(isNumber(index) ? index : LEGACY_INDEX - 1 - this.#calls.size, call);
    this.#waiting.push(call);
    return call;
  }
}

const NOTHING: JsonObject = Object.freeze({});

/** The place of the older `function_call` among the calls. */
const LEGACY_INDEX = -1;

const argumentsOf = (text: string) => ({ kind: "arguments", text }) as const;

/** Free text does not show its end. Asked at every delta, so arguments are parsed only where they may be whole. */
const isWhole = (call: Call | undefined): boolean => {
  if (call === undefined || call.start.custom === true) return true;
  call.whole ??= call.text.trimEnd().endsWith("}") && parsedObject(call.text) !== undefined;
  return call.whole;
};
