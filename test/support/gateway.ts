/** The gateway as its users run it: a process of its own, watched through stdout and HTTP. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "../../src/schema/json.ts";
import { Feed } from "./feed.ts";
import { LIMIT_MS, within } from "./wait.ts";

export interface GatewayOptions {
  /** Everything the process finds in its environment, besides what running from source needs. */
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** The folder to start in; a fresh temporary one unless given. */
  readonly cwd?: string;
  /** Where it keeps what it keeps: in memory unless given, `settings` where those say it. */
  readonly data?: string;
}

export interface Gateway {
  readonly url: string;
  readonly pid: number;
  /** Every JSON line of stdout so far. */
  readonly records: readonly JsonObject[];
  /** The first record that was not handed out yet. */
  nextRecord(matches?: (record: JsonObject) => boolean): Promise<JsonObject>;
  stderr(): string;
  /** Resident memory in bytes. */
  rss(): number;
  /** Asks the process to end and gives its exit code. */
  stop(): Promise<number>;
  kill(): Promise<void>;
}

/** Starts a gateway on a free port: the binary that `TURNPIKE_BINARY` names, else the source. */
export const startGateway = async (options: GatewayOptions = {}): Promise<Gateway> => {
  const folder = options.cwd ?? mkdtempSync(join(tmpdir(), "turnpike-test-"));
  const spawned = spawn(options, folder);
  const records = new Feed<JsonObject>("record of the gateway");
  let stderr = "";
  void eachLine(spawned.stdout, (line) => pushRecord(records, line));
  void eachLine(spawned.stderr, (line) => (stderr += `${line}\n`));
  const kill = async (): Promise<void> => {
    spawned.kill("SIGKILL");
    await spawned.exited;
    running.delete(kill);
    if (options.cwd === undefined) rmSync(folder, { recursive: true, force: true });
  };
  running.add(kill);
  const listening = records.next((record) => record["event"] === "listening", LIMIT_MS);
  const url = await Promise.race([listening.then(urlOf), ended(spawned.exited, () => stderr)]);
  return {
    url,
    pid: spawned.pid,
    records: records.all,
    nextRecord: (matches) => records.next(matches),
    stderr: () => stderr,
    rss: () => rssOf(spawned.pid),
    stop: async () => {
      spawned.kill("SIGTERM");
      try {
        return await within(spawned.exited, "the gateway to stop", LIMIT_MS);
      } finally {
        await kill();
      }
    },
    kill,
  };
};

/** Ends every gateway that a test left running. */
export const killGateways = async (): Promise<void> => {
  await Promise.all([...running].map((kill) => kill()));
};

const running = new Set<() => Promise<void>>();

const MAIN = join(import.meta.dir, "../../src/main.ts");

const spawn = ({ env = {}, args = [], data = ":memory:" }: GatewayOptions, cwd: string) => {
  const binary = process.env["TURNPIKE_BINARY"];
  const program = binary === undefined ? [process.execPath, MAIN] : [binary];
  const kept = data === "settings" ? [] : ["--data", data];
  return Bun.spawn([...program, "serve", "--port", "0", ...kept, ...args], {
    cwd,
    env: { ...(binary === undefined && sourceEnv()), ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
};

/** Running from source needs these two; a binary is started with nothing. */
const sourceEnv = (): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  HOME: process.env["HOME"] ?? "",
});

const eachLine = async (stream: ReadableStream<Uint8Array>, take: (line: string) => void): Promise<void> => {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
  if (rest !== "") take(rest);
};

const pushRecord = (records: Feed<JsonObject>, line: string): void => {
  if (!line.startsWith("{")) return;
  try {
    records.push(JSON.parse(line) as JsonObject); // the line starts with a brace
  } catch {
    records.push({ event: "unreadable", line });
  }
};

const urlOf = (record: JsonObject): string => {
  const url = record["url"];
  if (typeof url !== "string") throw new Error("Cannot use the gateway: its listening line has no url");
  return url;
};

const ended = async (exited: Promise<number>, stderr: () => string): Promise<never> => {
  const code = await exited;
  throw new Error(`Cannot start the gateway: it ended with code ${code}\n${stderr()}`);
};

const rssOf = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024;
};
