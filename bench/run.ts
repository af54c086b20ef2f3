/**
 * Measures the compiled gateway against the least a proxy can do, on loopback: `bun run bench [--quick]`.
 *
 * Both are compiled by the same recipe and run at the same time, each with the same upstream and the same
 * caller; their CPU time is the kernel's own count, so a busy machine slows the run but hardly moves the ratio.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { reasonOf, runScript } from "../scripts/command-line.ts";
import { build, ENTRY } from "../scripts/recipe.ts";
import { startServer } from "../scripts/server-process.ts";
import { CONNECTIONS, findWrk } from "./load.ts";
import { type Contest, measure, type Measured } from "./measure.ts";
import { report, type Results } from "./report.ts";
import { type Scenario, scenariosOf } from "./scenarios.ts";
import { measureIdle, measureStart } from "./start.ts";

interface Length {
  readonly rounds: number;
  readonly seconds: number;
  readonly starts: number;
}

const FULL: Length = { rounds: 5, seconds: 3, starts: 10 };
const QUICK: Length = { rounds: 2, seconds: 1, starts: 3 };

const main = async (): Promise<void> => {
  const length = readLength();
  const wrk = findWrk();
  if (process.platform !== "linux")
    throw new Error("Cannot run the bench: CPU time is read from /proc, on Linux only");
  const folder = mkdtempSync(join(tmpdir(), "turnpike-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true })); // also when interrupted
  const results = await run(wrk, folder, length);
  console.log(`\n${report(results)}`);
  console.log(`${CONNECTIONS} connections, median of ${length.rounds} rounds of ${length.seconds} s each`);
};

const readLength = (): Length => {
  try {
    const { values } = parseArgs({ options: { quick: { type: "boolean" } } });
    return values.quick === true ? QUICK : FULL;
  } catch (error) {
    throw new Error(`Cannot run the bench: ${reasonOf(error)}`, { cause: error });
  }
};

const run = async (wrk: string, folder: string, length: Length): Promise<Results> => {
  const bareBinary = join(folder, "bare-proxy");
  await build({ entry: "bench/bare-proxy.ts", outfile: bareBinary });
  const gatewayCommand = [await gatewayBinary(folder), "serve", "--port", "0"];
  await using upstream = await startServer(
    [process.execPath, join(import.meta.dir, "static-upstream.ts")],
    folder,
  );
  await using bare = await startServer([bareBinary, upstream.url], folder);
  await using gateway = await startServer(gatewayCommand, folder);
  const scenarios = scenariosOf(upstream.url);
  const rows = await compare({ wrk, bare, gateway, ...length }, scenarios);
  const [first] = scenarios;
  if (first === undefined) throw new Error("Cannot run the bench: there are no scenarios");
  console.error("start and idle memory …");
  const start = await measureStart(gatewayCommand, folder, first.shot, length.starts);
  return { rows, start, idleBytes: await measureIdle(gatewayCommand, folder) };
};

/** The binary that is named in the environment, else a fresh one. */
const gatewayBinary = async (folder: string): Promise<string> => {
  const named = process.env["TURNPIKE_BINARY"];
  if (named !== undefined) return resolve(named);
  const outfile = join(folder, "turnpike");
  await build({ entry: ENTRY, outfile });
  return outfile;
};

const compare = async (
  contest: Contest,
  scenarios: readonly Scenario[],
): Promise<readonly (readonly [Scenario, Measured])[]> => {
  const rows: (readonly [Scenario, Measured])[] = [];
  for (const scenario of scenarios) {
    console.error(`${scenario.name} …`);
    rows.push([scenario, await measure(contest, scenario)]);
  }
  return rows;
};

await runScript(main);
