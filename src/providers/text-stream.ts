/** A vendor's stream of text as canonical events: what its frames have in common when nothing but text is in them. */
import type { Reducer, Stage } from "../lib/reducer.ts";
import { seal } from "../lib/reducer.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { ChatEvent, Fault, Finish, Usage } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject } from "../schema/json.ts";
import type { CodecContext } from "./codec.ts";
import { readStreamError } from "./openai-chat.errors.ts";
import { DONE, errorOf, parseChunk } from "./openai-chat.stream-read.ts";

/** What one frame says. */
export interface Heard {
  readonly model?: string | undefined;
  readonly pieces?: readonly HeardPiece[] | undefined;
  /** The running total. */
  readonly usage?: Usage | undefined;
  readonly fault?: Fault | undefined;
  /** Nothing comes behind it. */
  readonly isLast?: boolean;
}

export interface HeardPiece {
  readonly choice: number;
  readonly text: string;
  /** Set in the last piece of a choice. */
  readonly finish?: Finish | undefined;
}

export interface TextFrames {
  hear(frame: SseEvent): Heard;
  /** The vendor marks no end: the stream is whole when it was closed. */
  readonly endsWhenClosed?: boolean;
}

export const textStream = (frames: TextFrames, context: CodecContext): Stage<SseEvent, ChatEvent> =>
  seal(reader(frames, context));

/** Frames of JSON, where a vendor says its errors as others do and its end, if at all, as OpenAI does. */
export const jsonFrames = (hear: (chunk: JsonObject) => Heard): Pick<TextFrames, "hear"> => ({
  hear({ data, event }) {
    if (data === DONE) return { isLast: true };
    const chunk = parseChunk(data);
    if (!isObject(chunk)) return { fault: readStreamError({ message: "A chunk is not JSON" }) };
    const error = errorOf(chunk, event);
    return error === undefined ? hear(chunk) : { fault: readStreamError(error) };
  },
});

interface Reading {
  readonly hasBegun: boolean;
  readonly isOver: boolean;
  /** The choices that were heard, and whether they have ended. */
  readonly choices: ReadonlyMap<number, boolean>;
}

const NOTHING: readonly ChatEvent[] = [];

const reader = (frames: TextFrames, context: CodecContext): Reducer<Reading, SseEvent, ChatEvent> => ({
  start: () => ({ hasBegun: false, isOver: false, choices: new Map() }),
  step(state, frame) {
    if (state.isOver) return [state, NOTHING];
    const heard = frames.hear(frame);
    const opening = state.hasBegun ? NOTHING : [startOf(heard, context)];
    if (heard.fault !== undefined)
      return [{ ...state, isOver: true }, [...opening, { type: "error", fault: heard.fault }]];
    const choices = new Map(state.choices);
    const said = (heard.pieces ?? []).flatMap((piece) => pieceEvents(piece, choices));
    const counted = heard.usage === undefined ? NOTHING : [{ type: "usage", usage: heard.usage } as const];
    const ending = heard.isLast === true ? endOf(choices) : NOTHING;
    return [
      { hasBegun: true, isOver: heard.isLast === true, choices },
      [...opening, ...said, ...counted, ...ending],
    ];
  },
  end({ hasBegun, isOver, choices }) {
    if (isOver || !hasBegun) return NOTHING;
    const hasEnded = choices.size > 0 && [...choices.values()].every(Boolean);
    return frames.endsWhenClosed === true || hasEnded ? endOf(choices) : NOTHING;
  },
});

const startOf = ({ model }: Heard, context: CodecContext): ChatEvent => ({
  type: "start",
  id: `cmpl-${context.now}`,
  model: model ?? context.model,
  created: context.now,
});

/** The choices are those so far, and are brought up to date. */
const pieceEvents = (
  { choice, text, finish }: HeardPiece,
  choices: Map<number, boolean>,
): readonly ChatEvent[] => {
  if (choices.get(choice) === true) return NOTHING;
  const place = { choice, block: 0 };
  const events: ChatEvent[] = [];
  if (!choices.has(choice)) events.push({ type: "block-start", ...place, start: { kind: "text" } });
  if (text !== "") events.push({ type: "block-delta", ...place, delta: { kind: "text", text } });
  if (finish !== undefined) events.push({ type: "block-stop", ...place }, { type: "finish", choice, finish });
  choices.set(choice, finish !== undefined);
  return events;
};

/** Vendors do not always say why they ended; an answer without a word has a choice all the same. */
const endOf = (choices: ReadonlyMap<number, boolean>): readonly ChatEvent[] => {
  const open =
    choices.size === 0 ? [0] : [...choices].filter(([, isOver]) => !isOver).map(([choice]) => choice);
  const finishes = open.map((choice) => ({ type: "finish", choice, finish: "unknown" }) as const);
  return [...finishes, { type: "end" }];
};
