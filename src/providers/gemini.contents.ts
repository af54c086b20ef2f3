/** Canonical messages written as Gemini's `contents` and `systemInstruction`. */
import type { Block, Message, ToolResultBlock } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Note } from "./dialect.ts";
import { withTurn } from "./first-turn.ts";
import type { ModelFacts } from "./gemini.models.ts";
import type { Surroundings } from "./gemini.parts.ts";
import { writeParts } from "./gemini.parts.ts";

/** System texts leave the conversation; all results of parallel calls make one turn, as the API wants it. */
export const writeContents = (
  messages: readonly Message[],
  facts: ModelFacts,
  notes: Set<Note>,
): JsonObject => {
  const system: JsonObject[] = [];
  const contents: JsonObject[] = [];
  const calls = new Calls();
  const around: Surroundings = { facts, calls: calls.names, notes };
  turnsOf(messages, notes).forEach(({ role, blocks, path }) => {
    if (role === "assistant") calls.add(blocks);
    const parts = writeParts(role === "tool" ? calls.inOrder(blocks) : blocks, path, around);
    if (parts.length === 0) return;
    if (role === "system" || role === "developer") system.push(...parts);
    else contents.push({ role: role === "assistant" ? "model" : "user", parts });
  });
  return { ...(system.length === 0 ? {} : { systemInstruction: { parts: system } }), contents };
};

interface Turn {
  readonly role: Message["role"];
  readonly blocks: readonly Block[];
  readonly path: string;
}

const turnsOf = (messages: readonly Message[], notes: Set<Note>): readonly Turn[] => {
  const turns: Turn[] = [];
  withTurn(messages, (note) => notes.add(note)).forEach((message, at) => {
    const path = `messages.${at}`;
    if (message.name !== undefined && message.role !== "tool") notes.add(`${path}.name`);
    for (const field of Object.keys(message.native?.fields ?? {})) notes.add(`${path}.${field}`);
    const last = turns.at(-1);
    if (message.role === "tool" && last?.role === "tool")
      turns[turns.length - 1] = { ...last, blocks: [...last.blocks, ...message.blocks] };
    else turns.push({ role: message.role, blocks: message.blocks, path: `${path}.content` });
  });
  return turns;
};

/** The calls of the history: responses are given by the function's name, and in the order of the calls. */
class Calls {
  readonly names = new Map<string, string>();
  #last: readonly string[] = [];

  add(blocks: readonly Block[]): void {
    const calls = blocks.filter((block) => block.kind === "tool-call");
    if (calls.length === 0) return;
    this.#last = calls.map(({ id }) => id);
    for (const { id, name } of calls) this.names.set(id, name);
  }

  inOrder(blocks: readonly Block[]): readonly Block[] {
    const results = blocks.filter((block): block is ToolResultBlock => block.kind === "tool-result");
    const place = ({ callId }: ToolResultBlock): number => {
      const at = this.#last.indexOf(callId);
      return at === -1 ? this.#last.length : at;
    };
    return results.sort((one, other) => place(one) - place(other)); // a list of our own, and stable
  }
}
