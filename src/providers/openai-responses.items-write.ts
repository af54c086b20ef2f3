/** Canonical messages written as the input items of a Responses request. */
import { defined } from "../lib/defined.ts";
import type { Block, Message, ReasoningBlock, ToolCallBlock, ToolResultBlock } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { shortCallId } from "./call-ids.ts";
import type { Note } from "./dialect.ts";
import type { Place } from "./openai-responses.parts.ts";
import { kindOf, note, outputPart, writeInput } from "./openai-responses.parts.ts";
import { encryptedOf } from "./openai-responses.proofs.ts";
import { ID } from "./openai-responses.words.ts";

export interface WrittenInput {
  readonly instructions?: string;
  readonly input: readonly JsonObject[];
}

/**
 * The first message is the instructions when it is a plain system text: but where the answer is to be JSON, which the
 * items must speak of and the instructions do not count (github.com/BigDawnGhost/wenyi/pull/66).
 */
export const writeMessages = (
  messages: readonly Message[],
  notes: Set<Note>,
  { hasInstructions, provider }: { readonly hasInstructions: boolean; readonly provider: string },
): WrittenInput => {
  const instructions = hasInstructions ? instructionsOf(messages[0], notes) : undefined;
  const writer = new InputWriter(notes, provider);
  messages.forEach((message, at) => {
    if (at > 0 || instructions === undefined) writer.write(message, `messages.${at}`);
  });
  return { ...defined({ instructions }), input: writer.items };
};

const instructionsOf = (first: Message | undefined, notes: Set<Note>): string | undefined => {
  if (first?.role !== "system" || first.name !== undefined || first.native !== undefined) return undefined;
  if (first.blocks.some(({ kind, native }) => kind !== "text" || native !== undefined)) return undefined;
  if (first.blocks.some(({ cache }) => cache !== undefined)) notes.add("cache_control");
  return first.blocks.map((block) => (block.kind === "text" ? block.text : "")).join("\n\n");
};

class InputWriter {
  readonly items: JsonObject[] = [];
  readonly #notes: Set<Note>;
  readonly #provider: string;
  /** Ids of calls with free text, whose outputs are items of another type. */
  readonly #custom = new Set<string>();

  constructor(notes: Set<Note>, provider: string) {
    this.#notes = notes;
    this.#provider = provider;
  }

  write(message: Message, path: string): void {
    const place = { path, notes: this.#notes };
    const { role, blocks, name, native } = message;
    if (name !== undefined) note(place, "name");
    if (native !== undefined && native.dialect !== ID)
      for (const field of Object.keys(native.fields)) note(place, field);
    const fields = native?.dialect === ID ? native.fields : {};
    if (role === "tool") for (const block of blocks) this.#result(block, place);
    else if (role === "assistant") this.#turn(blocks, fields, place);
    else this.items.push({ ...fields, type: "message", role, content: writeInput(blocks, place) });
  }

  /** Texts in a row are parts of one message; calls and reasoning are items beside it. */
  #turn(blocks: readonly Block[], fields: JsonObject, place: Place): void {
    let parts: JsonObject[] | undefined;
    blocks.forEach((block, at) => {
      const inside = { ...place, path: `${place.path}.content.${at}` };
      if (block.cache !== undefined) place.notes.add("cache_control");
      const part = outputPart(block, inside);
      if (part === undefined) {
        parts = undefined;
        this.#item(block, inside, place);
      } else if (parts === undefined) {
        parts = [part];
        this.items.push({ ...fields, type: "message", role: "assistant", content: parts });
      } else parts.push(part);
    });
  }

  #item(block: Block, inside: Place, turn: Place): void {
    switch (block.kind) {
      case "tool-call":
        if (block.signature !== undefined) note(inside, "signature");
        this.items.push(this.#call(block));
        return;
      case "reasoning":
        this.#reasoning(block, turn);
        return;
      case "redacted":
        note(turn, "reasoning");
        return;
      default:
        if (block.kind === "opaque" && block.dialect === ID) this.items.push(block.value);
        else note(inside, kindOf(block));
    }
  }

  #call(call: ToolCallBlock): JsonObject {
    const { name } = call;
    const id = shortCallId(call.id);
    if (call.custom !== true)
      return { type: "function_call", call_id: id, name, arguments: call.arguments || "{}" };
    this.#custom.add(id);
    return { type: "custom_tool_call", call_id: id, name, input: call.arguments };
  }

  /** Reasoning is only taken back with the proof that the provider gave out. */
  #reasoning({ text, signature = "" }: ReasoningBlock, turn: Place): void {
    const encrypted = encryptedOf(signature, this.#provider);
    if (encrypted === undefined) return note(turn, "reasoning");
    const summary = text === "" ? [] : [{ type: "summary_text", text }];
    this.items.push({ type: "reasoning", summary, encrypted_content: encrypted });
  }

  #result(block: Block, place: Place): void {
    if (block.kind !== "tool-result") return; // a tool message holds only tool results
    if (block.isError === true) place.notes.add("is_error");
    if (block.cache !== undefined) place.notes.add("cache_control");
    const id = shortCallId(block.callId);
    const type = this.#custom.has(id) ? "custom_tool_call_output" : "function_call_output";
    this.items.push({ type, call_id: id, output: outputOf(block, place) });
  }
}

/** One text is the output itself; anything more is a list of parts. */
const outputOf = ({ content }: ToolResultBlock, place: Place): JsonValue => {
  const [first] = content;
  if (first === undefined) return "";
  if (content.length === 1 && first.kind === "text" && first.native === undefined) return first.text;
  return writeInput(content, place);
};
