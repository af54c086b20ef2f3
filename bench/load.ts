/** The caller of the bench: wrk, sixteen connections, one request over and over. */
import { join } from "node:path";
import { endWithUs } from "../scripts/server-process.ts";
import { isNumber, isObject } from "../src/schema/json.ts";

export interface Shot {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const CONNECTIONS = 16;

/** The path of wrk, or an error that says how to get it. */
export const findWrk = (): string => {
  const wrk = Bun.which("wrk");
  if (wrk === null) throw new Error("Cannot run the bench: wrk is missing (on Debian: apt-get install wrk)");
  return wrk;
};

/** Sends the request for that long and gives the number of answers; throws if any was not a good one. */
export const load = async (wrk: string, origin: string, shot: Shot, seconds: number): Promise<number> => {
  const flags = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "-s", join(import.meta.dir, "post.lua")];
  const child = Bun.spawn([wrk, ...flags, `${origin}${shot.path}`], {
    env: { BENCH_BODY: shot.body, BENCH_HEADERS: headerLines(shot.headers) },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: (seconds + 10) * 1000,
  });
  endWithUs(child);
  const [code, said] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const { requests, failed } = countsOf(said);
  if (code === 0 && failed === 0 && requests > 0) return requests;
  throw new Error(
    `Cannot measure ${origin}${shot.path}: ${requests} answers, ${failed} failures, code ${code}`,
  );
};

const headerLines = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join("");

const countsOf = (said: string): { readonly requests: number; readonly failed: number } => {
  const counts: unknown = JSON.parse(said.split("\n").findLast((line) => line.startsWith("{")) ?? "{}");
  if (!isObject(counts)) return { requests: 0, failed: 0 };
  const { requests, failed } = counts;
  return { requests: isNumber(requests) ? requests : 0, failed: isNumber(failed) ? failed : 0 };
};
