/**
 * Lines to standard output through a bounded queue.
 *
 * A reader that does not read must not stop the gateway: beyond the bound lines are dropped and
 * counted. `console.log` would block the whole process on a full pipe.
 */
import type { Writable } from "node:stream";

const MAX_QUEUED_BYTES = 8 * 1024 * 1024;

/** Lines of this long are handed over together: a write for every call costs more than the line. */
const BATCH_MS = 5;

export interface LineQueue {
  write(line: string): void;
  /** Lines given up since the start because nobody read. */
  readonly dropped: number;
  /** Resolves when what was queued has been handed over, or at once when nobody reads any more. */
  flush(): Promise<void>;
}

export const createLineQueue = (
  output: Writable,
  maxBytes = MAX_QUEUED_BYTES,
  later: (drain: () => void) => void = (drain) => setTimeout(drain, BATCH_MS),
): LineQueue => {
  let pending: string[] = [];
  let pendingBytes = 0;
  let scheduled = false;
  let dropped = 0;
  let broken = false;
  output.on("error", () => {
    broken = true; // a closed pipe: nobody reads, the gateway goes on
  });

  const drain = (): void => {
    scheduled = false;
    if (broken || pending.length === 0) return;
    const text = pending.join("");
    pending = [];
    pendingBytes = 0;
    output.write(text);
  };
  return {
    write(line) {
      if (broken || pendingBytes + line.length + output.writableLength > maxBytes) {
        dropped++;
        return;
      }
      pending.push(line, "\n");
      pendingBytes += line.length + 1;
      if (scheduled) return;
      scheduled = true;
      later(drain);
    },
    get dropped() {
      return dropped;
    },
    flush: () =>
      new Promise((resolve) => {
        drain();
        if (broken || output.writableLength === 0) resolve();
        else output.write("", () => resolve());
      }),
  };
};
