/**
 * Canonical answers written as Gemini's: a stream's chunks, and a reply, which is the one chunk of its events.
 *
 * The answer's name and its counts so far stand in every chunk, as the vendor writes them.
 */
import { present } from "../lib/defined.ts";
import type { Stage } from "../lib/reducer.ts";
import { dataFrame } from "../lib/sse.ts";
import type { ChatEvent, ChatReply, Usage } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { unfold } from "./chat-events.ts";
import type { Note, ReplyOptions, Written } from "./dialect.ts";
import { CandidateWriter } from "./gemini.candidate-write.ts";
import { writeError } from "./gemini.errors-write.ts";
import { showsThoughts } from "./gemini.request-read.ts";
import { writeUsage } from "./gemini.words-write.ts";

export const writeReply = (reply: ChatReply, options: ReplyOptions): Written<JsonObject> => {
  const writer = new AnswerWriter(options);
  for (const event of unfold(reply)) writer.take(event);
  const body = writer.end();
  return { body, notes: [...writer.notes] };
};

export const writeStream = (options: ReplyOptions): Stage<ChatEvent, string> => {
  const writer = new AnswerWriter(options);
  let isOver = false;
  return {
    push(event) {
      if (isOver) return NONE;
      isOver = event.type === "end" || event.type === "error";
      const chunk = chunkFor(writer, event);
      return chunk === undefined ? NONE : [dataFrame(JSON.stringify(chunk))];
    },
    close: () => NONE,
  };
};

const NONE: readonly string[] = [];

const chunkFor = (writer: AnswerWriter, event: ChatEvent): JsonObject | undefined => {
  if (event.type === "error") return writeError(event.fault, null);
  if (event.type === "end") return writer.end();
  writer.take(event);
  return writer.chunk();
};

class AnswerWriter {
  readonly notes = new Set<Note>();
  readonly #showsThoughts: boolean;
  readonly #candidates = new Map<number, CandidateWriter>();
  #name: JsonObject = {};
  #usage: Usage | undefined;

  /** Thoughts are shown to whoever asks for them. */
  constructor({ request }: ReplyOptions) {
    this.#showsThoughts = request === undefined || showsThoughts(request);
  }

  take(event: ChatEvent): void {
    switch (event.type) {
      case "start":
        this.#name = { modelVersion: event.model, responseId: event.id };
        return;
      case "block-start":
        return this.#candidate(event.choice).start(event.block, event.start);
      case "block-delta":
        return this.#candidate(event.choice).delta(event);
      case "block-stop":
        return this.#candidate(event.choice).stop(event.block);
      case "finish":
        return this.#candidate(event.choice).finish(event);
      case "usage":
        this.#usage = event.usage;
        return;
      case "end":
      case "error":
        return;
    }
  }

  /** What was said since the last chunk. */
  chunk(): JsonObject | undefined {
    const candidates = present([...this.#candidates.values()].map((candidate) => candidate.take()));
    return candidates.length === 0 ? undefined : { candidates, ...this.#around() };
  }

  /** The last chunk says why every candidate ended. */
  end(): JsonObject {
    const all = [...this.#candidates.values()];
    const blocked = all.map((candidate) => candidate.blocked).find((reason) => reason !== undefined);
    if (blocked !== undefined) return { promptFeedback: blocked, ...this.#around() };
    return { candidates: all.map((candidate) => candidate.end()), ...this.#around() };
  }

  #around(): JsonObject {
    const usage = this.#usage;
    return { ...(usage === undefined ? {} : { usageMetadata: writeUsage(usage) }), ...this.#name };
  }

  #candidate(index: number): CandidateWriter {
    let known = this.#candidates.get(index);
    if (known === undefined)
      this.#candidates.set(index, (known = new CandidateWriter(index, this.#showsThoughts, this.notes)));
    return known;
  }
}
