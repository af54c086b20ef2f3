import { describe, expect, test } from "bun:test";
import type { ModelFacts } from "../../src/schema/model-facts.ts";
import type { AttemptRecord, CallRecord } from "../../src/schema/record.ts";
import { Recorder } from "../../src/telemetry/recorder.ts";
import { fakeWorld, START_DATE } from "../support/world.ts";

const OPENING = {
  traceId: "trace-1",
  method: "POST",
  path: "/v1/chat/completions",
  endpoint: "chat",
  ingress: "openai-chat",
};

const attempt = (more: Partial<AttemptRecord> = {}): AttemptRecord => ({
  target: "config.targets[0]",
  provider: "openai",
  requestModel: "m",
  mode: "passthrough",
  status: 200,
  outcome: "answered",
  reason: null,
  ttftMs: 20,
  durationMs: 30,
  ...more,
});

const start = () => {
  const world = fakeWorld();
  const emitted: CallRecord[] = [];
  return { world, emitted, recorder: new Recorder(OPENING, world, (record) => void emitted.push(record)) };
};

test("a call is emitted once, with the first word about its end", () => {
  const { recorder, emitted } = start();
  recorder.settle(200, "answered");
  recorder.settle(499, "cancelled");
  expect(emitted).toHaveLength(1);
  expect(emitted[0]).toMatchObject({ status: 200, outcome: "answered" });
});

test("a call of which nothing is known is emitted with what is known", () => {
  const { recorder, emitted } = start();
  recorder.settle(400, "refused");
  expect(emitted).toEqual([
    {
      ...OPENING,
      id: "id-1",
      time: new Date(START_DATE).toISOString(),
      status: 400,
      outcome: "refused",
      stream: false,
      provider: null,
      target: null,
      originalModel: null,
      requestModel: null,
      responseModel: null,
      finish: null,
      attempts: [],
      usage: null,
      cost: null,
      ttftMs: null,
      durationMs: 0,
      overheadMs: 0,
      notes: [],
      error: null,
    },
  ]);
});

test("the last attempt is the one that the call is told by", () => {
  const { recorder, emitted } = start();
  const attempts = [
    attempt({ provider: "anthropic", outcome: "failed", ttftMs: null }),
    attempt({ target: "config.targets[1]", requestModel: "m2" }),
  ];
  recorder.attempts.push(...attempts);
  recorder.settle(200, "answered");
  expect(emitted[0]).toMatchObject({
    provider: "openai",
    target: "config.targets[1]",
    requestModel: "m2",
    ttftMs: 20,
    attempts,
  });
});

test("what was learnt on the way is in the record", () => {
  const { recorder, emitted } = start();
  Object.assign(recorder, {
    originalModel: "openai/m",
    responseModel: "m-2026",
    finish: "stop",
    stream: true,
    usage: { input: 1, output: 2 },
    error: { code: "c", message: "m" },
  });
  recorder.settle(200, "interrupted");
  expect(emitted[0]).toMatchObject({
    originalModel: "openai/m",
    responseModel: "m-2026",
    finish: "stop",
    stream: true,
    usage: { input: 1, output: 2 },
    error: { code: "c", message: "m" },
  });
});

describe("the cost", () => {
  const UNKNOWN = { cacheRead: null, cacheWrite: null, cacheWriteLong: null } as const;
  const NO_SOUND = { audioInput: null, audioOutput: null, reasoning: null, perCall: null } as const;
  const priced = (input: number): ModelFacts => ({
    id: "m",
    contextWindow: null,
    deprecated: false,
    prices: [{ prices: { ...UNKNOWN, ...NO_SOUND, input, output: 10 } }],
  });
  const FACTS = new Map([
    ["openai/m", priced(1)],
    ["openai/m-2026", priced(2)],
  ]);
  const costOfCall = (
    responseModel: string | null,
    requestModel: string | null,
  ): number | null | undefined => {
    const { world } = start();
    let cost: number | null | undefined;
    const facts = (provider: string, model: string) => FACTS.get(`${provider}/${model}`);
    const recorder = new Recorder(OPENING, world, (record) => (cost = record.cost), facts);
    recorder.attempts.push(attempt({ requestModel }));
    Object.assign(recorder, { responseModel, usage: { input: 100, output: 5 } });
    recorder.settle(200, "answered");
    return cost;
  };

  test.each([
    ["m-2026", "m", 250],
    ["unheard", "m", 150],
    [null, "m", 150],
    ["unheard", "unheard", null],
    [null, null, null],
  ])("of %p, asked for as %p, is %p", (responded, requested, cost) => {
    expect(costOfCall(responded, requested)).toBe(cost);
  });
});

test("our own time is what was not spent waiting", () => {
  const { recorder, emitted, world } = start();
  world.advance(100);
  recorder.waited(60);
  recorder.waited(30);
  recorder.settle(200, "answered");
  expect(emitted[0]).toMatchObject({ durationMs: 100, overheadMs: 10 });
});

test("our own time is not that of an answer that goes on as it comes", () => {
  const { recorder, emitted, world } = start();
  world.advance(100);
  recorder.waited(90);
  recorder.handsOn();
  world.advance(1500);
  recorder.settle(200, "answered");
  expect(emitted[0]).toMatchObject({ durationMs: 1600, overheadMs: 10 });
});

test("our own time is never less than nothing", () => {
  const { recorder, emitted, world } = start();
  world.advance(10);
  recorder.waited(60);
  recorder.settle(200, "answered");
  expect(emitted[0]).toMatchObject({ durationMs: 10, overheadMs: 0 });
});

test("a note is kept once, in the order in which it was made", () => {
  const { recorder, emitted } = start();
  recorder.note("seed", "n");
  recorder.note("n", "top_k");
  expect(recorder.notes).toEqual(["seed", "n", "top_k"]);
  recorder.settle(200, "answered");
  expect(emitted[0]?.notes).toEqual(["seed", "n", "top_k"]);
});
