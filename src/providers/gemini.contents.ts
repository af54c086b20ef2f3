/** Canonical messages written as Gemini's `contents` and `systemInstruction`. */
import type { Message } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Note } from "./dialect.ts";
import { withTurn } from "./first-turn.ts";
import type { ModelFacts } from "./gemini.models.ts";
import type { Placed, Surroundings } from "./gemini.parts.ts";
import { writeParts } from "./gemini.parts.ts";

/** System texts leave the conversation; all results of parallel calls make one turn, as the API wants it. */
export const writeContents = (
  messages: readonly Message[],
  facts: ModelFacts,
  notes: Set<Note>,
): JsonObject => {
  const calls = new Calls(messages);
  const around: Surroundings = { facts, calls: calls.names, notes };
  const { system, turns } = sorted(messages, notes);
  if (!facts.system) saidByUser(system.splice(0), turns, notes);
  const instructions = writeParts(system, around);
  const contents = turns.flatMap(({ role, blocks }): readonly JsonObject[] => {
    if (role === "assistant") calls.add(blocks);
    const parts = writeParts(role === "tool" ? calls.inOrder(blocks) : blocks, around);
    return parts.length === 0 ? [] : [{ role: role === "assistant" ? "model" : "user", parts }];
  });
  if (turns[0]?.role === "assistant" && turns[0].blocks.some(isCall)) {
    contents.unshift(PROMPT);
    notes.add("messages.0 (a user's turn is put before it)");
  }
  if (!facts.goesOn && contents.at(-1)?.["role"] === "model") {
    contents.push(PROMPT);
    notes.add(`messages.${messages.length - 1} (a user's turn is put behind it)`);
  }
  return { ...(instructions.length === 0 ? {} : { systemInstruction: { parts: instructions } }), contents };
};

/**
 * A user's turn where the API wants one: behind an answer that was begun, and before a call that opens what a client
 * has left of its history (github.com/google-gemini/gemini-cli/issues/11814).
 */
const PROMPT: JsonObject = Object.freeze({ role: "user", parts: [{ text: "Continue" }] });

const isCall = ([block]: Placed): boolean => block.kind === "tool-call";

interface Turn {
  readonly role: Message["role"];
  readonly blocks: Placed[];
}

/** For models that know no instructions, in front of what the user says, as Google's own clients write it (google/adk-python#3900). */
const saidByUser = (system: readonly Placed[], turns: Turn[], notes: Set<Note>): void => {
  if (system.length === 0) return;
  notes.add("system (said by the user)");
  const blocks = system.map(([block, path]): Placed => [
    block.kind === "text" ? { ...block, text: `${block.text}\n\n` } : block,
    path,
  ]);
  const [first] = turns;
  if (first?.role === "user") first.blocks.unshift(...blocks);
  else turns.unshift({ role: "user", blocks });
};

/**
 * What the system says, and the turns of the others. Messages of one role in a row are one turn: a call
 * behind another turn of the model's is refused ("function call turn comes immediately after a user turn or
 * after a function response turn": github.com/google-gemini/gemini-cli/issues/26486).
 */
const sorted = (
  messages: readonly Message[],
  notes: Set<Note>,
): { readonly system: Placed[]; readonly turns: Turn[] } => {
  const system: Placed[] = [];
  const turns: Turn[] = [];
  withTurn(messages, (note) => notes.add(note)).forEach((message, at) => {
    const { role } = message;
    if (message.name !== undefined && role !== "tool") notes.add(`messages.${at}.name`);
    for (const field of Object.keys(message.native?.fields ?? {})) notes.add(`messages.${at}.${field}`);
    const blocks = message.blocks.map((block, index): Placed => [block, `messages.${at}.content.${index}`]);
    const last = turns.at(-1);
    if (role === "system" || role === "developer") system.push(...blocks);
    else if (last?.role === role) last.blocks.push(...blocks);
    else if (blocks.length > 0) turns.push({ role, blocks });
  });
  return { system, turns };
};

/** The calls of the history: responses are given by the function's name, and in the order of the calls. */
class Calls {
  readonly names = new Map<string, string>();
  #last: readonly string[] = [];

  /** A result may say its function itself; the call that it answers is better known. */
  constructor(messages: readonly Message[]) {
    for (const { name, blocks } of messages)
      for (const block of blocks)
        if (block.kind === "tool-result" && name !== undefined) this.names.set(block.callId, name);
  }

  add(blocks: readonly Placed[]): void {
    const calls = blocks.flatMap(([block]) => (block.kind === "tool-call" ? [block] : []));
    if (calls.length === 0) return;
    this.#last = calls.map(({ id }) => id);
    for (const { id, name } of calls) this.names.set(id, name);
  }

  inOrder(blocks: readonly Placed[]): readonly Placed[] {
    const place = ([block]: Placed): number => {
      const at = block.kind === "tool-result" ? this.#last.indexOf(block.callId) : -1;
      return at === -1 ? this.#last.length : at;
    };
    return blocks.toSorted((one, other) => place(one) - place(other)); // stable
  }
}
