/**
 * Starts the process once more with an environment that has to be there from the first instruction.
 *
 * Bun reads it when the process begins, and setting it later does nothing: what it preloads, the proxies and
 * the 256 connections of its own HTTP client (calls to providers go over ours), when its allocator gives memory
 * back. `execve` keeps the pid, so a supervisor sees one process.
 */

const BOOTED = "TURNPIKE_BOOTED";

/** Bun reads these by itself: proxies on every call, preloads at start. Ours to decide, so they are cleared. */
const CLEARED = Object.freeze({
  BUN_OPTIONS: "",
  BUN_BE_BUN: "",
  BUN_CONFIG_VERBOSE_FETCH: "",
  HTTP_PROXY: "",
  HTTPS_PROXY: "",
  ALL_PROXY: "",
  http_proxy: "",
  https_proxy: "",
  all_proxy: "",
});

/** True when this process has been replaced or has handed over. */
export const bootAgain = (): boolean => {
  if (process.env[BOOTED] === "1" || process.execve === undefined || process.platform === "win32") {
    process.env.NODE_ENV = "production"; // Elysia reads it at run time: anything else shows internals in errors
    return false;
  }
  process.execve(process.execPath, [process.execPath, ...ownArguments()], {
    ...definedEnvironment(),
    ...CLEARED,
    [BOOTED]: "1",
    NODE_ENV: "production",
    BUN_CONFIG_MAX_HTTP_REQUESTS: "16384",
    // Freed memory goes back to the system after so many milliseconds: else what an upload needs piles up.
    MIMALLOC_PURGE_DELAY: process.env["MIMALLOC_PURGE_DELAY"] ?? "1",
    DO_NOT_TRACK: "1",
  });
  return true;
};

/** A compiled binary carries its script inside; run from source, the script and the header limit are named again. */
const ownArguments = (): readonly string[] => {
  const isCompiled = Bun.main.startsWith("/$bunfs/") || /^[A-Z]:[\\/]~BUN/.test(Bun.main);
  if (isCompiled) return process.argv.slice(2);
  return ["--max-http-header-size=65536", Bun.main, ...process.argv.slice(2)];
};

const definedEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
