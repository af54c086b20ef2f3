/** The compiled binary alone: nothing beside it, nothing in its environment, and a hostile folder around it. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../package.json" with { type: "json" };
import { isObject } from "../src/schema/json.ts";
import { type Gateway, killGateways, startGateway } from "./support/gateway.ts";
import { LIMIT_MS } from "./support/wait.ts";

const ROOT = join(import.meta.dir, "..");
const BINARY = process.env["TURNPIKE_BINARY"];

const folders: string[] = [];
const emptyFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "turnpike-compile-"));
  folders.push(folder);
  return folder;
};

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** Runs a command that is expected to end by itself. */
const run = async (command: readonly string[], cwd = emptyFolder()): Promise<Ended> => {
  const startedAt = performance.now();
  const child = Bun.spawn([...command], {
    cwd,
    env: {},
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 4000,
  });
  const [code, stdout, stderr] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code, stdout, stderr, ms: performance.now() - startedAt };
};

const expectOneLine = ({ code, stdout, stderr }: Ended, about: string): void => {
  expect(stderr).toMatch(/^[^\n]+\n$/);
  expect(stderr).toContain(about);
  expect(stderr).not.toMatch(/\bat .*:\d+|\$bunfs/);
  expect(stdout).toBe("");
  expect(code).not.toBe(0);
};

/** What Bun would read in the folder it is started in, each as harmful as it can be. */
const hostileFiles = (marker: string): Readonly<Record<string, string>> => ({
  "bunfig.toml": 'preload = ["./hostile.ts"]\n',
  "hostile.ts": `require("node:fs").writeFileSync(${JSON.stringify(marker)}, "");\nprocess.exit(3);\n`,
  ".env": "PORT=1\nTURNPIKE_MAX_JSON_BYTES=1\n",
  "tsconfig.json": '{"compilerOptions":{"paths":{"*":["./hostile.ts"]}}}',
  "package.json": '{"name":"hostile","main":"./hostile.ts","imports":{"#*":"./hostile.ts"}}',
});

const post = (gateway: Gateway, body: string, headers: Readonly<Record<string, string>>): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });

type Fault = (gateway: Gateway) => Promise<Response>;

const FAULTS: readonly (readonly [name: string, fault: Fault])[] = [
  ["a path that is not there", (gateway) => fetch(`${gateway.url}/no-such-path`)],
  ["a body that is no JSON", (gateway) => post(gateway, "{", { "x-portkey-provider": "openai" })],
  ["a config that is no JSON", (gateway) => post(gateway, "{}", { "x-portkey-config": "{" })],
];

describe.if(BINARY !== undefined)("the compiled binary", () => {
  const binary = BINARY ?? "";

  test("tells its version from an empty folder in an empty environment", async () => {
    const { code, stdout, stderr } = await run([binary, "--version"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.trim()).toContain(manifest.version);
  });

  test("holds no path of the folder it was built in", () => {
    const bytes = readFileSync(binary);
    const held = ["src/", "node_modules/"].filter((folder) => bytes.includes(`${ROOT}/${folder}`));
    expect(held).toEqual([]);
  });

  describe("in a folder that wants to be read", () => {
    const folder = emptyFolder();
    const marker = join(folder, "ran");
    let gateway: Gateway;

    beforeAll(async () => {
      for (const [name, content] of Object.entries(hostileFiles(marker))) {
        writeFileSync(join(folder, name), content);
      }
      gateway = await startGateway({ cwd: folder });
    }, LIMIT_MS);
    afterAll(killGateways);

    test("serves, and runs nothing that bunfig.toml preloads", async () => {
      const response = await fetch(`${gateway.url}/healthz`);
      expect(response.status).toBe(200);
      expect(existsSync(marker)).toBe(false);
    });

    test("does not read .env", async () => {
      // The file bounds bodies to one byte.
      const response = await post(gateway, "{}", {});
      expect(response.status).not.toBe(413);
      if (process.platform !== "linux") return;
      const environment = readFileSync(`/proc/${gateway.pid}/environ`, "latin1").split("\0");
      expect(environment).not.toContain("PORT=1");
    });

    test.each(FAULTS)(
      "answers %s in JSON without a stack, although NODE_ENV is unset",
      async (_name, fault) => {
        const response = await fault(gateway);
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(response.headers.get("content-type")).toStartWith("application/json");
        const text = await response.text();
        expect(text).not.toMatch(/<html|\bat .*:\d+|\$bunfs/i);
        const body: unknown = JSON.parse(text);
        expect(isObject(body)).toBe(true);
      },
    );

    test("ends with code 0 on SIGTERM", async () => {
      expect(await gateway.stop()).toBe(0);
      expect(gateway.stderr()).toBe("");
    });
  });

  describe("that cannot start says why in one line within a second", () => {
    let ended: Ended | undefined;
    afterEach(() => expect(ended?.ms).toBeLessThan(1000));

    test("a port in use", async () => {
      using holder = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
      const port = String(holder.port);
      ended = await run([binary, "serve", "--port", port]);
      expectOneLine(ended, port);
    });

    test.each([
      ["an unknown flag", ["serve", "--no-such-flag"], "no-such-flag"],
      ["a port that is none", ["serve", "--port", "many"], "port"],
      ["an unknown command", ["no-such-command"], "no-such-command"],
    ] as const)("%s", async (_name, args, about) => {
      ended = await run([binary, ...args]);
      expectOneLine(ended, about);
    });

    test.each([
      ["settings that are no JSON", "{"],
      ["settings with an unknown key", '{"no_such_key":1}'],
      ["settings with a value out of range", '{"listen":{"port":-1}}'],
      ["no settings file", undefined],
    ] as const)("%s", async (_name, content) => {
      const folder = emptyFolder();
      if (content !== undefined) writeFileSync(join(folder, "settings.json"), content);
      ended = await run([binary, "serve", "--port", "0", "--settings", "settings.json"], folder);
      expectOneLine(ended, "settings.json");
    });
  });
});

describe("the compile script says in one line", () => {
  const script = join(ROOT, "scripts/compile.ts");

  test.each([
    ["that it does not know a flag", ["--no-such-flag"], "no-such-flag"],
    [
      "that it does not know a target, and which there are",
      ["--target", "bun-plan9-x64"],
      "linux-arm64-musl",
    ],
  ] as const)("%s", async (_name, args, about) => {
    expectOneLine(await run([process.execPath, script, ...args]), about);
  });
});
