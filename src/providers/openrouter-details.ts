/**
 * The proofs of thoughts as OpenRouter tells them, and wants them back: "Gemini models require OpenRouter reasoning
 * details to be preserved in each request" (github.com/musistudio/claude-code-router/issues/1057), the document of it
 * is openrouter.ai/docs/use-cases/reasoning-tokens, "Preserving reasoning blocks".
 *
 * A proof is one maker's, which `format` names, and may be of one call, which `id` names. Clients of other APIs keep a
 * proof alone: that of any maker but Claude's, whose hosts take it as it is, travels with both before it.
 */
import { defined } from "../lib/defined.ts";
import type { Block } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isString } from "../schema/json.ts";

/** The field of a message that holds them. */
export const DETAILS = "reasoning_details";

export const markedProof = ({ format, id }: JsonObject, proof: string): string =>
  !isString(format) || format.startsWith("anthropic")
    ? proof
    : `${MARK}${format}:${isString(id) ? encodeURIComponent(id) : ""}:${proof}`;

/** The details of a turn: of its thoughts those that are proved. */
export const detailsOf = (blocks: readonly Block[]): readonly JsonObject[] =>
  blocks
    .flatMap((block): readonly JsonObject[] => {
      if (block.kind === "redacted") return proved(block.data, (data) => ({ type: ENCRYPTED, data }));
      if (block.kind !== "reasoning" || !block.signature) return [];
      return proved(block.signature, (signature) => ({
        type: "reasoning.text",
        text: block.text,
        signature,
      }));
    })
    .map((detail, index) => ({ ...detail, index }));

const proved = (value: string, detailOf: (proof: string) => JsonObject): readonly JsonObject[] => {
  const [, format, id, proof] = MARKED.exec(value) ?? [];
  if (proof !== undefined)
    return [
      defined({ ...detailOf(proof), id: id === "" ? undefined : decodeURIComponent(id ?? ""), format }),
    ];
  return FOREIGN.test(value) ? [] : [{ ...detailOf(value), format: CLAUDE }];
};

const ENCRYPTED = "reasoning.encrypted";
const CLAUDE = "anthropic-claude-v1";
const MARK = "openrouter:";
const MARKED = /^openrouter:([^:]+):([^:]*):([^]*)$/;

/** What another dialect's reader has marked as its own vendor's. */
const FOREIGN = /^[a-z-]+:/;
