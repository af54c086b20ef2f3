/** Settings that change while the gateway runs. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isObject } from "../../src/schema/json.ts";
import { type Gateway, killGateways, startGateway } from "../support/gateway.ts";
import { startUpstream, type Upstream } from "../support/upstream.ts";
import { LIMIT_MS, STEP_MS } from "../support/wait.ts";

let upstream: Upstream;
let gateway: Gateway;
let folder: string;

const path = (): string => join(folder, "settings.json");

const settings = (model: string, more: object = {}): string =>
  JSON.stringify({
    providers: [{ id: "house", base_url: `${upstream.url}/v1`, keyless: true }],
    configs: { main: { provider: "house", override_params: { model } } },
    default_config: "main",
    ...more,
  });

const next = (event: string, why: string) =>
  gateway.nextRecord((record) => record["event"] === event && record["why"] === why);

const FILE = "the settings file changed";

const reload = async (text: string, event = "reloaded") => {
  writeFileSync(path(), text);
  process.kill(gateway.pid, "SIGHUP");
  return next(event, "SIGHUP");
};

const ask = (body: object = {}): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ messages: [{ role: "user", content: "hello" }], ...body }),
    signal: AbortSignal.timeout(STEP_MS),
  });

const modelAsked = async (): Promise<unknown> => {
  await (await ask()).arrayBuffer();
  return (await upstream.next()).json;
};

const isAbout = (asked: unknown, model: string): boolean => isObject(asked) && asked["model"] === model;

beforeAll(async () => {
  upstream = await startUpstream();
  folder = mkdtempSync(join(tmpdir(), "turnpike-reload-"));
  writeFileSync(path(), settings("first"));
  gateway = await startGateway({ args: ["--settings", path()] });
}, LIMIT_MS);

afterEach(() => upstream.reset());

afterAll(async () => {
  await killGateways();
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

test("settings are taken up at SIGHUP", async () => {
  expect(await modelAsked()).toMatchObject({ model: "first" });
  expect(await reload(settings("second"))).toMatchObject({ level: "info" });
  expect(await modelAsked()).toMatchObject({ model: "second" });
});

test("settings are taken up when their file changes", async () => {
  writeFileSync(path(), settings("third, and longer"));
  await next("reloaded", FILE); // perhaps of the change before, which was looked at late
  for (let asked = await modelAsked(); !isAbout(asked, "third, and longer"); asked = await modelAsked())
    await next("reloaded", FILE);
});

test("a file that does not build changes nothing, and says what is wrong with it", async () => {
  await reload(settings("kept"));
  const broken = settings("lost", { configs: { main: { strategy: { mode: "sideways" } } } });
  const { level, error } = await reload(broken, "not_reloaded");
  expect(level).toBe("error");
  expect(error).toContain("mode");
  expect(await modelAsked()).toMatchObject({ model: "kept" });
});

test("what is decided at the start waits for a restart, and is named", async () => {
  const said = await reload(settings("moved", { listen: { port: 1 }, log: { level: "warn" } }));
  expect(said["after_restart"]).toEqual(["logLevel"]); // the port was said by a flag
  expect(await modelAsked()).toMatchObject({ model: "moved" });
});

test("a call ends in the gateway that it began in", async () => {
  await reload(settings("before"));
  upstream.enqueue({ kind: "slow", before: "first-event" });
  const asked = ask({ stream: true });
  expect((await upstream.next()).json).toMatchObject({ model: "before" });
  await reload(settings("after"));
  upstream.release();
  expect(await (await asked).text()).toContain("[DONE]");
  expect(await modelAsked()).toMatchObject({ model: "after" });
});
