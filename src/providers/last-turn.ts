/** A conversation that ends with the assistant's turn, as Claude takes it. */
import type { Block, Message } from "../schema/chat.ts";
import type { ModelFacts } from "./claude.models.ts";
import type { Note } from "./dialect.ts";

/**
 * What the assistant began is gone on with by older models, which take no blank at its end ("final assistant content
 * cannot end with trailing whitespace"). From 4.6 on they refuse it ("This model does not support assistant message
 * prefill. The conversation must end with a user message": platform.claude.com/docs/en/api/errors), and OpenAI's
 * clients know of neither: github.com/aj47/SpeakMCP/pull/1037. A turn that the vendor's own tools paused goes back as it is.
 */
export const withLastTurn = (
  messages: readonly Message[],
  { prefill }: ModelFacts,
  tell: (note: Note) => void,
): readonly Message[] => {
  const at = messages.length - 1;
  const last = messages[at];
  if (last?.role !== "assistant" || !last.blocks.some(isSaid)) return messages;
  if (prefill) return messages.with(at, { ...last, blocks: trimmed(last.blocks) });
  if (!last.blocks.every(({ kind }) => PLAIN.includes(kind))) return messages;
  tell(`messages.${at} (a user's turn is put behind it)`);
  return [...messages, GO_ON];
};

const GO_ON: Message = {
  role: "user",
  blocks: [{ kind: "text", text: "Go on exactly where you left off." }],
};

const PLAIN: readonly Block["kind"][] = ["text", "refusal", "reasoning", "redacted"];

const isSaid = (block: Block): boolean => block.kind === "text" && block.text.trim() !== "";

/** Blank texts are left out, so the last one is that before them. */
const trimmed = (blocks: readonly Block[]): readonly Block[] => {
  const at = blocks.findLastIndex((block) => block.kind !== "text" || isSaid(block));
  const block = blocks[at];
  return block?.kind === "text" ? blocks.with(at, { ...block, text: block.text.trimEnd() }) : blocks;
};
