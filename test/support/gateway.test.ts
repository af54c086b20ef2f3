/** Watching a gateway process, tried on a small program that behaves like one. */
import { afterAll, afterEach, beforeEach, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killGateways, startGateway } from "./gateway.ts";

const folder = mkdtempSync(join(tmpdir(), "turnpike-test-"));
const before = process.env["TURNPIKE_BINARY"];

const program = (name: string, code: string): void => {
  const path = join(folder, name);
  writeFileSync(path, `#!${process.execPath}\n${code}`);
  chmodSync(path, 0o755);
  process.env["TURNPIKE_BINARY"] = path;
};

beforeEach(() =>
  program(
    "good",
    `process.on("SIGTERM", () => process.exit(7));
     console.log("a banner");
     console.log(JSON.stringify({ event: "listening", url: "http://127.0.0.1:1", args: process.argv.slice(2) }));
     console.log(JSON.stringify({ event: "call", env: Object.keys(process.env), cwd: process.cwd() }));
     setInterval(() => undefined, 1000);`,
  ),
);
afterEach(killGateways);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  if (before === undefined) delete process.env["TURNPIKE_BINARY"];
  else process.env["TURNPIKE_BINARY"] = before;
});

test("a gateway is ready when it says that it listens", async () => {
  const gateway = await startGateway({ args: ["--extra"] });
  expect(gateway.url).toBe("http://127.0.0.1:1");
  expect(gateway.records[0]?.["args"]).toEqual(["serve", "--port", "0", "--data", ":memory:", "--extra"]);
  expect(gateway.rss()).toBeGreaterThan(1_000_000);
});

test("a gateway finds nothing in its environment but what was given", async () => {
  const gateway = await startGateway({ env: { TURNPIKE_X: "1" } });
  const record = await gateway.nextRecord((one) => one["event"] === "call");
  expect(record["env"]).toEqual(["TURNPIKE_X"]);
  expect(record["cwd"]).not.toBe(process.cwd());
});

test("stopping gives the exit code", async () => {
  const gateway = await startGateway();
  expect(await gateway.stop()).toBe(7);
});

test("a gateway that ends at once says why", async () => {
  program("bad", 'console.error("Cannot read settings: no such file"); process.exit(2);');
  const failure = await startGateway().catch((error: unknown) => String(error));
  expect(failure).toContain("it ended with code 2");
});
