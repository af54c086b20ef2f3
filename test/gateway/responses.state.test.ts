import { expect, test } from "bun:test";
import { createResponses, type Responses } from "../../src/gateway/responses.state.ts";
import { DEFAULT_LIMITS } from "../../src/schema/limits.ts";
import { memoryResponseStore } from "../../src/storage/response-store.memory.ts";
import type { ResponseStore } from "../../src/storage/response-store.ts";
import type { Log } from "../../src/telemetry/log.ts";
import { rejection } from "../support/thrown.ts";
import { fakeWorld, type FakeWorld } from "../support/world.ts";

const KEPT = { response: { id: "r" }, input: [{ type: "message", role: "user", content: "Hi" }] };
const RETENTION_MS = 10 * 60 * 60 * 1000;

interface Kept {
  readonly responses: Responses;
  readonly world: FakeWorld;
  /** The events of the log. */
  readonly said: readonly string[];
}

/** A clock that stands still while the store is waited for, unless the store never answers. */
const keeping = (store: ResponseStore, isPatient = true): Kept => {
  const fake = fakeWorld();
  const never = (): Promise<void> => new Promise(() => undefined);
  const world = isPatient ? { ...fake, sleep: never } : fake;
  const said: string[] = [];
  const log: Log = { say: (_level, event) => void said.push(event), call: () => undefined };
  const settings = { directory: undefined, retentionMs: RETENTION_MS, maxBytes: 1000 };
  const limits = { ...DEFAULT_LIMITS, maxJsonBytes: 200 };
  return { responses: createResponses({ store, settings, limits, world, log }), world: fake, said };
};

const never = <T>(): Promise<T> => new Promise(() => undefined);
const silent: ResponseStore = { put: never, get: never, delete: never, sweep: never, close: never };

test("what is kept is found until its time is over", async () => {
  const { responses, world, said } = keeping(memoryResponseStore(1000));
  expect(await responses.keep("ann", "r", KEPT)).toBeUndefined();
  world.advance(RETENTION_MS - 1);
  expect(await responses.find("ann", "r")).toEqual(KEPT);
  world.advance(1);
  expect(await responses.find("ann", "r")).toBeUndefined();
  expect(said).toEqual([]);
});

test("what has expired makes room, at most once an hour", async () => {
  const swept: number[] = [];
  const store = memoryResponseStore(1000);
  const sweep: ResponseStore["sweep"] = (now) => {
    swept.push(now);
    return store.sweep(now);
  };
  const { responses, world } = keeping({
    put: (response) => store.put(response),
    get: (owner, id, now) => store.get(owner, id, now),
    delete: (owner, id) => store.delete(owner, id),
    close: () => store.close(),
    sweep,
  });
  for (const id of ["a", "b"]) await responses.keep("ann", id, KEPT);
  expect(swept).toHaveLength(1);
  world.advance(60 * 60 * 1000);
  await responses.keep("ann", "c", KEPT);
  expect(swept).toHaveLength(2);
});

test("a store that never answers is not waited for", async () => {
  const { responses, said } = keeping(silent, false);
  expect(await responses.keep("ann", "r", KEPT)).toBe("the store did not answer within 5000 ms");
  for (const asked of [responses.find("ann", "r"), responses.remove("ann", "r")])
    expect(await rejection(asked)).toMatchObject({ code: "storage_unavailable", status: 503 });
  expect(said).toEqual(["not_kept", "store_unreadable", "store_unreadable"]);
});

test("a conversation that is longer than a request may be is not kept", async () => {
  const { responses } = keeping(memoryResponseStore(1000));
  const long = { ...KEPT, response: { id: "x".repeat(200) } };
  expect(await responses.keep("ann", "r", long)).toContain("longer than 200 characters");
  expect(await responses.find("ann", "r")).toBeUndefined();
});
