/** Input items of a Responses request, read into canonical messages of ordered blocks. */
import { defined } from "../lib/defined.ts";
import type { Block, Message, Native, Role, ToolCallBlock } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { customArguments } from "./custom-tools.ts";
import {
  asObject,
  names,
  nativeRest,
  objectField,
  requiredString,
  stringField,
  argumentsField,
} from "./body-fields.ts";
import type { ClientTool } from "./openai-responses.client-tools.ts";
import { calledTool, clientArguments } from "./openai-responses.client-tools.ts";
import { readContent } from "./openai-responses.parts.ts";
import { readProof } from "./openai-responses.proofs.ts";
import { functionName, functionNames } from "./openai-responses.stand-ins.ts";
import { resultsFirst } from "./results-first.ts";
import { summaryOf, summaryText } from "./openai-responses.summary.ts";
import { ID } from "./openai-responses.words.ts";

export const readInput = (input: JsonValue | undefined): readonly Message[] => {
  if (isString(input)) return [{ role: "user", blocks: [{ kind: "text", text: input }] }];
  if (!isArray(input)) throw invalidRequest("input", "must be a string or an array of items");
  const reader = new InputReader();
  input.forEach((item, at) => reader.read(asObject(item, `input.${at}`), `input.${at}`));
  return resultsFirst(reader.messages);
};

interface OpenMessage {
  readonly role: Role;
  readonly blocks: Block[];
  native?: Native;
}

/** What the model said is one turn, however many items it came in. */
class InputReader {
  readonly messages: OpenMessage[] = [];
  /** The proof that belongs to the next call. */
  #callProof: string | undefined;
  /** Ids of calls that the client ran. */
  readonly #called = new Set<string>();

  read(item: JsonObject, path: string): void {
    switch (typeOfItem(item)) {
      case "message":
        return this.#message(item, path);
      case "reasoning":
        return this.#reasoning(item, path);
      case "function_call":
      case "custom_tool_call":
        return this.#call(readCall(item, path));
      case "local_shell_call":
      case "shell_call":
      case "apply_patch_call":
      case "tool_search_call":
        return this.#clientCall(item, path);
      case "function_call_output":
      case "custom_tool_call_output":
        return this.#result(item, requiredString(item, "call_id", path), path);
      case "local_shell_call_output":
        return this.#result(
          item,
          stringField(item, "call_id", path) ?? requiredString(item, "id", path),
          path,
        );
      case "shell_call_output":
        return this.#shellResult(item, path);
      case "apply_patch_call_output":
        return this.#patchResult(item, path);
      case "tool_search_output":
        return this.#searchResult(item);
      case "additional_tools":
      case "configuration_update":
        return; // read with what the request says as a whole
      case "compaction":
        return this.#compaction(item);
      case "item_reference":
        throw invalidRequest(path, "refers to an item that is not kept here: send the item itself");
      default:
        this.#said({ kind: "opaque", dialect: ID, value: item });
    }
  }

  #message(item: JsonObject, path: string): void {
    const role = roleOf(item, path);
    const blocks = [...readContent(item["content"], `${path}.content`)];
    const native = nativeRest(ID, stated(item), MESSAGE_FIELDS);
    const turn = this.messages.at(-1);
    if (role === "assistant" && turn?.role === role && goesOn(turn.blocks)) {
      turn.blocks.push(...blocks);
      if (native !== undefined) turn.native = native;
    } else this.messages.push({ role, blocks, ...defined({ native }) });
  }

  #reasoning(item: JsonObject, path: string): void {
    const encrypted = stringField(item, "encrypted_content", path);
    const proof = encrypted === undefined ? undefined : readProof(encrypted);
    if (proof?.kind === "call") this.#callProof = proof.value;
    else if (proof?.kind === "redacted") this.#said({ kind: "redacted", data: proof.value });
    else
      this.#said({ kind: "reasoning", text: reasoningText(item), ...defined({ signature: proof?.value }) });
  }

  #call(call: ToolCallBlock): void {
    const signature = this.#callProof;
    this.#callProof = undefined;
    this.#said(signature === undefined ? call : { ...call, signature });
  }

  #result(item: JsonObject, callId: string, path: string): void {
    const content = readContent(item["output"], `${path}.output`);
    this.messages.push({ role: "tool", blocks: [{ kind: "tool-result", callId, content }] });
  }

  /** A call that OpenAI answered itself is nobody else's. */
  #clientCall(item: JsonObject, path: string): void {
    const tool = calledTool(item);
    if (tool === undefined) return this.#said({ kind: "opaque", dialect: ID, value: item });
    this.#called.add(callIdOf(item, path));
    this.#call(readClientCall(tool, item, path));
  }

  #shellResult(item: JsonObject, path: string): void {
    const callId = requiredString(item, "call_id", path);
    if (!this.#called.has(callId)) return this.#said({ kind: "opaque", dialect: ID, value: item });
    const text = JSON.stringify(item["output"] ?? []);
    this.messages.push({ role: "tool", blocks: [{ kind: "tool-result", callId, content: textOf(text) }] });
  }

  #patchResult(item: JsonObject, path: string): void {
    const callId = requiredString(item, "call_id", path);
    const text = stringField(item, "output", path) ?? stringField(item, "status", path) ?? "";
    const isError = item["status"] === "failed" ? { isError: true } : {};
    const result = { kind: "tool-result", callId, content: textOf(text), ...isError } as const;
    this.messages.push({ role: "tool", blocks: [result] });
  }

  /** The tools themselves are declared with all others. */
  #searchResult(item: JsonObject): void {
    const { call_id: callId, tools } = item;
    if (!isString(callId) || !this.#called.has(callId))
      return this.#said({ kind: "opaque", dialect: ID, value: item });
    const text = JSON.stringify({ found: functionNames(tools) });
    this.messages.push({ role: "tool", blocks: [{ kind: "tool-result", callId, content: textOf(text) }] });
  }

  #compaction(item: JsonObject): void {
    const summary = summaryOf(item);
    if (summary === undefined) return this.#said({ kind: "opaque", dialect: ID, value: item });
    this.messages.push({ role: "user", blocks: [{ kind: "text", text: summaryText(summary) }] });
  }

  #said(block: Block): void {
    const turn = this.messages.at(-1);
    if (turn?.role === "assistant") turn.blocks.push(block);
    else this.messages.push({ role: "assistant", blocks: [block] });
  }
}

/** The text of a reasoning item: its summary, or the reasoning itself where a server shows it. */
export const reasoningText = (item: JsonObject): string =>
  textOfParts(item["summary"], PARAGRAPH) || textOfParts(item["content"], "");

/** Between two parts of a summary, which are headed paragraphs. */
export const PARAGRAPH = "\n\n";

const textOfParts = (parts: JsonValue | undefined, between: string): string =>
  (isArray(parts) ? parts : [])
    .map((part) => (isObject(part) && isString(part["text"]) ? part["text"] : ""))
    .join(between);

const MESSAGE_FIELDS = names("type role content id status");

/** A message may leave its type out, and so may a reference. */
const typeOfItem = (item: JsonObject): JsonValue | undefined => {
  if (item["type"] != null) return item["type"];
  return item["role"] === undefined && isString(item["id"]) ? "item_reference" : "message";
};

const roleOf = (item: JsonObject, path: string): Role => {
  const role = requiredString(item, "role", path);
  if (role === "user" || role === "assistant" || role === "system" || role === "developer") return role;
  throw invalidRequest(`${path}.role`, "must be user, assistant, system or developer");
};

/** Texts of two messages must not run together; behind a call there is no room for a turn of its own. */
const goesOn = (blocks: readonly Block[]): boolean =>
  blocks.some(({ kind }) => kind === "tool-call") ||
  !blocks.some(({ kind }) => kind === "text" || kind === "refusal");

const CALL_FIELDS = names("type id call_id name namespace arguments input status caller");

const textOf = (text: string): readonly Block[] => [{ kind: "text", text }];

/** Some clients send the item's own id back in its place. */
const callIdOf = (item: JsonObject, path: string): string => {
  const id = stringField(item, "call_id", path) ?? stringField(item, "id", path);
  if (id === undefined) throw invalidRequest(`${path}.call_id`, "is required");
  return id;
};

const readClientCall = (tool: ClientTool, item: JsonObject, path: string): ToolCallBlock => {
  objectField(item, tool.field, path);
  const id = callIdOf(item, path);
  return { kind: "tool-call", id, name: tool.type, arguments: clientArguments(tool, item) };
};

const readCall = (item: JsonObject, path: string): ToolCallBlock => {
  return {
    kind: "tool-call",
    id: callIdOf(item, path),
    name: functionName(requiredString(item, "name", path), item["namespace"]),
    arguments:
      item["type"] === "custom_tool_call"
        ? customArguments(stringField(item, "input", path) ?? "")
        : argumentsField(item, path),
    ...defined({ native: nativeRest(ID, stated(item), CALL_FIELDS) }),
  };
};

const stated = (item: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null));
