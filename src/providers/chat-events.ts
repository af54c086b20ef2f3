/**
 * A reply is the fold of its events: one definition for JSON answers, streams, and answers replayed
 * as streams.
 */
import type {
  Block,
  BlockStart,
  ChatEvent,
  ChatReply,
  Choice,
  Delta,
  Finish,
  ToolCallBlock,
  Usage,
} from "../schema/chat.ts";
import type { JsonValue } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";
import { MalformedReply } from "../schema/errors.ts";

/** What is wrong with an answer that says nothing, not even why it ended. */
export const NO_CHOICES = "The answer has no choices";

/** The beginning of an answer whose own never came. */
export const UNTITLED = Object.freeze({ type: "start", id: "", model: "" } as const);

/** Events to the reply they amount to. Throws `MalformedReply` when they report an error or do not end. */
export const fold = (events: Iterable<ChatEvent>): ChatReply => {
  const folding = new Folding();
  for (const event of events) folding.take(event);
  return folding.reply();
};

/** A whole reply as the events of a stream: one delta per block. */
export const unfold = (reply: ChatReply): readonly ChatEvent[] => [
  {
    type: "start",
    id: reply.id,
    model: reply.model,
    ...(reply.created === undefined ? {} : { created: reply.created }),
    ...(reply.serviceTier === undefined ? {} : { serviceTier: reply.serviceTier }),
    ...(reply.native === undefined ? {} : { native: reply.native }),
  },
  ...reply.choices.flatMap(unfoldChoice),
  ...(reply.usage === undefined ? [] : [{ type: "usage", usage: reply.usage } as const]),
  { type: "end" },
];

const unfoldChoice = (choice: Choice): readonly ChatEvent[] => [
  ...choice.blocks.flatMap((block, index) => unfoldBlock(choice, block, index)),
  {
    type: "finish",
    choice: choice.index,
    finish: choice.finish,
    ...(choice.raw === undefined ? {} : { raw: choice.raw }),
    ...(choice.stopSequence === undefined ? {} : { stopSequence: choice.stopSequence }),
  },
];

const unfoldBlock = (choice: Choice, block: Block, index: number): readonly ChatEvent[] => {
  const start = startOf(block);
  if (start === undefined) return [];
  const place = { choice: choice.index, block: index };
  // Logprobs belong to the whole choice; they ride on the first delta of its first text block.
  const first = choice.blocks.findIndex((candidate) => candidate.kind === "text");
  const logprobs = index === first && choice.logprobs != null ? { logprobs: choice.logprobs } : {};
  return [
    { type: "block-start", ...place, start },
    ...deltasOf(block).map((delta, at) => ({
      type: "block-delta" as const,
      ...place,
      delta,
      ...(at === 0 ? logprobs : {}),
    })),
    { type: "block-stop", ...place },
  ];
};

const startOf = (block: Block): BlockStart | undefined => {
  switch (block.kind) {
    case "text":
    case "refusal":
    case "reasoning":
      return { kind: block.kind };
    case "redacted":
      return { kind: "redacted", data: block.data };
    case "tool-call":
      return {
        kind: "tool-call",
        id: block.id,
        name: block.name,
        ...(block.custom === undefined ? {} : { custom: block.custom }),
        ...(block.signature === undefined ? {} : { signature: block.signature }),
      };
    case "opaque":
      return { kind: "opaque", dialect: block.dialect, value: block.value };
    case "image":
    case "audio":
    case "file":
    case "tool-result":
      return undefined; // no dialect streams these
  }
};

const deltasOf = (block: Block): readonly Delta[] => {
  switch (block.kind) {
    case "text":
      return [
        ...(block.text === "" ? [] : [{ kind: "text", text: block.text } as const]),
        ...(block.citations ?? []).map((citation) => ({ kind: "citation", citation }) as const),
      ];
    case "refusal":
      return [{ kind: "refusal", text: block.text }];
    case "reasoning":
      return [
        ...(block.text === "" ? [] : [{ kind: "reasoning", text: block.text } as const]),
        ...(block.signature === undefined
          ? []
          : [{ kind: "signature", signature: block.signature } as const]),
      ];
    case "tool-call":
      return block.arguments === "" ? [] : [{ kind: "arguments", text: block.arguments }];
    default:
      return [];
  }
};

interface OpenChoice {
  blocks: Block[];
  finish: Finish;
  raw: string | undefined;
  stopSequence: string | undefined;
  logprobs: JsonValue | undefined;
}

class Folding {
  #start: Extract<ChatEvent, { type: "start" }> | undefined;
  #choices = new Map<number, OpenChoice>();
  #usage: Usage | undefined;
  #ended = false;

  take(event: ChatEvent): void {
    switch (event.type) {
      case "start":
        this.#start ??= event;
        return;
      case "block-start":
        this.#choice(event.choice).blocks[event.block] = opened(event.start);
        return;
      case "block-delta":
        this.#delta(event);
        return;
      case "block-stop":
        return;
      case "finish":
        Object.assign(this.#choice(event.choice), {
          finish: event.finish,
          raw: event.raw,
          stopSequence: event.stopSequence,
        });
        return;
      case "usage":
        this.#usage = event.usage;
        return;
      case "end":
        this.#ended = true;
        return;
      case "error":
        throw new MalformedReply(event.fault.message);
    }
  }

  reply(): ChatReply {
    if (!this.#ended) throw new MalformedReply("The stream did not end");
    if (this.#choices.size === 0) throw new MalformedReply(NO_CHOICES);
    const { type: _, ...start } = this.#start ?? UNTITLED;
    return {
      ...start,
      choices: [...this.#choices].sort(([a], [b]) => a - b).map(([index, choice]) => closed(index, choice)),
      ...(this.#usage === undefined ? {} : { usage: this.#usage }),
    };
  }

  #choice(index: number): OpenChoice {
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    const choice: OpenChoice = {
      blocks: [],
      finish: "unknown",
      raw: undefined,
      stopSequence: undefined,
      logprobs: undefined,
    };
    this.#choices.set(index, choice);
    return choice;
  }

  #delta(event: Extract<ChatEvent, { type: "block-delta" }>): void {
    const choice = this.#choice(event.choice);
    const block = choice.blocks[event.block];
    if (block === undefined)
      throw new MalformedReply(`A delta for block ${event.block}, which was not opened`);
    choice.blocks[event.block] = extended(block, event.delta);
    if (event.logprobs !== undefined) choice.logprobs = mergedLogprobs(choice.logprobs, event.logprobs);
  }
}

const closed = (index: number, choice: OpenChoice): Choice => ({
  index,
  blocks: choice.blocks,
  finish: choice.finish,
  ...(choice.raw === undefined ? {} : { raw: choice.raw }),
  ...(choice.stopSequence === undefined ? {} : { stopSequence: choice.stopSequence }),
  ...(choice.logprobs === undefined ? {} : { logprobs: choice.logprobs }),
});

const opened = (start: BlockStart): Block => {
  switch (start.kind) {
    case "text":
    case "refusal":
    case "reasoning":
      return { kind: start.kind, text: "" };
    case "redacted":
      return { kind: "redacted", data: start.data };
    case "tool-call":
      return { ...start, arguments: "" } satisfies ToolCallBlock;
    case "opaque":
      return { kind: "opaque", dialect: start.dialect, value: start.value };
  }
};

const extended = (block: Block, delta: Delta): Block => {
  switch (delta.kind) {
    case "text":
    case "refusal":
    case "reasoning":
      if (block.kind !== delta.kind) break;
      return { ...block, text: block.text + delta.text };
    case "signature":
      if (block.kind !== "reasoning") break;
      return { ...block, signature: (block.signature ?? "") + delta.signature };
    case "arguments":
      if (block.kind !== "tool-call") break;
      return { ...block, arguments: block.arguments + delta.text };
    case "citation":
      if (block.kind !== "text") break;
      return { ...block, citations: [...(block.citations ?? []), delta.citation] };
    case "opaque":
      if (block.kind !== "opaque") break;
      return { ...block, value: { ...block.value, ...delta.value } };
  }
  throw new MalformedReply(`A ${delta.kind} delta in a ${block.kind} block`);
};

/** OpenAI sends logprobs a few tokens at a time: `{content: [...], refusal: [...]}`; the lists join. */
const mergedLogprobs = (known: JsonValue | undefined, more: JsonValue): JsonValue => {
  if (!isObject(known) || !isObject(more)) return more;
  const joined: Record<string, JsonValue | undefined> = { ...known };
  for (const [key, value] of Object.entries(more)) {
    const before = joined[key];
    joined[key] = isArray(before) && isArray(value) ? [...before, ...value] : (value ?? before);
  }
  return joined;
};
