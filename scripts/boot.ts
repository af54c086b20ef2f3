/** Proves that a binary needs nothing but itself: it must run from an empty folder in an empty environment. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import manifest from "../package.json" with { type: "json" };
import { startServer } from "./server-process.ts";

/** Asks for the version, serves, answers a health check and ends on SIGTERM; throws at the first that fails. */
export const proveBoot = async (outfile: string): Promise<void> => {
  const binary = resolve(outfile);
  const folder = mkdtempSync(join(tmpdir(), "turnpike-boot-"));
  try {
    await proveVersion(binary, folder);
    await proveServe(binary, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const proveVersion = async (binary: string, cwd: string): Promise<void> => {
  const child = Bun.spawn([binary, "--version"], {
    cwd,
    env: {},
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 10_000,
  });
  const [code, said, blamed] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if (code !== 0)
    throw new Error(`Cannot boot ${binary}: --version ended with code ${code}: ${blamed.trim()}`);
  if (said.trim().includes(manifest.version)) return;
  throw new Error(`Cannot boot ${binary}: --version said "${said.trim()}", not ${manifest.version}`);
};

const proveServe = async (binary: string, cwd: string): Promise<void> => {
  await using server = await startServer([binary, "serve", "--port", "0"], cwd);
  const { status } = await fetch(`${server.url}/healthz`, { signal: AbortSignal.timeout(10_000) });
  if (status !== 200) throw new Error(`Cannot boot ${binary}: /healthz answered ${status}`);
  const code = await server.stop();
  if (code !== 0) throw new Error(`Cannot boot ${binary}: SIGTERM ended it with code ${code}`);
};
