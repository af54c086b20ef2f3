/** CPU time per request of two servers, measured in turns, so that what the machine does besides hits both alike. */
import { cpuUs } from "./cpu.ts";
import { EVENTS } from "./canned.ts";
import { load, type Shot } from "./load.ts";
import type { Scenario } from "./scenarios.ts";
import { median } from "./statistics.ts";

export interface Server {
  readonly url: string;
  readonly pid: number;
}

export interface Contest {
  readonly wrk: string;
  readonly bare: Server;
  readonly gateway: Server;
  readonly rounds: number;
  readonly seconds: number;
}

/** Medians over the rounds. */
export interface Measured {
  readonly bareUs: number;
  readonly gatewayUs: number;
  readonly ratio: number;
  readonly perEventUs: number;
}

export const measure = async (contest: Contest, scenario: Scenario): Promise<Measured> => {
  const { bare, gateway, rounds } = contest;
  const bareShot = { ...scenario.shot, path: scenario.barePath };
  await proveAnswer(gateway, scenario);
  const sample = (server: Server, shot: Shot) => usPerRequest(contest, server, shot);
  await sample(bare, bareShot); // both compile what they run while they are warmed up
  await sample(gateway, scenario.shot);
  const bareUs: number[] = [];
  const gatewayUs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    bareUs.push(await sample(bare, bareShot));
    gatewayUs.push(await sample(gateway, scenario.shot));
  }
  const pairs = bareUs.map((us, round) => ({ bare: us, gateway: gatewayUs[round] ?? Number.NaN }));
  return {
    bareUs: median(bareUs),
    gatewayUs: median(gatewayUs),
    ratio: median(pairs.map((pair) => pair.gateway / pair.bare)),
    perEventUs: median(pairs.map((pair) => (pair.gateway - pair.bare) / EVENTS)),
  };
};

const usPerRequest = async (contest: Contest, server: Server, shot: Shot): Promise<number> => {
  const before = cpuUs(server.pid);
  const requests = await load(contest.wrk, server.url, shot, contest.seconds);
  return (cpuUs(server.pid) - before) / requests;
};

/** A fast wrong answer is no result. */
const proveAnswer = async ({ url }: Server, { name, shot, marker, times }: Scenario): Promise<void> => {
  const signal = AbortSignal.timeout(10_000);
  const { path, headers, body } = shot;
  const response = await fetch(`${url}${path}`, { method: "POST", headers, body, signal });
  const answer = await response.text();
  const found = answer.split(marker).length - 1;
  if (response.status === 200 && found === times) return;
  throw new Error(
    `Cannot measure "${name}": status ${response.status}, ${found} of ${times} × ${marker}: ${answer.slice(0, 200)}`,
  );
};
