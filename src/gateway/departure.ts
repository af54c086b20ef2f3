/** The client's leaving: one listener on the request, however many things must end with it. */

export interface Departure {
  readonly signal: AbortSignal;
  /** `end` is called when the client leaves, at once if it has. */
  onLeave(end: () => void): void;
  /** The connection is a WebSocket from now on, whose end is told elsewhere. */
  handOver(): void;
}

export const watchDeparture = (signal: AbortSignal): Departure => {
  let ends: (() => void)[] = [];
  // A property, for there is one listener, and it costs half of one that is added.
  // eslint-disable-next-line unicorn/prefer-add-event-listener
  signal.onabort = () => {
    for (const end of ends) end();
  };
  return {
    signal,
    onLeave(end) {
      if (signal.aborted) end();
      else ends.push(end);
    },
    handOver() {
      ends = [];
    },
  };
};
