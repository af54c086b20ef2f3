import { describe, expect, test } from "bun:test";
import { cohere } from "../../src/providers/cohere.ts";
import type { Glance } from "../../src/providers/dialect.ts";
import { caught } from "../lib/caught.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const glance = (event: JsonObject): Glance => cohere.glance({ data: JSON.stringify(event) });

describe("a frame tells", () => {
  test.each<[string, JsonObject, Glance]>([
    ["nothing at the start", { type: "message-start", id: "a" }, {}],
    [
      "that content passes",
      { type: "content-delta", index: 0, delta: { message: { content: { text: '"type":"message-end"' } } } },
      { content: true },
    ],
    ["that a plan passes", { type: "tool-plan-delta", delta: {} }, { content: true }],
    ["nothing of a citation", { type: "citation-start", index: 0, delta: {} }, {}],
    [
      "the finish, and the end",
      { type: "message-end", delta: { finish_reason: "COMPLETE" } },
      { finish: "COMPLETE", end: true },
    ],
  ])("%s", (_, event, expected) => {
    expect(glance(event)).toEqual(expected);
  });

  test("the usage at the end", () => {
    const usage = { tokens: { input_tokens: 3, output_tokens: 2 }, cached_tokens: 1 };
    expect(glance({ type: "message-end", delta: { finish_reason: "COMPLETE", usage } }).usage).toMatchObject({
      input: 3,
      output: 2,
      cacheRead: 1,
    });
  });

  test("a fault, by the end's reason or by a bare message", () => {
    expect(glance({ type: "message-end", delta: { finish_reason: "TIMEOUT" } }).fault?.status).toBe(504);
    expect(glance({ message: "no" }).fault).toMatchObject({ status: 500, message: "no" });
    expect(cohere.glance({ data: "<html>" }).fault?.message).toBe("A stream event is not a JSON object");
  });
});

describe("a whole reply", () => {
  test("that failed is a fault in spite of its status", () => {
    expect(cohere.glanceReply({ message: {}, finish_reason: "ERROR" }).fault?.status).toBe(500);
    expect(cohere.glanceReply({ message: "invalid api token" }).fault?.message).toBe("invalid api token");
  });

  test("tells its finish and usage", () => {
    const body = { message: {}, finish_reason: "MAX_TOKENS", usage: { billed_units: { output_tokens: 2 } } };
    expect(cohere.glanceReply(body)).toMatchObject({ finish: "MAX_TOKENS", usage: { input: 0, output: 2 } });
  });

  test("without a message is malformed", async () => {
    expect(await caught(Promise.try(() => cohere.readReply({ id: "a" })))).toMatchObject({
      name: "MalformedReply",
    });
  });
});
