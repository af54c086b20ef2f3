/** What calls are called that their provider gave no id. */
import { expect, test } from "bun:test";
import { callId, renamedCall } from "../../src/providers/call-ids.ts";

test("an id is that of its answer and its place", () => {
  expect(callId("r.1", 0, 2)).toBe("call_r_1_0_2");
});

test("an id is never too long for OpenAI", () => {
  expect(callId("chatcmpl-0123456789abcdef0123456789abcdef", 0, 10).length).toBeLessThanOrEqual(40);
});

test("calls of an answer without an id get one with it", () => {
  expect(renamedCall(callId("", 1, 3), "01a200ad-6eb7-734f-af40-4753bc91e9a3")).toBe(
    "call_6eb7734faf404753bc91e9a3_1_3",
  );
  expect(renamedCall("call__other", "a")).toBe("call__other");
});
