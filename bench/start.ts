/** How long a gateway takes to be of use, and what it holds when it does nothing. */
import { startServer } from "../scripts/server-process.ts";
import { residentBytes } from "./cpu.ts";
import type { Shot } from "./load.ts";
import { median } from "./statistics.ts";

export interface Start {
  /** From the start of the process to the first healthy answer. */
  readonly healthyMs: number;
  /** From the start of the process to the end of the first answer of an upstream. */
  readonly proxiedMs: number;
}

/** Medians of so many starts. */
export const measureStart = async (
  command: readonly string[],
  cwd: string,
  shot: Shot,
  times: number,
): Promise<Start> => {
  const starts: Start[] = [];
  for (let time = 0; time < times; time++) starts.push(await oneStart(command, cwd, shot));
  return {
    healthyMs: median(starts.map((start) => start.healthyMs)),
    proxiedMs: median(starts.map((start) => start.proxiedMs)),
  };
};

/** Resident memory two seconds after a start, in bytes. */
export const measureIdle = async (command: readonly string[], cwd: string): Promise<number> => {
  await using server = await startServer(command, cwd);
  await Bun.sleep(2000);
  return residentBytes(server.pid);
};

const oneStart = async (command: readonly string[], cwd: string, shot: Shot): Promise<Start> => {
  const startedAt = performance.now();
  await using server = await startServer(command, cwd);
  await ask(`${server.url}/healthz`, {});
  const healthyMs = performance.now() - startedAt;
  await ask(`${server.url}${shot.path}`, { method: "POST", headers: shot.headers, body: shot.body });
  return { healthyMs, proxiedMs: performance.now() - startedAt };
};

const ask = async (url: string, init: RequestInit): Promise<void> => {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
  await response.arrayBuffer();
  if (response.status !== 200)
    throw new Error(`Cannot measure the start: ${url} answered ${response.status}`);
};
