/** What requests and replies of OpenAI-shaped APIs spell alike: reasoning, arguments, types. */
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { DETAILS, markedProof } from "./openrouter-details.ts";

/** One run of reasoning. Pieces with the same `key` belong to the same block. */
export interface ReasoningPiece {
  readonly key: number;
  readonly text: string;
  readonly signature?: string;
  /** Encrypted reasoning, in place of text. */
  readonly data?: string;
}

/**
 * What a message or a delta says of its reasoning, which OpenAI's own API never shows:
 * `reasoning_content` (DeepSeek, "Thinking mode"), `reasoning` (Groq, "Reasoning"; OpenRouter), and
 * `reasoning_details` (OpenRouter, "Reasoning tokens"), which repeats `reasoning` and adds the proofs.
 */
export const reasoningPieces = (message: JsonObject): readonly ReasoningPiece[] => {
  const details = message[DETAILS];
  if (isArray(details)) {
    const pieces = details.flatMap((detail, at) => (isObject(detail) ? detailPiece(detail, at) : []));
    if (pieces.length > 0) return pieces;
  }
  const text = message["reasoning_content"] ?? message["reasoning"];
  return isString(text) && text !== "" ? [{ key: 0, text }] : NONE;
};

/** The reasoning of a part of content, which is Mistral's or Databricks'; undefined of any other part. */
export const partReasoning = (part: JsonObject): Omit<ReasoningPiece, "key"> | undefined => {
  if (part["type"] === "thinking") {
    const { signature } = part;
    return { text: thinkingText(part["thinking"]), ...(isString(signature) ? { signature } : {}) };
  }
  return part["type"] === "reasoning" ? summaryReasoning(part["summary"]) : undefined;
};

/** A list of texts, and their proof with one of them: docs.databricks.com/machine-learning/model-serving/query-reason-models. */
const summaryReasoning = (summary: JsonValue | undefined): Omit<ReasoningPiece, "key"> => {
  const parts = isArray(summary) ? summary.filter(isObject) : [];
  const signature = parts.map((part) => part["signature"]).find(isString);
  return { text: thinkingText(parts), ...(signature === undefined ? {} : { signature }) };
};

/** Anthropic's `thinking` is a string; Mistral's (docs.mistral.ai, Reasoning) a list of text parts. */
export const thinkingText = (thinking: JsonValue | undefined): string => {
  if (isString(thinking)) return thinking;
  if (!isArray(thinking)) return "";
  return thinking.map((part) => (isObject(part) && isString(part["text"]) ? part["text"] : "")).join("");
};

/** Arguments are JSON text; some servers send the object itself. */
export const argumentsText = (value: JsonValue | undefined): string => {
  if (isString(value)) return value;
  return isObject(value) ? JSON.stringify(value) : "";
};

/** Audio comes in pieces of base64 and transcript, which join; `id` and `expires_at` come once. */
export const heard = (
  known: Readonly<Record<string, JsonValue | undefined>> | undefined,
  more: JsonObject,
): Record<string, JsonValue | undefined> => {
  const joined = { ...known };
  for (const [name, value] of Object.entries(more)) {
    const before = joined[name];
    const grows = name === "data" || name === "transcript";
    joined[name] = grows && isString(before) && isString(value) ? before + value : value;
  }
  return joined;
};

/** What an opaque block or tool calls itself, for notes. */
export const typeOf = ({ type }: JsonObject): string => (isString(type) ? type : "unknown");

const NONE: readonly ReasoningPiece[] = [];

const detailPiece = (detail: JsonObject, at: number): readonly ReasoningPiece[] => {
  const key = isNumber(detail["index"]) ? detail["index"] : at;
  const { data, signature } = detail;
  if (detail["type"] === "reasoning.encrypted")
    return isString(data) ? [{ key, text: "", data: markedProof(detail, data) }] : NONE;
  const text = detail["text"] ?? detail["summary"];
  const said = isString(text) ? text : "";
  if (isString(signature) && signature !== "")
    return [{ key, text: said, signature: markedProof(detail, signature) }];
  return said === "" ? NONE : [{ key, text: said }];
};
