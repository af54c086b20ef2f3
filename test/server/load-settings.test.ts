import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_LIMITS } from "../../src/schema/limits.ts";
import type { JsonObject } from "../../src/schema/json.ts";
import type { Settings } from "../../src/schema/settings.ts";
import { type Environment, type Flags, loadSettings, SettingsError } from "../../src/server/load-settings.ts";

const folder = mkdtempSync(join(tmpdir(), "turnpike-settings-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let serial = 0;
const write = (text: string, suffix = ".json"): string => {
  const path = join(folder, `settings-${++serial}${suffix}`);
  writeFileSync(path, text);
  return path;
};

const load = (file: JsonObject, flags: Flags = {}, environment: Environment = {}): Settings =>
  loadSettings({ settings: write(JSON.stringify(file)), ...flags }, environment);

const fault = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  throw new Error("The settings were accepted");
};

test("without a file, an environment and flags the defaults hold", () => {
  expect(loadSettings({}, {})).toEqual({
    path: undefined,
    host: "127.0.0.1",
    port: 8787,
    allowedHosts: [],
    corsOrigins: [],
    logLevel: "info",
    logFormat: "json",
    trustedHosts: undefined,
    limits: DEFAULT_LIMITS,
    storage: { directory: undefined, retentionMs: 30 * 24 * 60 * 60 * 1000, maxBytes: 1024 ** 3 },
    providers: [],
    virtualKeys: new Map(),
    configs: {},
    defaultConfig: undefined,
  });
});

const FILE = {
  listen: { host: "file", port: 1 },
  log: { level: "debug", format: "text" },
  egress: { trusted_hosts: ["file.internal"] },
  limits: { max_json_bytes: 1 },
};

describe("of file, environment and flags the later counts:", () => {
  test.each<[string, Flags, Environment, Partial<Settings>]>([
    ["the file", {}, {}, { host: "file", port: 1, logLevel: "debug", logFormat: "text" }],
    ["PORT and HOST", {}, { PORT: "2", HOST: "env" }, { port: 2, host: "env" }],
    [
      "our own variables before those",
      {},
      { PORT: "2", HOST: "env", TURNPIKE_PORT: "3", TURNPIKE_HOST: "ours" },
      { port: 3, host: "ours" },
    ],
    [
      "an empty variable says nothing",
      {},
      { TURNPIKE_PORT: " ", TURNPIKE_HOST: "" },
      { port: 1, host: "file" },
    ],
    [
      "flags",
      { port: "4", host: "flag" },
      { TURNPIKE_PORT: "3", TURNPIKE_HOST: "x" },
      { port: 4, host: "flag" },
    ],
    [
      "the log's variables",
      {},
      { TURNPIKE_LOG_LEVEL: "error", TURNPIKE_LOG_FORMAT: "json" },
      { logLevel: "error", logFormat: "json" },
    ],
    [
      "the log's flags",
      { "log-level": "silent", "log-format": "text" },
      { TURNPIKE_LOG_LEVEL: "error", TURNPIKE_LOG_FORMAT: "json" },
      { logLevel: "silent", logFormat: "text" },
    ],
    ["trusted hosts of the file", {}, {}, { trustedHosts: ["file.internal"] }],
    [
      "trusted hosts of the environment",
      {},
      { TRUSTED_CUSTOM_HOSTS: " A.internal, b.internal:8080 ,a.internal" },
      { trustedHosts: ["a.internal", "b.internal:8080"] },
    ],
    ["a limit of the file", {}, {}, { limits: { ...DEFAULT_LIMITS, maxJsonBytes: 1 } }],
    [
      "a limit of the environment",
      {},
      { TURNPIKE_MAX_JSON_BYTES: "2", TURNPIKE_DRAIN_MS: "0" },
      { limits: { ...DEFAULT_LIMITS, maxJsonBytes: 2, drainMs: 0 } },
    ],
  ])("%s", (_name, flags, environment, expected) => {
    expect(load(FILE, flags, environment)).toMatchObject(expected);
  });

  test("the file named by a flag, before that of the environment", () => {
    const [one, two] = [write('{"listen":{"port":1}}'), write('{"listen":{"port":2}}')];
    expect(loadSettings({}, { TURNPIKE_SETTINGS: one }).port).toBe(1);
    expect(loadSettings({ settings: two }, { TURNPIKE_SETTINGS: one }).port).toBe(2);
  });

  test.each(Object.keys(DEFAULT_LIMITS))("the limit %s has a name in both", (limit) => {
    const snake = limit.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    expect(load({ limits: { [snake]: 77 } }).limits).toMatchObject({ [limit]: 77 });
    const environment = { [`TURNPIKE_${snake.toUpperCase()}`]: "88" };
    expect(load({ limits: { [snake]: 77 } }, {}, environment).limits).toMatchObject({ [limit]: 88 });
  });
});

describe("a file", () => {
  test("may have comments and a comma too many", () => {
    expect(loadSettings({ settings: write('{ // here\n "listen": { "port": 5, }, }') }, {}).port).toBe(5);
  });

  test.each([".yaml", ".yml", ".YAML"])("may be %s", (suffix) => {
    expect(loadSettings({ settings: write("listen:\n  port: 5\n", suffix) }, {}).port).toBe(5);
  });

  test.each<[JsonObject, readonly string[]]>([
    [{}, []],
    [{ cors_origins: "*" }, ["*"]],
    [
      { cors_origins: ["https://a.example", "http://localhost:3000"] },
      ["https://a.example", "http://localhost:3000"],
    ],
  ])("says whose pages may call: %j", (listen, origins) => {
    expect(load({ listen }).corsOrigins).toEqual(origins);
  });

  test("may name a schema for editors", () => {
    expect(load({ $schema: "./settings.schema.json" }).port).toBe(8787);
  });

  test.each<[string, JsonObject, string]>([
    ["an unknown key", { lisen: {} }, "/ Unrecognized key(s) in object: 'lisen'"],
    ["an unknown key below", { listen: { prot: 1 } }, "/listen Unrecognized key(s) in object: 'prot'"],
    ["a wrong type", { listen: { port: "1" } }, "/listen/port"],
    [
      "an origin with a path",
      { listen: { cors_origins: ["https://a.example/x"] } },
      '/listen/cors_origins must be "*"',
    ],
    [
      "an origin that is no list",
      { listen: { cors_origins: "https://a.example" } },
      "/listen/cors_origins must be",
    ],
    ["a number out of range", { listen: { port: 65_536 } }, "/listen/port"],
    ["a limit of nothing", { limits: { max_attempts: 0 } }, "/limits/max_attempts"],
    ["an unknown level", { log: { level: "loud" } }, "/log/level"],
    ["a provider without a host", { providers: [{ id: "mine" }] }, "/providers/0/base_url"],
    ["a provider with a bad id", { providers: [{ id: "My Own", base_url: "http://x" }] }, "/providers/0/id"],
    [
      "a provider of no dialect",
      { providers: [{ id: "a", base_url: "http://x", dialect: "y" }] },
      "/providers/0/dialect",
    ],
    ["a virtual key without a provider", { virtual_keys: { team: {} } }, "/virtual_keys/team/provider"],
    ["a config that is none", { configs: { main: [] } }, "/configs/main"],
  ])("with %s is refused with its place", (_name, file, place) => {
    const message = fault(() => load(file));
    expect(message).toStartWith("Cannot load settings ");
    expect(message).toContain(`.json: ${place}`);
    expect(message).not.toContain("\n");
  });

  test("says how many faults it has more", () => {
    expect(fault(() => load({ a: 1, listen: { port: "1" } }))).toMatch(/\(and \d+ more\)$/);
  });

  test("that is missing is named", () => {
    const path = join(folder, "nowhere.json");
    expect(fault(() => loadSettings({ settings: path }, {}))).toBe(
      `Cannot load settings ${path}: there is no such file`,
    );
  });

  test.each<[string, string, string]>([
    ["broken JSON", "{", ".json"],
    ["broken YAML", "a: [", ".yaml"],
    ["a list", "[]", ".json"],
    ["a scalar", "hello", ".yaml"],
    ["nothing", "", ".yaml"],
  ])("of %s is refused in one line", (_name, text, suffix) => {
    const path = write(text, suffix);
    const message = fault(() => loadSettings({ settings: path }, {}));
    expect(message).toStartWith(`Cannot load settings ${path}: `);
    expect(message).not.toContain("\n");
  });
});

describe("environment and flags", () => {
  test.each<[string, Flags, Environment, RegExp]>([
    ["a port that is none", { port: "http" }, {}, /port must be a number from 0 to 65535, not "http"/],
    ["a port out of range", {}, { TURNPIKE_PORT: "65536" }, /port must be a number/],
    ["a negative port", { port: "-1" }, {}, /port must be a number/],
    ["an unknown level", { "log-level": "loud" }, {}, /log level must be one of debug, info/],
    ["an unknown format", {}, { TURNPIKE_LOG_FORMAT: "xml" }, /log format must be one of json, text/],
    [
      "a limit in words",
      {},
      { TURNPIKE_MAX_JSON_BYTES: "32M" },
      /TURNPIKE_MAX_JSON_BYTES must be a whole number/,
    ],
    ["a negative limit", {}, { TURNPIKE_DRAIN_MS: "-1" }, /TURNPIKE_DRAIN_MS must be a whole number/],
  ])("with %s are refused", (_name, flags, environment, message) => {
    expect(fault(() => loadSettings(flags, environment))).toMatch(message);
  });

  test("may say port 0, for any", () => {
    expect(loadSettings({ port: "0" }, {}).port).toBe(0);
  });

  // A timer of more than 2^31-1 ms fires at once.
  test.each(["TURNPIKE_FIRST_EVENT_MS", "TURNPIKE_STREAM_IDLE_MS", "TURNPIKE_PING_MS", "TURNPIKE_DRAIN_MS"])(
    "never make %s a time that no timer can hold",
    (name) => {
      const times = ({ limits }: Settings): readonly number[] => [
        limits.firstEventMs,
        limits.streamIdleMs,
        limits.pingMs,
        limits.drainMs,
      ];
      const loaded = (): readonly number[] => {
        try {
          return times(loadSettings({}, { [name]: "3000000000" }));
        } catch (error) {
          if (error instanceof SettingsError) return [0]; // to refuse it is as good as to cut it
          throw error;
        }
      };
      expect(Math.max(...loaded())).toBeLessThanOrEqual(2_147_483_647);
    },
  );
});

describe("a provider of the operator's own", () => {
  test("is OpenAI's dialect at its host by default", () => {
    const [row] = load({ providers: [{ id: "mine", base_url: "http://10.0.0.7:8000/v1//" }] }).providers;
    expect(row).toMatchObject({
      id: "mine",
      name: "mine",
      dialect: "openai-chat",
      base: "http://10.0.0.7:8000/v1",
      auth: { kind: "bearer" },
      paths: { chat: "/chat/completions", models: "/models" },
      keyless: false,
      env: [],
    });
  });

  test("may speak Anthropic's dialect, and be signed for that way", () => {
    const written = {
      id: "mine",
      name: "Mine",
      base_url: "https://x.example",
      dialect: "anthropic-messages",
      env: ["MINE_KEY"],
      chat_path: "/say",
    };
    const [row] = load({ providers: [written] }).providers;
    expect(row).toMatchObject({
      name: "Mine",
      auth: { kind: "header", name: "x-api-key" },
      paths: { chat: "/say", count_tokens: "/say/count_tokens" },
      env: ["MINE_KEY"],
    });
    expect(row?.inputs?.map(({ header }) => header)).toEqual(["anthropic-version", "anthropic-beta"]);
  });
});

describe("a virtual key", () => {
  const keyOf = (written: JsonObject, environment: Environment = {}) =>
    load({ virtual_keys: { team: { provider: "openai", ...written } } }, {}, environment).virtualKeys.get(
      "team",
    );

  test("holds its credential by reference to the environment", () => {
    expect(keyOf({ api_key: "env:TEAM_KEY" }, { TEAM_KEY: " sk-env " })?.apiKey?.reveal()).toBe("sk-env");
  });

  test("holds its credential by reference to a file", () => {
    expect(keyOf({ api_key: `file:${write("sk-file\n", ".txt")}` })?.apiKey?.reveal()).toBe("sk-file");
  });

  test("may hold the credential itself, or none", () => {
    expect(keyOf({ api_key: "sk-plain" })?.apiKey?.reveal()).toBe("sk-plain");
    expect(keyOf({})?.apiKey).toBeUndefined();
  });

  test("does not show its credential", () => {
    const settings = load({ virtual_keys: { team: { provider: "openai", api_key: "sk-plain" } } });
    expect(Bun.inspect(settings)).not.toContain("sk-plain");
    expect(JSON.stringify([...settings.virtualKeys])).not.toContain("sk-plain");
  });

  test("keeps its host and its provider's options", () => {
    expect(keyOf({ custom_host: "http://x/v1", openai_project: "p", models: ["a"] })).toMatchObject({
      provider: "openai",
      customHost: "http://x/v1",
      options: { openai_project: "p", models: ["a"] },
    });
  });

  test.each(["env:NOT_SET", "env:EMPTY", "file:/nowhere/at/all"])(
    "whose %s leads to nothing is refused",
    (reference) => {
      const message = fault(() => keyOf({ api_key: reference }, { EMPTY: " " }));
      expect(message).toStartWith("Cannot load ");
      expect(message).not.toContain("\n");
    },
  );
});

describe("the default config", () => {
  const configs = { main: { provider: "openai", api_key: "k" } };

  test("is one of the configs", () => {
    expect(load({ configs, default_config: "main" })).toMatchObject({ defaultConfig: "main", configs });
  });

  test.each(["other", "constructor"])("is refused when there is none of that name: %s", (name) => {
    expect(fault(() => load({ configs, default_config: name }))).toContain(`default_config names "${name}"`);
  });
});

describe("responses are kept", () => {
  const DAY_MS = 24 * 60 * 60 * 1000;

  test.each<[string, Flags, Environment, string | undefined]>([
    ["where the flag says", { data: "/flag" }, { TURNPIKE_DATA: "/env" }, "/flag"],
    ["where the environment says", {}, { TURNPIKE_DATA: "/env", STATE_DIRECTORY: "/service" }, "/env"],
    ["where the service manager says", {}, { STATE_DIRECTORY: "/a:/b", HOME: "/home/ann" }, "/a"],
    ["with a user's state", {}, { XDG_STATE_HOME: "/state", HOME: "/home/ann" }, "/state/turnpike"],
    ["in a user's home", {}, { HOME: "/home/ann" }, "/home/ann/.local/state/turnpike"],
    ["in memory without a home", {}, {}, undefined],
    ["in memory where that is wanted", { data: ":memory:" }, { HOME: "/home/ann" }, undefined],
  ])("%s", (_, flags, environment, directory) => {
    expect(loadSettings(flags, environment).storage.directory).toBe(directory);
  });

  test("as the file says, unless the environment does", () => {
    const file = { storage: { path: "/file", retention_days: 2, max_bytes: 3 } };
    const storage = { directory: "/file", retentionMs: 2 * DAY_MS, maxBytes: 3 };
    expect(load(file, {}, { STATE_DIRECTORY: "/service" }).storage).toEqual(storage);
    expect(load(file, {}, { TURNPIKE_DATA: "/env" }).storage).toEqual({ ...storage, directory: "/env" });
  });

  test("for a day and a byte at least", () => {
    expect(fault(() => load({ storage: { retention_days: 0 } }))).toContain("/storage/retention_days");
    expect(fault(() => load({ storage: { max_bytes: 0 } }))).toContain("/storage/max_bytes");
  });
});
