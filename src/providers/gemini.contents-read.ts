/** Gemini's `contents` and `systemInstruction`, as its clients send them, read into canonical messages. */
import type { Block, Message, Role } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import { asObject } from "./body-fields.ts";
import { camelKeys, listOf } from "./gemini.fields.ts";
import type { CallNames } from "./gemini.parts-read.ts";
import { readPart } from "./gemini.parts-read.ts";
import { resultsFirst } from "./results-first.ts";

export const readMessages = ({ systemInstruction, contents }: JsonObject): readonly Message[] => {
  if (contents === undefined || contents === null) throw invalidRequest("contents", "is required");
  const calls = new HistoryCalls();
  return [
    ...readSystem(systemInstruction, calls),
    ...resultsFirst(
      joined(listOf(contents).flatMap((content, at) => readContent(content, `contents.${at}`, calls))),
    ),
  ];
};

const readSystem = (instruction: JsonValue | undefined, calls: CallNames): readonly Message[] => {
  if (instruction === undefined || instruction === null) return [];
  const path = "systemInstruction";
  const blocks = isString(instruction)
    ? [{ kind: "text", text: instruction } as const]
    : readParts(asObject(instruction, path), path, calls);
  return blocks.length === 0 ? [] : [{ role: "system", blocks }];
};

const readContent = (value: JsonValue, path: string, calls: CallNames): readonly Message[] => {
  const content = asObject(value, path);
  const role = roleOf(content["role"], `${path}.role`);
  return split(role, readParts(content, path, calls));
};

const readParts = (content: JsonObject, path: string, calls: CallNames): readonly Block[] =>
  listOf(camelKeys(content)["parts"]).flatMap((part, at) => readPart(part, `${path}.parts.${at}`, calls));

/** `function` is what the role of responses was before it became `user`. */
const roleOf = (role: JsonValue | undefined, path: string): "user" | "assistant" => {
  if (role === undefined || role === null || role === "" || role === "user" || role === "function")
    return "user";
  if (role === "model") return "assistant";
  throw invalidRequest(path, "must be user or model");
};

/** Responses are messages of their own: a turn that mixes them with other parts becomes several. */
const split = (role: Role, blocks: readonly Block[]): readonly Message[] => {
  const parts: { role: Role; blocks: Block[] }[] = [];
  for (const block of blocks) {
    const owner = block.kind === "tool-result" ? "tool" : role;
    const last = parts.at(-1);
    if (last?.role === owner) last.blocks.push(block);
    else parts.push({ role: owner, blocks: [block] });
  }
  return parts;
};

/** Clients keep every chunk of a streamed answer as a turn of its own: together they are the answer again. */
const joined = (messages: readonly Message[]): readonly Message[] => {
  const turns: Message[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    if (message.role === "assistant" && last?.role === "assistant")
      turns[turns.length - 1] = { ...last, blocks: [...last.blocks, ...message.blocks] };
    else turns.push(message);
  }
  return turns.map((turn) => (turn.role === "assistant" ? { ...turn, blocks: whole(turn.blocks) } : turn));
};

/** The pieces of a text, and those of a thought up to its signature, as one. */
const whole = (blocks: readonly Block[]): readonly Block[] => {
  const found: Block[] = [];
  for (const block of blocks) {
    if (block.kind === "text" && block.text === "") continue; // how a stream's last chunk ends
    const last = found.at(-1);
    const more = last === undefined ? undefined : continued(last, block);
    if (more === undefined) found.push(block);
    else found[found.length - 1] = more;
  }
  return found;
};

const continued = (last: Block, next: Block): Block | undefined => {
  if (last.kind === "text" && next.kind === "text" && last.native === undefined)
    return { ...next, text: last.text + next.text };
  if (last.kind === "reasoning" && next.kind === "reasoning" && last.signature === undefined)
    return { ...next, text: last.text + next.text };
  return undefined;
};

/** A response without an id answers the first call of its name that none has answered yet. */
class HistoryCalls implements CallNames {
  readonly #open: { readonly id: string; readonly name: string }[] = [];
  #count = 0;

  called(name: string, id: string | undefined): string {
    const own = id === undefined || id === "" ? `call_${this.#count}` : id;
    this.#count++;
    this.#open.push({ id: own, name });
    return own;
  }

  answered(name: string, id: string | undefined): string {
    const isAsked = id !== undefined && id !== "";
    const at = this.#open.findIndex((call) => (isAsked ? call.id === id : call.name === name));
    const [found] = at === -1 ? [] : this.#open.splice(at, 1);
    return found?.id ?? (isAsked ? id : name);
  }
}
