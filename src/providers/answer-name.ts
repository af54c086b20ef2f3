/** Answers are known by an id and a model, also where their upstream tells neither. */
import type { Stage } from "../lib/reducer.ts";
import type { Block, BlockStart, ChatEvent, ChatReply, Fault } from "../schema/chat.ts";
import { renamedCall } from "./call-ids.ts";
import { NO_CHOICES, UNTITLED } from "./chat-events.ts";
import { ownedSignature } from "./openai-responses.proofs.ts";

/** The id and the model of an answer; some APIs tell neither, because who asked knows. */
export interface AnswerName {
  readonly id: string;
  readonly model: string;
  /** What the client calls tools that were asked for by another name. */
  readonly tools?: ReadonlyMap<string, string> | undefined;
  /** Whose proofs of thinking the answer holds. */
  readonly provider?: string;
}

/** The answer under its own name, and where it has none, under the given one: its calls, too. */
export const named = (reply: ChatReply, name: AnswerName): ChatReply => {
  const isNameless = reply.id === "";
  if (!isNameless && name.tools === undefined && name.provider === undefined) return titled(reply, name);
  const blockOf = (block: Block): Block => ownedBlock(namedCall(block, name, isNameless), name);
  const choices = reply.choices.map((choice) => ({ ...choice, blocks: choice.blocks.map(blockOf) }));
  return { ...titled(reply, name), choices };
};

/**
 * The same for an answer as it happens. One whose beginning never came is begun here, for writers say nothing
 * before it; one that ends without a word or a reason is none.
 */
export const naming = (name: AnswerName): Stage<ChatEvent, ChatEvent> => {
  let isBegun = false;
  let isNameless = false;
  let hasChoices = false;
  const begin = (start: StartEvent): ChatEvent => {
    isBegun = true;
    isNameless = start.id === "";
    return titled(start, name);
  };
  const told = (event: ChatEvent): ChatEvent => {
    if (event.type === "end" && !hasChoices) return { type: "error", fault: EMPTY };
    if (event.type === "block-delta") return ownedDelta(event, name);
    if (event.type !== "block-start" || (!isNameless && name.tools === undefined)) return event;
    return { ...event, start: namedCall(event.start, name, isNameless) };
  };
  return {
    push: (event) => {
      if (event.type === "start") return isBegun ? [] : [begin(event)];
      if (event.type === "error") return [event];
      const first = isBegun ? undefined : begin(UNTITLED);
      hasChoices ||= event.type === "block-start" || event.type === "finish";
      return first === undefined ? [told(event)] : [first, told(event)];
    },
    close: () => [],
  };
};

type StartEvent = Extract<ChatEvent, { readonly type: "start" }>;

const EMPTY: Fault = Object.freeze({
  status: 502,
  message: NO_CHOICES,
  type: "upstream_error",
  param: null,
  code: "upstream_malformed",
});

const titled = <T extends Pick<AnswerName, "id" | "model">>(answer: T, name: AnswerName): T =>
  answer.id !== "" && answer.model !== ""
    ? answer
    : { ...answer, id: answer.id || name.id, model: answer.model || name.model };

const ownedBlock = (block: Block, { provider }: AnswerName): Block =>
  provider === undefined || block.kind !== "reasoning" || block.signature === undefined
    ? block
    : { ...block, signature: ownedSignature(block.signature, provider) };

const ownedDelta = (event: DeltaEvent, { provider }: AnswerName): ChatEvent => {
  const { delta } = event;
  if (provider === undefined || delta.kind !== "signature") return event;
  return { ...event, delta: { ...delta, signature: ownedSignature(delta.signature, provider) } };
};

type DeltaEvent = Extract<ChatEvent, { readonly type: "block-delta" }>;

const namedCall = <T extends Block | BlockStart>(
  block: T,
  { id, tools }: AnswerName,
  isNameless: boolean,
): T =>
  block.kind === "tool-call"
    ? {
        ...block,
        id: isNameless ? renamedCall(block.id, id) : block.id,
        name: tools?.get(block.name) ?? block.name,
      }
    : block;
