/**
 * The client's leaving, heard by whoever must end with it.
 *
 * The platform is asked for it only once the call has lasted a moment: to listen costs as much as parsing a
 * small body, and most of a leaving's use is to end what lasts. A client that left before is noticed then.
 */
import type { Ending } from "../lib/ending.ts";
import { Ender } from "../lib/ending.ts";
import { Moments } from "../lib/moments.ts";

export interface Departure {
  /** Ends when the client leaves. */
  readonly signal: Ending;
  /** `end` is called when the client leaves, at once if it has. */
  onLeave(end: () => void): void;
  /** `begin` is called when the call has lasted a moment, at once if it has; not when it is over by then. */
  onStay(begin: () => void): void;
  /** Whether the client is still there must be known now. */
  attend(): void;
  /** The call is answered: nobody waits for its end any more. */
  over(): void;
  /** The connection is a WebSocket from now on, whose end is told elsewhere. */
  handOver(): void;
}

/** Shared by all calls. */
const MOMENTS = new Moments();

export const watchDeparture = (request: Pick<Request, "signal">, moments = MOMENTS): Departure => {
  const left = new Ender();
  let isHeard = true;
  let begins: (() => void)[] = [];
  let hasStayed = false;
  const leave = (): void => {
    if (isHeard) left.abort();
  };
  const begin = (): void => {
    hasStayed = true;
    const { signal } = request;
    if (signal.aborted) leave();
    // A property, for there is one listener, and it costs half of one that is added.
    // eslint-disable-next-line unicorn/prefer-add-event-listener
    else signal.onabort = leave;
    for (const each of begins) each();
    begins = [];
  };
  const later = moments.later(begin);
  return {
    signal: left,
    onLeave(end) {
      if (left.aborted) end();
      else left.addEventListener("abort", end);
    },
    onStay(each) {
      if (hasStayed) each();
      else begins.push(each);
    },
    attend: () => later.run(),
    over: () => later.drop(),
    handOver() {
      isHeard = false;
    },
  };
};
