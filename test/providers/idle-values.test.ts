import { describe, expect, test } from "bun:test";
import { unsaidFields } from "../../src/providers/completion-text.ts";
import { quirkEdits } from "../../src/providers/quirks.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const IDLE: JsonObject = { n: 1, logprobs: false, logit_bias: {}, presence_penalty: 0, temperature: 1 };
const ASKED: JsonObject = {
  n: 2,
  logprobs: true,
  logit_bias: { 1: 2 },
  presence_penalty: 1,
  temperature: 0,
  web_search_options: {},
};

describe("fields that a vendor refuses", () => {
  const refuses = [...Object.keys(IDLE), "web_search_options"];

  test("are left out without a word where they ask for nothing", () => {
    const { edits, notes } = quirkEdits({ refuses }, IDLE);
    expect(edits).toEqual(Object.keys(IDLE).map((field) => ({ op: "remove", path: [field] })));
    expect(notes).toEqual([]);
  });

  test("are told where they ask for something", () => {
    expect(quirkEdits({ refuses }, ASKED).notes).toEqual(Object.keys(ASKED));
  });
});

test("fields of completions without a counterpart are told where they ask for something", () => {
  expect(unsaidFields({ ...IDLE, best_of: 1, echo: false }, new Set())).toEqual([]);
  expect(unsaidFields({ n: 2, logprobs: 0, frequency_penalty: 0.5 }, new Set())).toEqual([
    "frequency_penalty",
    "logprobs",
    "n",
  ]);
});
