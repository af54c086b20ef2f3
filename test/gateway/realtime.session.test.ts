import { describe, expect, test } from "bun:test";
import { beginSession } from "../../src/gateway/realtime.session.ts";
import type { OpenedSocket } from "../../src/lib/egress.ts";
import type { SocketEvents, SocketMessage } from "../../src/lib/socket.ts";
import { within } from "../support/wait.ts";
import { callOf } from "./fakes.ts";

interface FakeEnd {
  readonly told: readonly SocketMessage[];
  readonly closed: Promise<readonly [number, string]>;
  readonly terminated: Promise<void>;
  readonly socket: OpenedSocket;
  isPaused: boolean;
  isFull: boolean;
  events: SocketEvents | undefined;
}

/** An end that notes what it is told, and answers no goodbye. */
const endOf = (): FakeEnd => {
  const told: SocketMessage[] = [];
  const closed = Promise.withResolvers<readonly [number, string]>();
  const terminated = Promise.withResolvers<void>();
  const end: FakeEnd = {
    told,
    closed: closed.promise,
    terminated: terminated.promise,
    isPaused: false,
    isFull: false,
    events: undefined,
    socket: {
      protocol: "",
      headers: new Headers(),
      listen: (events: SocketEvents) => void (end.events = events),
      send: (message: SocketMessage) => {
        told.push(message);
        return !end.isFull;
      },
      pause: () => void (end.isPaused = true),
      resume: () => void (end.isPaused = false),
      close: (code: number, reason: string) => closed.resolve([code, reason]),
      terminate: () => terminated.resolve(),
    },
  };
  return end;
};

const start = () => {
  // Looked after every ten milliseconds; the call's own clock stands still.
  const call = callOf({
    ingress: { endpoint: "realtime", dialect: "openai-chat" },
    limits: { sessionIdleMs: 40 },
  });
  const client = endOf();
  const upstream = endOf();
  client.events = beginSession(call, upstream.socket)(client.socket);
  return { call, world: call.surroundings.world, client, upstream };
};

describe("an end that takes no more", () => {
  test.each([
    ["the client", (one: ReturnType<typeof start>) => [one.client, one.upstream] as const],
    ["the upstream", (one: ReturnType<typeof start>) => [one.upstream, one.client] as const],
  ])("makes the other wait, until it has read: %s", (_name, ends) => {
    const session = start();
    const [full, other] = ends(session);
    full.isFull = true;
    other.events?.message("one");
    expect([full.isPaused, other.isPaused]).toEqual([false, true]);
    full.events?.drained();
    expect(other.isPaused).toBe(false);
    session.client.events?.closed(1000, "");
    expect(full.told).toEqual(["one"]);
  });

  test("for a minute ends the session, whatever the other direction does", async () => {
    const { call, world, client, upstream } = start();
    client.isFull = true;
    upstream.events?.message("nobody reads this");
    world.advance(59_000);
    client.events?.message("still talking");
    upstream.events?.drained();
    world.advance(1_000);
    expect(await within(client.closed, "the client to be closed")).toEqual([
      1013,
      "what is sent is not read",
    ]);
    expect((await upstream.closed)[0]).toBe(1013);
    expect(call.emitted).toMatchObject([{ status: 101, outcome: "interrupted" }]);
  });
});

test("an end that answers no goodbye is gone within a second", async () => {
  const { call, client, upstream } = start();
  client.events?.closed(1000, "done");
  expect(await upstream.closed).toEqual([1000, "done"]);
  await within(upstream.terminated, "the upstream to be gone", 1000);
  client.events?.message("late");
  expect(upstream.told).toEqual([]);
  expect(call.emitted).toHaveLength(1);
});

test.each([
  [1005, "", [1005, ""]],
  [1015, "", [1011, ""]],
  [4000, "é".repeat(100), [4000, "é".repeat(61)]],
])("a close with %d can be said", async (code, reason, said) => {
  const { client, upstream } = start();
  upstream.events?.closed(code, reason);
  const [first, text] = said as [number, string]; // the table's own
  expect(await client.closed).toEqual([first, text]);
});
