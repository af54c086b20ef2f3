/** A server as a process of its own: started, waited for until it says where it listens, and ended by its id. */
import { isObject, isString } from "../src/schema/json.ts";

export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Asks the process to end and gives its exit code. */
  stop(): Promise<number>;
}

const START_MS = 10_000;
const STOP_MS = 10_000;

/**
 * Starts `command` in an environment that is empty, and resolves with its `{"event":"listening","url":…}` line.
 * Its stdout is read to the end, because a full pipe would hold the server back.
 */
export const startServer = async (command: readonly string[], cwd: string): Promise<ServerProcess> => {
  const child = Bun.spawn([...command], { cwd, env: {}, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  endWithUs(child);
  const end = async (): Promise<void> => {
    child.kill("SIGKILL");
    await child.exited;
  };
  const stderr = new Response(child.stderr).text();
  const url = await within(listeningUrl(child.stdout), START_MS);
  if (url === undefined) {
    await end();
    throw new Error(`Cannot start ${command[0]}: it never listened: ${await stderr}`);
  }
  return {
    url,
    pid: child.pid,
    stop: async () => {
      child.kill("SIGTERM");
      const code = await within(child.exited, STOP_MS);
      await end();
      if (code === undefined)
        throw new Error(`Cannot stop ${command[0]}: SIGTERM did not end it in ${STOP_MS} ms`);
      return code;
    },
    [Symbol.asyncDispose]: end,
  };
};

/** Makes sure that the child does not outlive this process, also when that is interrupted. */
export const endWithUs = (child: Bun.Subprocess): void => {
  running.add(child);
  void child.exited.then(() => running.delete(child));
};

const running = new Set<Bun.Subprocess>();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

const within = <T>(promise: Promise<T>, ms: number): Promise<T | undefined> => {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), ms);
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
};

const listeningUrl = async (stdout: ReadableStream<Uint8Array>): Promise<string | undefined> => {
  const reader = stdout.getReader();
  const decoder = new TextDecoder();
  for (let text = ""; ;) {
    const { value, done } = await reader.read();
    if (done) return undefined;
    text += decoder.decode(value, { stream: true });
    const url = text.split("\n").slice(0, -1).map(urlOf).find(isString);
    if (url === undefined) continue;
    void drain(reader);
    return url;
  }
};

const urlOf = (line: string): string | undefined => {
  if (!line.startsWith("{")) return undefined;
  const record: unknown = JSON.parse(line);
  return isObject(record) && record["event"] === "listening" && isString(record["url"])
    ? record["url"]
    : undefined;
};

const drain = async (reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> => {
  while (!(await reader.read()).done);
};
