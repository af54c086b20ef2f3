/**
 * A stream of events handed on as one JSON array, whose elements are the events' data.
 *
 * An error stands in the array as its last element: an array that is whole says what its answer is.
 */
import type { Bytes } from "../lib/bytes.ts";
import { decodeSse } from "../lib/sse.ts";
import type { SseEvent } from "../lib/sse.ts";
import type { Relayed } from "./relay.ts";

/** The whole of a stream that was written at once. */
export const arrayOf = (text: string): string => {
  const writer = new ArrayWriter();
  return writer.add(text) + writer.end();
};

export const arrayed = (relayed: Relayed): Relayed => {
  const writer = new ArrayWriter();
  /** Behind the end of the answer nothing may be missing, whatever becomes of the upstream. */
  const closedAtEnd = (text: string): string => (relayed.hasEnded() ? text + writer.end() : text);
  return {
    first: () => closedAtEnd(writer.add(relayed.first())),
    next: (chunk) => closedAtEnd(writer.add(relayed.next(chunk))),
    last() {
      const text = relayed.last();
      return text === undefined ? undefined : writer.add(text) + writer.end();
    },
    isBetweenFrames: () => true,
    hasEnded: () => relayed.hasEnded(),
    broken(reason) {
      writer.forget(); // half of a frame is no element
      return writer.add(relayed.broken(reason)) + writer.end();
    },
    pause: "\n", // white space between two elements
  };
};

class ArrayWriter {
  #decoder = decodeSse();
  #count = 0;
  #isClosed = false;

  add(chunk: Bytes | string): string {
    const bytes = typeof chunk === "string" ? encoder.encode(chunk) : chunk;
    return this.#decoder
      .push(bytes)
      .map((event) => this.#element(event))
      .join("");
  }

  /** Forgets a frame that is not complete. */
  forget(): void {
    this.#decoder = decodeSse();
  }

  end(): string {
    if (this.#isClosed) return "";
    this.#isClosed = true;
    return this.#count === 0 ? "[]" : "\n]";
  }

  #element({ data }: SseEvent): string {
    return `${this.#count++ === 0 ? "[" : ",\n"}${data}`;
  }
}

const encoder = new TextEncoder();
