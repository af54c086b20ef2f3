/** Whole replies of Anthropic's Messages API: wire to canonical and back. */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type {
  Block,
  ChatReply,
  Choice,
  Finish,
  Native,
  ReasoningBlock,
  RefusalBlock,
  TextBlock,
} from "../schema/chat.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import {
  ID,
  isCitation,
  nativeOf,
  parsedArguments,
  readSignature,
  UNSIGNED,
} from "./anthropic-messages.blocks.ts";
import { readError } from "./anthropic-messages.errors.ts";
import { readTier, readUsage, writeUsage } from "./anthropic-messages.usage.ts";
import { names } from "./body-fields.ts";
import type { Note, ReplyOptions, Written } from "./dialect.ts";

export const readReply = (body: JsonObject): ChatReply => {
  const content = body["content"];
  if (!isArray(content)) {
    throw new MalformedReply(isObject(body["error"]) ? readError(500, body).message : "No content", body);
  }
  const usage = isObject(body["usage"]) ? body["usage"] : undefined;
  return {
    id: isString(body["id"]) ? body["id"] : "",
    model: isString(body["model"]) ? body["model"] : "",
    choices: [
      {
        index: 0,
        blocks: [...content.map(readBlock), ...readRefusal(body["stop_details"])],
        ...readStop(body["stop_reason"], body["stop_sequence"]),
      },
    ],
    ...defined({
      usage: usage === undefined ? undefined : readUsage(usage),
      serviceTier: usage === undefined ? undefined : readTier(usage),
      native: replyNative(body),
    }),
  };
};

export const writeReply = (reply: ChatReply, _options: ReplyOptions): Written<JsonObject> => {
  const notes: Note[] = [];
  const choice = reply.choices[0];
  const content = (choice?.blocks ?? []).flatMap((block, index) => {
    const written = writeBlock(block, `content.${index}`, notes);
    return written === undefined ? [] : [written];
  });
  noteSignatures(choice?.blocks ?? [], notes);
  if (reply.choices.length > 1) notes.push("n");
  if (choice?.logprobs != null) notes.push("logprobs");
  if (reply.native !== undefined && reply.native.dialect !== ID) {
    notes.push(...Object.keys(reply.native.fields));
  }
  return { body: messageOf(reply, content, choice), notes };
};

/** The message object around some content: also what a stream starts with. */
export const messageOf = (
  reply: Pick<ChatReply, "id" | "model" | "native" | "usage" | "serviceTier">,
  content: readonly JsonObject[],
  choice: Choice | undefined,
): JsonObject => ({
  container: null,
  diagnostics: null,
  stop_details: null,
  ...(reply.native?.dialect === ID ? reply.native.fields : {}),
  id: reply.id,
  type: "message",
  role: "assistant",
  model: reply.model,
  content,
  stop_reason:
    choice === undefined
      ? null
      : stopReason(choice.finish, hasCall(choice.blocks), hasRefusal(choice.blocks)),
  stop_sequence: choice?.stopSequence ?? null,
  usage: writeUsage(reply.usage, reply.serviceTier),
});

/**
 * Some compatible providers say `stop` beside tool calls; clients of this API look at the reason alone, also for whether
 * a text is what they asked for or a refusal of it (platform.claude.com/docs/en/build-with-claude/structured-outputs).
 */
export const stopReason = (finish: Finish, calls: boolean, refused: boolean): string => {
  if (finish === "stop" && calls) return "tool_use";
  return finish === "stop" && refused ? "refusal" : WRITTEN[finish];
};

const hasRefusal = (blocks: readonly Block[]): boolean => blocks.some((block) => block.kind === "refusal");

export const readStop = (
  reason: JsonValue | undefined,
  sequence: JsonValue | undefined,
): Pick<Choice, "finish" | "raw" | "stopSequence"> => ({
  finish: isString(reason) ? (READ.get(reason) ?? "unknown") : "unknown",
  ...(isString(reason) ? { raw: reason } : {}),
  ...(isString(sequence) ? { stopSequence: sequence } : {}),
});

/** Why it refused, which else says nothing: `RefusalStopDetails` of the SDK. */
export const readRefusal = (details: JsonValue | undefined): readonly RefusalBlock[] => {
  const explanation = isObject(details) ? details["explanation"] : undefined;
  return isString(explanation) && explanation !== "" ? [{ kind: "refusal", text: explanation }] : [];
};

/** Fields of a message that have no canonical word and say something. */
export const replyNative = (message: JsonObject): Native | undefined => {
  const { stop_details: details } = message;
  const rest = isObject(details) ? { ...message, stop_details: { ...details, explanation: null } } : message;
  return nativeOf(rest, CANONICAL);
};

/** `StopReason` of Anthropic's SDK. */
const READ = table<Finish>({
  end_turn: "stop",
  stop_sequence: "stop-sequence",
  max_tokens: "length",
  tool_use: "tool-calls",
  pause_turn: "pause",
  compaction: "pause", // `BetaStopReason`: the next request goes on behind the summary
  refusal: "refusal",
  model_context_window_exceeded: "context-length",
});

const WRITTEN: Readonly<Record<Finish, string>> = Object.freeze({
  stop: "end_turn",
  "stop-sequence": "stop_sequence",
  length: "max_tokens",
  "tool-calls": "tool_use",
  "content-filter": "refusal",
  refusal: "refusal",
  pause: "pause_turn",
  "context-length": "model_context_window_exceeded",
  unknown: "end_turn",
});

const CANONICAL = names("id type role model content stop_reason stop_sequence usage");

const hasCall = (blocks: readonly Block[]): boolean => blocks.some((block) => block.kind === "tool-call");

/** As its stream would fold, and so without fields that a stream has no events for. */
const readBlock = (block: JsonValue): Block => {
  if (!isObject(block)) throw new MalformedReply("A content block is not an object");
  switch (block["type"]) {
    case "text":
      return readText(block);
    case "thinking":
      return readThinking(block);
    case "redacted_thinking":
      return { kind: "redacted", data: text(block["data"]) };
    case "tool_use":
      return {
        kind: "tool-call",
        id: text(block["id"]),
        name: text(block["name"]),
        arguments: JSON.stringify(block["input"] ?? {}),
      };
    default:
      return { kind: "opaque", dialect: ID, value: block };
  }
};

/** A text that must be there; what a compatible server leaves out is empty. */
export const text = (value: JsonValue | undefined): string => (isString(value) ? value : "");

const readText = (block: JsonObject): TextBlock => {
  const citations = block["citations"];
  const read: TextBlock = { kind: "text", text: text(block["text"]) };
  return isArray(citations) && citations.length > 0 ? { ...read, citations } : read;
};

const readThinking = (block: JsonObject): ReasoningBlock => ({
  kind: "reasoning",
  text: text(block["thinking"]),
  ...defined({ signature: readSignature(block["signature"]) }),
});

const writeBlock = (block: Block, path: string, notes: Note[]): JsonObject | undefined => {
  if (block.kind === "opaque" && block.dialect === ID) return block.value;
  switch (block.kind) {
    case "text":
      return { type: "text", text: block.text, ...writeCitations(block, path, notes) };
    case "refusal":
      return { type: "text", text: block.text };
    case "reasoning":
      return { type: "thinking", thinking: block.text, signature: block.signature ?? UNSIGNED };
    case "redacted":
      return { type: "redacted_thinking", data: block.data };
    case "tool-call":
      return {
        type: "tool_use",
        id: block.id,
        name: block.name,
        input: inputOf(block.arguments, path, notes),
        caller: { type: "direct" },
      };
    default:
      notes.push(`${path} (${kindOf(block)})`);
      return undefined;
  }
};

/** A call's own signature has no place here, but that of thinking may be the same. */
const noteSignatures = (blocks: readonly Block[], notes: Note[]): void => {
  const proofs = blocks.flatMap((block) => (block.kind === "reasoning" ? (block.signature ?? []) : []));
  blocks.forEach((block, index) => {
    if (block.kind !== "tool-call" || block.signature === undefined) return;
    const { signature } = block;
    if (!proofs.some((proof) => proof.endsWith(signature))) notes.push(`content.${index} (signature)`);
  });
};

const kindOf = (block: Block): string =>
  block.kind === "opaque" && isString(block.value["type"]) ? block.value["type"] : block.kind;

/**
 * Nothing where there are none, as the API leaves it out (https://platform.claude.com/docs/en/api/messages): the
 * AI SDK reads no answer with a null there (`anthropicMessagesResponseSchema` of @ai-sdk/anthropic 3.0).
 */
const writeCitations = (block: TextBlock, path: string, notes: Note[]): JsonObject => {
  const citations = block.citations ?? [];
  if (citations.length === 0) return {};
  if (citations.every(isCitation)) return { citations };
  notes.push(`${path}.citations`);
  return {};
};

const inputOf = (argumentsText: string, path: string, notes: Note[]): JsonObject => {
  const input = parsedArguments(argumentsText);
  if (input === undefined) notes.push(`${path} (arguments)`);
  return input ?? {};
};
