import { describe, expect, test } from "bun:test";
import type { Glance } from "../../src/providers/dialect.ts";
import { runAll } from "../../src/lib/reducer.ts";
import { oracle } from "../../src/providers/oracle.ts";
import type { Chat } from "../../src/schema/chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";
import { caught } from "../lib/caught.ts";

const glance = (event: JsonObject): Glance => oracle.glance({ data: JSON.stringify(event) });

describe("a frame tells", () => {
  const content = [{ type: "TEXT", text: "a" }];

  test.each<[string, JsonObject, Glance]>([
    ["that content passes", { index: 0, message: { role: "ASSISTANT", content } }, { content: true }],
    ["nothing, when it is empty", { index: 0, message: { role: "ASSISTANT", content: [] } }, {}],
    ["the finish", { message: { role: "ASSISTANT" }, finishReason: "stop" }, { finish: "stop" }],
  ])("%s", (_, event, expected) => {
    expect(glance(event)).toEqual(expected);
  });

  test("the usage", () => {
    expect(glance({ usage: { promptTokens: 3, completionTokens: 2 } }).usage).toMatchObject({
      input: 3,
      output: 2,
    });
  });

  test("a fault, with the status that it names", () => {
    expect(glance({ code: "429", message: "slow down" }).fault).toMatchObject({ status: 429 });
    expect(oracle.glanceReply({ code: "429", message: "slow down" }).fault).toMatchObject({ status: 429 });
  });

  test("the end", () => {
    expect(oracle.glance({ data: "[DONE]" })).toEqual({ end: true });
  });
});

describe("a stream", () => {
  const said = JSON.stringify({
    index: 0,
    message: { role: "ASSISTANT", content: [{ type: "TEXT", text: "a" }] },
  });
  const typesOf = (...frames: readonly string[]): readonly string[] =>
    runAll(
      oracle.readStream(),
      frames.map((data) => ({ data })),
    ).map(({ type }) => type);

  test("is at its end where it says so, though it never said why", () => {
    expect(typesOf(said, "[DONE]").slice(-2)).toEqual(["finish", "end"]);
  });

  test("is not at its end where it breaks off, nor before its beginning", () => {
    expect(typesOf(said)).not.toContain("end");
    expect(typesOf("[DONE]")).toEqual([]);
  });
});

describe("a request", () => {
  const chat: Chat = { model: "m", messages: [], stream: false, includeUsage: false };
  const refusal = (fields: JsonObject, options: Readonly<Record<string, string>>): Promise<unknown> => {
    const native = { dialect: "openai-chat", fields } as const;
    const target = { provider: "oracle", option: (name: string) => options[name] };
    return caught(Promise.try(() => oracle.writeRequest({ ...chat, native }, target)));
  };

  test("needs a compartment", async () => {
    expect(await refusal({}, {})).toMatchObject({
      code: "missing_input",
      param: "oracle_compartment_id",
    });
  });

  test("is served in one of two ways, in one of two formats", async () => {
    const options = { oracle_compartment_id: "c" };
    expect(await refusal({}, { ...options, oracle_serving_mode: "SHARED" })).toMatchObject({
      param: "oracle_serving_mode",
    });
    expect(await refusal({ api_format: "COHERE" }, options)).toMatchObject({ param: "api_format" });
  });
});

test("a reply without an answer is malformed", async () => {
  expect(await caught(Promise.try(() => oracle.readReply({ modelId: "m" })))).toMatchObject({
    name: "MalformedReply",
  });
});
