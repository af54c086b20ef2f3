/** Output items while they are written: each says its own events, in the API's order. */
import type { BlockStart } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray } from "../schema/json.ts";
import { customInput } from "./custom-tools.ts";
import { clientCall } from "./openai-responses.client-tools.ts";
import type { Line } from "./openai-responses.line.ts";
import { placeOf } from "./openai-responses.line.ts";
import type { StandIn } from "./openai-responses.stand-ins.ts";

/** `incomplete` is the item in which the model was stopped. */
export type ItemStatus = "completed" | "incomplete";

/** An item that comes in one piece. */
export const wholeItem = (line: Line, item: JsonObject): void => line.done(line.add(item), item);

export type PartKind = "text" | "refusal";

interface OpenPart {
  readonly block: number;
  readonly kind: PartKind;
  readonly place: string;
  text: string;
  readonly annotations: JsonValue[];
  readonly logprobs: JsonValue[];
}

export class OpenMessage {
  readonly #line: Line;
  readonly #id: string;
  readonly #index: number;
  readonly #parts: JsonObject[] = [];
  #part: OpenPart | undefined;

  constructor(line: Line, id: string) {
    this.#line = line;
    this.#id = id;
    this.#index = line.add(this.#item("in_progress"));
  }

  openPart(block: number, kind: PartKind): void {
    this.closePart();
    const place = `${placeOf(this.#id, this.#index)},"content_index":${this.#parts.length}`;
    this.#part = { block, kind, place, text: "", annotations: [], logprobs: [] };
    this.#line.say("response.content_part.added", `${place},"part":${JSON.stringify(partOf(this.#part))}`);
  }

  say(block: number, text: string, logprobs: JsonValue | undefined): void {
    const part = this.#part;
    if (part?.block !== block) return;
    part.text += text;
    const said = `${part.place},"delta":${JSON.stringify(text)}`;
    if (part.kind === "refusal") return this.#line.say("response.refusal.delta", said);
    if (logprobs === undefined) return this.#line.say("response.output_text.delta", `${said},"logprobs":[]`);
    const tokens = isArray(logprobs) ? logprobs : [];
    part.logprobs.push(...tokens);
    this.#line.say("response.output_text.delta", `${said},"logprobs":${JSON.stringify(tokens)}`);
  }

  cite(block: number, annotation: JsonValue): void {
    const part = this.#part;
    if (part?.block !== block) return;
    const at = part.annotations.push(annotation) - 1;
    const cited = `"annotation_index":${at},"annotation":${JSON.stringify(annotation)}`;
    this.#line.say("response.output_text.annotation.added", `${part.place},${cited}`);
  }

  closePart(): void {
    const part = this.#part;
    if (part === undefined) return;
    this.#part = undefined;
    const written = partOf(part);
    this.#parts.push(written);
    const text = JSON.stringify(part.text);
    if (part.kind === "refusal") this.#line.say("response.refusal.done", `${part.place},"refusal":${text}`);
    else {
      const logprobs = JSON.stringify(part.logprobs);
      this.#line.say("response.output_text.done", `${part.place},"text":${text},"logprobs":${logprobs}`);
    }
    this.#line.say("response.content_part.done", `${part.place},"part":${JSON.stringify(written)}`);
  }

  close(status: ItemStatus): void {
    this.closePart();
    this.#line.done(this.#index, this.#item(status));
  }

  #item(status: string): JsonObject {
    return { id: this.#id, type: "message", status, role: "assistant", content: [...this.#parts] };
  }
}

export class OpenReasoning {
  readonly #line: Line;
  readonly #id: string;
  readonly #index: number;
  readonly #place: string;
  readonly #block: number;
  #text = "";
  #signature = "";

  constructor(line: Line, id: string, block: number) {
    this.#line = line;
    this.#id = id;
    this.#block = block;
    this.#index = line.add({ id, type: "reasoning", summary: [] });
    this.#place = `${placeOf(id, this.#index)},"summary_index":0`;
  }

  think(block: number, text: string): void {
    if (block !== this.#block) return;
    if (this.#text === "") this.#part("added", "");
    this.#text += text;
    this.#line.say("response.reasoning_summary_text.delta", `${this.#place},"delta":${JSON.stringify(text)}`);
  }

  sign(block: number, signature: string): void {
    if (block === this.#block) this.#signature += signature;
  }

  /** `prove` makes `encrypted_content` of the signature. */
  close(prove: (signature: string) => string): void {
    if (this.#text !== "") {
      const text = JSON.stringify(this.#text);
      this.#line.say("response.reasoning_summary_text.done", `${this.#place},"text":${text}`);
      this.#part("done", this.#text);
    }
    const summary = this.#text === "" ? [] : [{ type: "summary_text", text: this.#text }];
    const proof = this.#signature === "" ? {} : { encrypted_content: prove(this.#signature) };
    this.#line.done(this.#index, { id: this.#id, type: "reasoning", summary, ...proof });
  }

  #part(what: "added" | "done", text: string): void {
    const part = JSON.stringify({ type: "summary_text", text });
    this.#line.say(`response.reasoning_summary_part.${what}`, `${this.#place},"part":${part}`);
  }
}

export type CallStart = Extract<BlockStart, { readonly kind: "tool-call" }>;

/** What a stand-in was called with waits until it is whole: what it stands for is spelled in another way. */
export class OpenCall {
  readonly #line: Line;
  readonly #block: number;
  readonly #start: CallStart;
  readonly #standIn: StandIn | undefined;
  readonly #idOf: (prefix: string, index: number) => string;
  readonly #isCustom: boolean;
  /** The free text is inside of arguments. */
  readonly #isWrapped: boolean;
  #open: { readonly index: number; readonly id: string; readonly place: string } | undefined;
  #text = "";

  constructor(
    line: Line,
    block: number,
    start: CallStart,
    standIn: StandIn | undefined,
    idOf: (prefix: string, index: number) => string,
  ) {
    this.#line = line;
    this.#block = block;
    this.#start = start;
    this.#standIn = standIn;
    this.#idOf = idOf;
    this.#isCustom = start.custom === true || standIn?.kind === "custom";
    this.#isWrapped = this.#isCustom && start.custom !== true;
    if (standIn?.tool === undefined) this.#add();
  }

  argue(block: number, text: string): void {
    if (block !== this.#block) return;
    this.#text += text;
    if (this.#open !== undefined && !this.#isWrapped) this.#say(text);
  }

  close(status: ItemStatus): void {
    if (this.#closeClientCall(status)) return;
    if (this.#open === undefined) this.#add();
    if (this.#isWrapped) this.#say((this.#text = customInput(this.#text)));
    else if (this.#text === "" && !this.#isCustom) this.argue(this.#block, "{}"); // clients parse the arguments
    this.#done(status);
  }

  #closeClientCall(status: ItemStatus): boolean {
    const tool = this.#standIn?.tool;
    const called = tool && clientCall(tool, this.#text);
    if (called === undefined) return false;
    const id = this.#idOf(tool?.prefix ?? "", this.#line.opened);
    wholeItem(this.#line, { id, type: tool?.call, status, call_id: this.#start.id, ...called });
    return true;
  }

  #add(): void {
    const id = this.#idOf(this.#isCustom ? "ctc" : "fc", this.#line.opened);
    const index = this.#line.add(this.#item(id, "", "in_progress"));
    this.#open = { index, id, place: placeOf(id, index) };
  }

  #say(text: string): void {
    const type = this.#isCustom ? "custom_tool_call_input" : "function_call_arguments";
    this.#line.say(`response.${type}.delta`, `${this.#open?.place},"delta":${JSON.stringify(text)}`);
  }

  #done(status: ItemStatus): void {
    if (this.#open === undefined) return;
    const { index, id, place } = this.#open;
    const text = JSON.stringify(this.#text);
    if (this.#isCustom) this.#line.say("response.custom_tool_call_input.done", `${place},"input":${text}`);
    else this.#line.say("response.function_call_arguments.done", `${place},"arguments":${text}`);
    this.#line.done(index, this.#item(id, this.#text, status));
  }

  #item(id: string, said: string, status: string): JsonObject {
    const { name, namespace } = this.#standIn ?? { name: this.#start.name, namespace: undefined };
    const called = { call_id: this.#start.id, name, ...(namespace === undefined ? {} : { namespace }) };
    return this.#isCustom
      ? { id, type: "custom_tool_call", status, ...called, input: said }
      : { id, type: "function_call", status, ...called, arguments: said };
  }
}

const partOf = ({ kind, text, annotations, logprobs }: OpenPart): JsonObject =>
  kind === "refusal"
    ? { type: "refusal", refusal: text }
    : { type: "output_text", annotations, logprobs, text };
