/** Browsers' pages, from outside: what the settings allow them, on answers, streams, refusals and sessions. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Gateway, killGateways, startGateway } from "../support/gateway.ts";
import { handshake } from "../support/socket-client.ts";
import { startUpstream, type Upstream } from "../support/upstream.ts";
import { LIMIT_MS } from "../support/wait.ts";
import { ask } from "./setup.ts";

const APP = "https://app.example";

let upstream: Upstream;
let gateway: Gateway;

beforeAll(async () => {
  upstream = await startUpstream();
  const file = join(mkdtempSync(join(tmpdir(), "turnpike-cors-")), "settings.json");
  writeFileSync(file, JSON.stringify({ listen: { cors_origins: [APP] } }));
  gateway = await startGateway({ args: ["--settings", file] });
}, LIMIT_MS);
afterAll(async () => {
  await killGateways();
  await upstream.close();
});

const post = (body: object, more: Readonly<Record<string, string>> = {}) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: {
      origin: APP,
      authorization: "Bearer sk",
      "content-type": "application/json",
      "x-portkey-provider": "openai",
      "x-portkey-custom-host": `${upstream.url}/v1`,
      ...more,
    },
    body: JSON.stringify(body),
  });

test("a page asks, calls, and sees the answer, its headers and its errors", async () => {
  const asked = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "OPTIONS",
    headers: {
      origin: APP,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,x-portkey-provider",
    },
  });
  expect(asked.status).toBe(204);
  expect(asked.headers.get("access-control-allow-headers")).toBe("authorization,x-portkey-provider");
  expect(upstream.requests).toHaveLength(0);
  const answers = [
    await post(ask("echo")),
    await post({ ...ask("echo"), stream: true }),
    await post(ask("echo"), { "x-portkey-provider": "nobody" }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 400]);
  for (const answer of answers) {
    expect(answer.headers.get("access-control-allow-origin")).toBe(APP);
    expect(answer.headers.get("access-control-expose-headers")).toBe("*");
    expect(await answer.text()).not.toBe("");
  }
});

test("a page of another origin is told nothing", async () => {
  const answer = await post(ask("echo"), { origin: "https://evil.example" });
  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  await answer.text();
});

test("a page may open sessions where it may call", async () => {
  const url = `${gateway.url}/v1/realtime?model=m`;
  const [ours, theirs] = await Promise.all([
    handshake(url, { origin: APP, "x-portkey-provider": "nobody" }),
    handshake(url, { origin: "https://evil.example", "x-portkey-provider": "nobody" }),
  ]);
  expect([ours.status, theirs.status]).toEqual([400, 403]);
});
