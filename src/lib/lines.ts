/** Lines of a text that comes in chunks, one at a time, however long the text is. */
import type { Bytes } from "./bytes.ts";

/** A line longer than it may be. */
export class LineTooLong extends Error {
  constructor(number: number, limit: number) {
    super(`line ${number} is longer than ${limit} bytes`);
    this.name = "LineTooLong";
  }
}

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Without its end; lines of nothing but white space are left out. */
  readonly text: string;
}

export async function* linesOf(chunks: AsyncIterable<Bytes>, limit: number): AsyncGenerator<Line> {
  let number = 0;
  let held: Bytes[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, from)) {
      if (end === from && size === 0) {
        from = end + 1;
        number++;
        continue; // a file may be nothing but ends of lines
      }
      held.push(chunk.subarray(from, end));
      from = end + 1;
      number++;
      if (size + end - from > limit) throw new LineTooLong(number, limit);
      const text = textOf(held);
      held = [];
      size = 0;
      if (text !== "") yield { number, text };
    }
    if (from === chunk.length) continue;
    held.push(Uint8Array.from(chunk.subarray(from))); // the chunk itself need not be kept for its end
    size += chunk.length - from;
    if (size > limit) throw new LineTooLong(number + 1, limit);
  }
  const last = textOf(held);
  if (last !== "") yield { number: number + 1, text: last };
}

const LF = 10;
const utf8 = new TextDecoder(); // takes a byte order mark off

const textOf = (held: readonly Bytes[]): string => utf8.decode(Buffer.concat(held)).trim();
