/** The numbers that bound a call. Every one may be set by the operator. */

export interface Limits {
  /** Largest JSON body, and largest message of a realtime session, in bytes. */
  readonly maxJsonBytes: number;
  /** Largest body that is kept so that it can be sent again, when it is not JSON. */
  readonly maxReplayBytes: number;
  readonly maxJsonDepth: number;
  /** Largest upstream body that is read whole, decompressed. */
  readonly maxReplyBytes: number;
  /** Images and documents that are fetched for one call, where the provider takes none by URL. */
  readonly maxFetchedMedia: number;
  /** Largest size of all that is fetched for one call, unpacked. */
  readonly maxFetchedMediaBytes: number;
  /** Time for one of them to come. */
  readonly mediaFetchMs: number;
  /** For a connection to an upstream to come about, TLS included. */
  readonly connectMs: number;
  /** From sending to the first event or the whole JSON answer, when the config says nothing. */
  readonly firstEventMs: number;
  /** Longest silence of an upstream stream. */
  readonly streamIdleMs: number;
  /** Longest silence towards a streaming client before a comment is sent. */
  readonly pingMs: number;
  /** Longest silence of both ends of a realtime session. */
  readonly sessionIdleMs: number;
  /** Tries at targets in one call, whatever the config multiplies to. */
  readonly maxAttempts: number;
  readonly maxConfigDepth: number;
  readonly maxConfigTargets: number;
  /** Calls in flight; more are refused with 503. */
  readonly maxInFlight: number;
  /** How long a client's connection may wait for its next call. */
  readonly keepAliveMs: number;
  /** How long a shutdown waits for calls in flight. */
  readonly drainMs: number;
}

export const DEFAULT_LIMITS: Limits = Object.freeze({
  maxJsonBytes: 32 * 1024 * 1024,
  maxReplayBytes: 8 * 1024 * 1024,
  maxJsonDepth: 128,
  maxReplyBytes: 64 * 1024 * 1024,
  maxFetchedMedia: 20,
  maxFetchedMediaBytes: 20 * 1024 * 1024,
  mediaFetchMs: 10_000,
  connectMs: 10_000,
  firstEventMs: 600_000,
  streamIdleMs: 120_000,
  pingMs: 15_000,
  sessionIdleMs: 900_000,
  maxAttempts: 20,
  maxConfigDepth: 32,
  maxConfigTargets: 1024,
  maxInFlight: 4096,
  // Longer than load balancers keep theirs (AWS and nginx 60 s), which else send a call over one that is just being
  // closed, and answer 502: https://github.com/BerriAI/litellm/issues/19091
  keepAliveMs: 75_000,
  drainMs: 30_000,
});
