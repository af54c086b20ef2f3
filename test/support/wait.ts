/** Waiting with a limit: every wait of a test ends, and says what it waited for. */

/** For a process to start or to end. */
export const LIMIT_MS = 15_000;

/**
 * For everything inside a test: less than the 5 s after which Bun ends a test, because Bun then also kills
 * the processes that run, and every later test of the file would fail with it.
 */
export const STEP_MS = 4000;

/** `promise`, or an error that names `what` after `ms`. */
export const within = async <T>(promise: Promise<T>, what: string, ms: number = STEP_MS): Promise<T> => {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Cannot wait longer for ${what}: ${ms} ms are over`)), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** Whether `promise` is still open after `ms`: for "nothing further happens", which no event can tell. */
export const staysOpen = async (promise: Promise<unknown>, ms: number): Promise<boolean> => {
  const quiet = Bun.sleep(ms).then(() => true);
  return Promise.race([quiet, promise.then(() => false)]);
};

/** The value of `read` once it has not moved for `quietMs`. */
export const settled = async (read: () => number, what: string, quietMs = 250): Promise<number> => {
  const deadline = performance.now() + STEP_MS;
  for (let last = read(); performance.now() < deadline;) {
    await Bun.sleep(quietMs);
    const next = read();
    if (next === last) return next;
    last = next;
  }
  throw new Error(`Cannot wait longer for ${what}: it never came to rest`);
};
