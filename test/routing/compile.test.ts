import { describe, expect, test } from "bun:test";
import { compile } from "../../src/routing/compile.ts";
import type { ConfigNode, Inherited } from "../../src/schema/config.ts";
import { GatewayError } from "../../src/schema/errors.ts";
import type { Outcome } from "../../src/schema/outcome.ts";
import { type CallOptions, fakeCall, type FakeCall, type FakeReply, said } from "./fakes.ts";

type Says = Readonly<Record<string, readonly Outcome<FakeReply>[]>>;

/** Compiles a config whose targets say these, in turn, by their place; else 500. */
const run = async (config: ConfigNode, says: Says = {}, options: CallOptions = {}) => {
  const tried: string[] = [];
  const leaves = new Map<string, Inherited>();
  const dispatch = compile<FakeCall, FakeReply>(config, (path, node) => {
    leaves.set(path, node);
    const outcomes = says[path] ?? [];
    return async () => {
      const turn = tried.filter((one) => one === path).length;
      tried.push(path);
      return outcomes[Math.min(turn, outcomes.length - 1)] ?? said(500);
    };
  });
  const call = fakeCall(options);
  return { outcome: await dispatch(call), tried, leaves, slept: call.world.slept };
};

const leaf = (more: ConfigNode = {}): ConfigNode => ({ provider: "p", ...more });
const group = (
  mode: "single" | "fallback" | "loadbalance",
  ...targets: readonly ConfigNode[]
): ConfigNode => ({
  strategy: { mode },
  targets,
});

const OK = [said(200)];

describe("the places of targets", () => {
  test("a config that is a target is `config`", async () => {
    expect((await run(leaf())).tried).toEqual(["config"]);
  });

  test("grow by a level with every group", async () => {
    const config = group("fallback", leaf(), group("fallback", leaf(), group("single", leaf())), leaf());
    expect((await run(config)).tried).toEqual([
      "config.targets[0]",
      "config.targets[1].targets[0]",
      "config.targets[1].targets[1].targets[0]",
      "config.targets[2]",
    ]);
  });
});

describe("the strategies", () => {
  test("single uses the first target and never another", async () => {
    expect((await run(group("single", leaf(), leaf()))).tried).toEqual(["config.targets[0]"]);
  });

  test("fallback goes on, and heeds its list", async () => {
    const targets = [leaf(), leaf()];
    const listed = (codes: readonly number[]): ConfigNode => ({
      strategy: { mode: "fallback", on_status_codes: codes },
      targets,
    });
    expect((await run(listed([500]))).tried).toHaveLength(2);
    expect((await run(listed([429]))).tried).toHaveLength(1);
    expect((await run(listed([]))).tried).toHaveLength(1);
  });

  test("a list beside the strategy is not heard", async () => {
    const config = { ...group("fallback", leaf(), leaf()), on_status_codes: [429] };
    expect((await run(config)).tried).toHaveLength(2);
  });

  test("load balancing heeds weights, and 1 where none is written", async () => {
    const config = group("loadbalance", leaf({ weight: 3 }), leaf());
    const at = async (chance: number) => (await run(config, {}, { chances: [chance] })).tried;
    expect(await at(0.74)).toEqual(["config.targets[0]"]);
    expect(await at(0.76)).toEqual(["config.targets[1]"]);
  });

  const conditional: ConfigNode = {
    strategy: {
      mode: "conditional",
      conditions: [{ query: { "metadata.plan": "pro" }, then: "fast" }],
      default: "cheap",
    },
    targets: [leaf({ name: "cheap" }), leaf({ name: "fast" }), leaf({ name: "fast" })],
  };

  test.each<[string, ConfigNode, string]>([
    ["with an id", { id: "c", ...group("single", leaf({ is_open: true }), leaf()) }, "config.targets[1]"],
    ["without an id", group("single", leaf({ is_open: true }), leaf()), "config.targets[0]"],
    [
      "with an id, all of them",
      { id: "c", ...group("fallback", leaf({ is_open: true }), leaf({ is_open: true })) },
      "config.targets[0]",
    ],
    [
      "below an id, by weight",
      {
        id: "c",
        ...group("single", group("loadbalance", leaf({ is_open: true, weight: 9 }), leaf({ weight: 1 }))),
      },
      "config.targets[0].targets[1]",
    ],
    [
      "named by a condition",
      {
        id: "c",
        strategy: { mode: "conditional", conditions: [], default: "a" },
        targets: [leaf({ name: "a", is_open: true }), leaf()],
      },
      "config.targets[0]",
    ],
  ])("targets that are open, %s", async (_name, config, first) => {
    expect((await run(config)).tried[0]).toBe(first);
  });

  test("conditional takes the first target of the name", async () => {
    const pro = { scope: { metadata: { plan: "pro" } } };
    expect((await run(conditional, {}, pro)).tried).toEqual(["config.targets[1]"]);
    expect((await run(conditional)).tried).toEqual(["config.targets[0]"]);
  });

  test("a conditional's error ends the call, whatever stands above it", async () => {
    const lost = { ...conditional, strategy: { mode: "conditional" as const, conditions: [] } };
    const failure: unknown = await run(group("fallback", lost, leaf())).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(GatewayError);
    expect(failure).toMatchObject({ code: "router_error" });
  });

  test("a pattern that cannot be compiled is told with its place", () => {
    const bad: ConfigNode = {
      strategy: {
        mode: "conditional",
        conditions: [{ query: { "params.model": { $regex: "(" } }, then: "a" }],
      },
      targets: [leaf({ name: "a" })],
    };
    expect(() => compile(group("fallback", bad), () => async () => said(200))).toThrow(
      "Invalid config passed",
    );
  });

  test("nest in each other", async () => {
    const config = group("fallback", group("loadbalance", leaf({ weight: 0 }), leaf()), conditional);
    const { tried, outcome } = await run(config, { "config.targets[1].targets[0]": OK });
    expect(tried).toEqual(["config.targets[0].targets[1]", "config.targets[1].targets[0]"]);
    expect(outcome).toMatchObject({ kind: "answered" });
  });
});

test("a target holds what its ancestors say", async () => {
  const config: ConfigNode = {
    ...group("fallback", leaf({ override_params: { b: 2 } }), {
      ...group("fallback", leaf({ request_timeout: 5, override_params: { a: 9 } })),
      custom_host: "https://b.example",
    }),
    override_params: { a: 1 },
    request_timeout: 7,
    retry: { attempts: 0 },
  };
  const { leaves } = await run(config);
  expect(leaves.get("config.targets[0]")).toMatchObject({
    override_params: { a: 1, b: 2 },
    request_timeout: 7,
    options: { provider: "p" },
  });
  expect(leaves.get("config.targets[1].targets[0]")).toMatchObject({
    override_params: { a: 9 },
    request_timeout: 5,
    custom_host: "https://b.example",
  });
});

describe("retries", () => {
  test("are each target's own, and happen before the fallback", async () => {
    const config = { ...group("fallback", leaf(), leaf()), retry: { attempts: 1 } };
    const { tried, outcome } = await run(config);
    expect(tried).toEqual([
      "config.targets[0]",
      "config.targets[0]",
      "config.targets[1]",
      "config.targets[1]",
    ]);
    expect(outcome).toMatchObject({ retries: -1 });
  });

  test("may be set for one target alone", async () => {
    const config = group("fallback", leaf({ retry: { attempts: 2 } }), leaf());
    expect((await run(config)).tried.filter((path) => path === "config.targets[0]")).toHaveLength(3);
  });

  test("do not happen with no attempts", async () => {
    expect((await run(leaf({ retry: { attempts: 0 } }))).tried).toHaveLength(1);
  });

  test("heed their list, and the usual one without", async () => {
    const says = { config: [said(400), said(200)] };
    expect((await run(leaf({ retry: { attempts: 1 } }), says)).tried).toHaveLength(1);
    const listed = leaf({ retry: { attempts: 1, on_status_codes: [400] } });
    expect((await run(listed, says)).tried).toHaveLength(2);
  });

  test("hear the provider's wish only when told to", async () => {
    const says = { config: [said(429, { "retry-after": "2" }), said(200)] };
    const waits = async (use?: boolean) => {
      const retry = { attempts: 1, ...(use === undefined ? {} : { use_retry_after_header: use }) };
      return (await run(leaf({ retry }), says)).slept;
    };
    expect(await waits(true)).toEqual([2000]);
    expect(await waits(false)).toEqual([750]);
    expect(await waits()).toEqual([750]);
  });
});
