/** Everything a change must pass: `bun run test [arguments of bun test]`. */
import { join } from "node:path";
import { runScript } from "./command-line.ts";
import { BINARY, ROOT } from "./recipe.ts";
import { readSummary, summaryLine } from "./test-summary.ts";

interface Step {
  readonly name: string;
  /** Arguments of Bun: this process's own, since there may be no other. */
  readonly args: readonly string[];
}

const CHECKS: readonly Step[] = [
  { name: "format", args: ["fmt", "--check", "."] },
  { name: "lint", args: ["node_modules/.bin/oxlint", "--type-aware"] },
  { name: "types", args: ["check"] },
];
const COMPILE: Step = { name: "compile", args: ["scripts/compile.ts"] };

/** Every step is run, so that one look shows all that is wrong. */
const main = async (): Promise<void> => {
  const failed: string[] = [];
  for (const step of CHECKS) if (!(await passes(step))) failed.push(step.name);
  const compiled = await passes(COMPILE);
  if (!compiled) failed.push(COMPILE.name);
  // Without a binary the tests still tell what is wrong with the source.
  const tested = await runTests(compiled ? { TURNPIKE_BINARY: join(ROOT, BINARY) } : {});
  if (tested.exitCode !== 0) failed.push("test");
  if (failed.length > 0) console.log(`Failed: ${failed.join(", ")}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
  console.log(summaryLine(readSummary(tested.output, tested.exitCode)));
};

const passes = async (step: Step): Promise<boolean> => {
  const startedAt = performance.now();
  console.log(`${step.name} …`);
  const child = Bun.spawn([process.execPath, ...step.args], {
    cwd: ROOT,
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
  });
  return report(step.name, await child.exited, startedAt) === 0;
};

interface Tested {
  readonly exitCode: number;
  readonly output: string;
}

const runTests = async (env: Readonly<Record<string, string>>): Promise<Tested> => {
  const startedAt = performance.now();
  console.log("test …");
  const child = Bun.spawn([process.execPath, "test", ...process.argv.slice(2)], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "inherit",
    stderr: "pipe", // where Bun prints results
  });
  const output = await shown(child.stderr);
  return { output, exitCode: report("test", await child.exited, startedAt) };
};

/** Passes the bytes on as they come, and keeps them. */
const shown = async (stream: ReadableStream<Uint8Array>): Promise<string> => {
  const decoder = new TextDecoder();
  let output = "";
  for await (const bytes of stream) {
    process.stderr.write(bytes);
    output += decoder.decode(bytes, { stream: true });
  }
  return output;
};

const report = (name: string, exitCode: number, startedAt: number): number => {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${name} ${exitCode === 0 ? "passed" : `failed with code ${exitCode}`} in ${seconds} s`);
  return exitCode;
};

await runScript(main);
