/** The calls in flight: how many there are, and which of them must hear of a shutdown. */

export interface CallsInFlight {
  readonly inFlight: number;
  opened(): void;
  closed(): void;
  /** `end` is called if the gateway goes down before the returned function is. */
  onShutdown(end: () => void): () => void;
  /** Ends every stream that is still open, in its dialect. */
  endStreams(): void;
}

export const createCalls = (): CallsInFlight => {
  let inFlight = 0;
  // A set, not listeners on one long-lived signal: those are searched one by one when they are removed.
  const streams = new Set<() => void>();
  return {
    get inFlight() {
      return inFlight;
    },
    opened: () => {
      inFlight++;
    },
    closed: () => {
      inFlight--;
    },
    onShutdown(end) {
      streams.add(end);
      return () => streams.delete(end);
    },
    endStreams() {
      for (const end of streams) end();
    },
  };
};
