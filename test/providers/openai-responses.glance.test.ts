import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findFrames } from "../../src/lib/sse-frames.ts";
import type { Glance } from "../../src/providers/dialect.ts";
import { glance, glanceReply, MARKS } from "../../src/providers/openai-responses.glance.ts";

const response = (fields: string): string => `"response":{"id":"r","model":"gpt",${fields}}`;
const USAGE = '"usage":{"input_tokens":4,"output_tokens":9,"total_tokens":13}';

const FRAMES: readonly (readonly [string, string, Glance])[] = [
  ["response.created", response('"status":"in_progress","usage":null'), {}],
  ["response.in_progress", response('"status":"in_progress"'), {}],
  ["response.output_item.added", '"output_index":0,"item":{"type":"reasoning"}', { content: true }],
  ["response.output_text.delta", '"delta":"a"', { content: true }],
  ["response.function_call_arguments.delta", '"delta":"{"', { content: true }],
  ["response.output_text.done", '"text":"a"', {}],
  [
    "response.completed",
    response(`"status":"completed","output":[{"type":"message"}],${USAGE}`),
    { model: "gpt", usage: { input: 4, output: 9 }, finish: "stop", end: true },
  ],
  [
    "response.completed",
    response('"status":"completed","output":[{"type":"function_call"}]'),
    { model: "gpt", finish: "tool-calls", end: true },
  ],
  [
    "response.incomplete",
    response('"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]'),
    { model: "gpt", finish: "max_output_tokens", end: true },
  ],
  [
    "response.failed",
    response('"status":"failed","error":{"code":"rate_limit_exceeded","message":"Slow down"}'),
    {
      fault: { status: 429, message: "Slow down", type: null, param: null, code: "rate_limit_exceeded" },
    },
  ],
  [
    "error",
    '"sequence_number":2,"error":{"type":"server_error","code":null,"message":"Oh","param":null}',
    { fault: { status: 502, message: "Oh", type: "server_error", param: null, code: null } },
  ],
  [
    "error",
    '"code":"ERR","message":"Oh","param":"input","sequence_number":2',
    { fault: { status: 502, message: "Oh", type: null, param: "input", code: "ERR" } },
  ],
];

describe("a passing frame", () => {
  test.each(FRAMES)("%s %s tells the same with and without its event name", (event, rest, expected) => {
    const data = `{"type":"${event}",${rest}}`;
    expect(glance({ event, data })).toMatchObject(expected);
    expect(glance({ data })).toEqual(glance({ event, data }));
    expect(Object.keys(glance({ data }))).toHaveLength(Object.keys(expected).length);
  });

  test("that is not JSON says nothing", () => {
    expect(glance({ event: "response.completed", data: "[DONE]" })).toEqual({});
    expect(glance({ data: "[DONE]" })).toEqual({});
  });
});

test("the marks find the frames that say more than content", () => {
  const path = join(import.meta.dir, "cases/openai-responses/text/upstream-reply.sse");
  const found = findFrames(MARKS).push(readFileSync(path));
  expect(found.map(({ event }) => event)).toEqual(["response.completed"]);
  for (const space of ["", " "]) {
    const error = Buffer.from(`data: {"type":${space}"error","message":"no"}\n\n`);
    expect(findFrames(MARKS).push(error)).toHaveLength(1);
  }
});

test("a reply tells its model, usage and end, or its failure", () => {
  const reply = { model: "gpt", status: "completed", error: null, output: [], usage: { input_tokens: 1 } };
  expect(glanceReply(reply)).toMatchObject({ model: "gpt", finish: "stop", usage: { input: 1 } });
  expect(glanceReply({ model: "gpt", status: "queued", output: [] })).toEqual({ model: "gpt" });
  const failed = { status: "failed", error: { code: "server_error", message: "Oh" } };
  expect(glanceReply(failed)).toMatchObject({ fault: { message: "Oh", code: "server_error" } });
  expect(glanceReply({ status: "failed", error: null })).toMatchObject({ fault: { status: 502 } });
});
