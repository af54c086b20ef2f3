/** What stands between an upstream's events and a client's writer: every answer has a beginning, and says something. */
import { describe, expect, test } from "bun:test";
import { runAll } from "../../src/lib/reducer.ts";
import { naming } from "../../src/providers/answer-name.ts";
import { fold } from "../../src/providers/chat-events.ts";
import type { ChatEvent } from "../../src/schema/chat.ts";

const NAME = { id: "ours", model: "m" };
const named = (...events: readonly ChatEvent[]): readonly ChatEvent[] => runAll(naming(NAME), events);

const START: ChatEvent = { type: "start", id: "theirs", model: "m-1" };
const BLOCK: ChatEvent = { type: "block-start", choice: 0, block: 0, start: { kind: "text" } };
const FINISH: ChatEvent = { type: "finish", choice: 0, finish: "stop" };
const USAGE: ChatEvent = { type: "usage", usage: { input: 1, output: 2 } };
const END: ChatEvent = { type: "end" };
const ERROR: ChatEvent = {
  type: "error",
  fault: { status: 529, message: "busy", type: null, param: null, code: null },
};

describe("an answer", () => {
  test("whose beginning was lost is begun under our name", () => {
    expect(named(BLOCK, FINISH, END)).toEqual([{ type: "start", ...NAME }, BLOCK, FINISH, END]);
    expect(named(USAGE, START, BLOCK, FINISH, END)[0]).toEqual({ type: "start", ...NAME });
    expect(fold([BLOCK, FINISH, END])).toMatchObject({ id: "", choices: [{ finish: "stop" }] });
  });

  test("that begins twice has begun once", () => {
    expect(named(START, START, BLOCK, FINISH, END)).toEqual([START, BLOCK, FINISH, END]);
    expect(fold([START, { type: "start", id: "other", model: "x" }, FINISH, END]).id).toBe("theirs");
  });

  test("that ends without a word or a reason is an error", () => {
    const fault = { status: 502, message: "The answer has no choices" };
    expect(named(START, USAGE, END).at(-1)).toMatchObject({ type: "error", fault });
    expect(() => fold([START, USAGE, END])).toThrow("The answer has no choices");
  });

  test("that is only an error stays one", () => {
    expect(named(ERROR)).toEqual([ERROR]);
  });
});
