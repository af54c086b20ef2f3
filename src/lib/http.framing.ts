/** Where the body of an answer ends (RFC 9112 §6.3): by its length, by its chunks, or with the connection. */
import type { Bytes } from "./bytes.ts";
import type { ResponseHead } from "./http.head.ts";
import { MalformedResponse } from "./http.errors.ts";

export interface Framing {
  /** What of the body is in this read, which may be nothing. */
  push(chunk: Buffer): Bytes;
  readonly isDone: boolean;
  /** More came than belongs to the body. */
  readonly hasSurplus: boolean;
  readonly endsWithConnection: boolean;
}

/** Answers to `HEAD`, and those whose status says so, have no body whatever their head says. */
export const hasBody = (method: string, status: number): boolean =>
  method !== "HEAD" && status !== 204 && status !== 304;

export const framingOf = (method: string, { status, headers }: ResponseHead): Framing => {
  if (!hasBody(method, status)) return new ByLength(0);
  const coding = headers.get("transfer-encoding");
  if (coding !== null) {
    if (coding.trim().toLowerCase() !== "chunked")
      throw new MalformedResponse("its transfer-encoding is not supported");
    return new ByChunks();
  }
  const length = headers.get("content-length");
  return length === null ? new ByConnection() : new ByLength(readLength(length));
};

/** The same length may be said more than once (RFC 9110 §8.6). */
const readLength = (text: string): number => {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const [first = "", ...others] = text.split(",").map((part) => part.trim());
  const length = Number(first);
  if (!/^\d+$/.test(first) || !Number.isSafeInteger(length) || others.some((other) => other !== first))
    throw new MalformedResponse("its content-length is not a length");
  return length;
};

const NOTHING: Bytes = new Uint8Array();

class ByLength implements Framing {
  readonly endsWithConnection = false;
  hasSurplus = false;
  #left: number;

  constructor(length: number) {
    this.#left = length;
  }

  get isDone(): boolean {
    return this.#left === 0;
  }

  push(chunk: Buffer): Bytes {
    if (chunk.length > this.#left) this.hasSurplus = true;
    const piece = chunk.length > this.#left ? chunk.subarray(0, this.#left) : chunk;
    this.#left -= piece.length;
    return piece as Bytes;
  }
}

class ByConnection implements Framing {
  readonly endsWithConnection = true;
  readonly isDone = false;
  readonly hasSurplus = false;

  push(chunk: Buffer): Bytes {
    return chunk as Bytes;
  }
}

/** A size line has a few digits; what may stand behind them is of no use to anybody. */
const MAX_LINE = 1024;
const MAX_TRAILER_BYTES = 64 * 1024;
const MAX_DIGITS = 12;
const CR = 13;
const LF = 10;

/** Chunks that came in one read are handed on as one piece. */
class ByChunks implements Framing {
  readonly endsWithConnection = false;
  isDone = false;
  hasSurplus = false;
  #at: "size" | "data" | "data-end" | "trailer" = "size";
  /** Bytes of the chunk that are still to come. */
  #left = 0;
  /** A line whose end has not come yet. */
  #line = "";
  #trailerBytes = 0;

  push(chunk: Buffer): Bytes {
    const pieces: Bytes[] = [];
    let at = 0;
    while (at < chunk.length && !this.isDone) at = this.#step(chunk, at, pieces);
    this.hasSurplus = at < chunk.length;
    if (pieces.length === 1) return pieces[0] as Bytes;
    return pieces.length === 0 ? NOTHING : Buffer.concat(pieces);
  }

  /** Where the next step begins. */
  #step(chunk: Buffer, at: number, pieces: Bytes[]): number {
    if (this.#at === "data") {
      const end = Math.min(chunk.length, at + this.#left);
      pieces.push(chunk.subarray(at, end) as Bytes);
      this.#left -= end - at;
      if (this.#left === 0) this.#at = "data-end";
      return end;
    }
    if (this.#at === "data-end" && this.#line === "" && chunk[at] === CR && chunk[at + 1] === LF) {
      this.#at = "size";
      return at + 2;
    }
    return this.#readLine(chunk, at);
  }

  #readLine(chunk: Buffer, at: number): number {
    const feed = chunk.indexOf(LF, at);
    const end = feed === -1 ? chunk.length : feed + 1;
    this.#line += chunk.toString("latin1", at, end);
    if (this.#line.length > MAX_LINE) throw new MalformedResponse("a line between its chunks is too long");
    if (feed === -1) return end;
    if (!this.#line.endsWith("\r\n")) throw new MalformedResponse("a line between its chunks ends wrongly");
    const line = this.#line.slice(0, -2);
    this.#line = "";
    this.#take(line);
    return end;
  }

  #take(line: string): void {
    if (this.#at === "size") this.#begin(line);
    else if (this.#at === "trailer") this.#trail(line);
    else if (line === "") this.#at = "size";
    else throw new MalformedResponse("a chunk is longer than it says");
  }

  #begin(line: string): void {
    const digits = /^([0-9a-f]+)[ \t]*(?:;|$)/i.exec(line)?.[1];
    if (digits === undefined || digits.length > MAX_DIGITS)
      throw new MalformedResponse("a chunk does not say its size");
    this.#left = Number.parseInt(digits, 16);
    this.#at = this.#left === 0 ? "trailer" : "data";
  }

  /** Fields behind the last chunk are of no use to us. */
  #trail(line: string): void {
    this.#trailerBytes += line.length;
    if (this.#trailerBytes > MAX_TRAILER_BYTES) throw new MalformedResponse("its trailer is too large");
    this.isDone = line === "";
  }
}
