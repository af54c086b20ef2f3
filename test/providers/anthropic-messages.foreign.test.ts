import { describe, expect, test } from "bun:test";
import { spliceJson } from "../../src/lib/json-splice.ts";
import { foreignThinking } from "../../src/providers/anthropic-messages.foreign.ts";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";

const THOUGHT = { type: "thinking", thinking: "Hm", signature: "EqQBCg==" };
const FOREIGN = { type: "thinking", thinking: "Hm", signature: "gemini:EqQBCg==" };
const TEXT = { type: "text", text: "Hi" };
const CALL = { type: "tool_use", id: "t1", name: "f", input: {} };
const RESULT = { role: "user", content: [{ type: "tool_result", tool_use_id: "t1" }] };
const said = (...content: readonly JsonObject[]): JsonObject => ({ role: "assistant", content });
const asked = (content: JsonValue = "Go"): JsonObject => ({ role: "user", content });
const BUDGET = { type: "enabled", budget_tokens: 1024 };

const cleaned = (body: JsonObject) => {
  const { edits, notes } = foreignThinking(body);
  return { body: JSON.parse(spliceJson(JSON.stringify(body), edits)) as JsonObject, notes };
};

describe("a conversation that goes on with Anthropic", () => {
  test("keeps its own thinking, byte for byte", () => {
    expect(foreignThinking({ messages: [asked(), said(THOUGHT, CALL), RESULT] }).edits).toEqual([]);
  });

  test("leaves out what others have thought, wherever it stands", () => {
    const messages = [asked(), said(FOREIGN, TEXT), asked(), said(FOREIGN, TEXT, FOREIGN), asked()];
    const { body, notes } = cleaned({ messages });
    expect(body).toEqual({ messages: [asked(), said(TEXT), asked(), said(TEXT), asked()] });
    expect(notes).toEqual([
      "messages.1.content.0 (reasoning)",
      "messages.3.content.0 (reasoning)",
      "messages.3.content.2 (reasoning)",
    ]);
  });

  test("has no empty turn where there was nothing else", () => {
    const { body } = cleaned({ messages: [asked(), said(FOREIGN, FOREIGN), asked(), said(FOREIGN, TEXT)] });
    expect(body).toEqual({ messages: [asked(), asked(), said(TEXT)] });
  });

  test("does not think where its last calls were not thought by it", () => {
    const messages = [asked(), said(FOREIGN, CALL), RESULT];
    expect(cleaned({ thinking: BUDGET, messages })).toEqual({
      body: { messages: [asked(), said(CALL), RESULT] },
      notes: ["messages.1.content.0 (reasoning)", "thinking"],
    });
  });

  test.each<[string, JsonObject, readonly JsonObject[]]>([
    ["that adapts", { type: "adaptive" }, [asked(), said(FOREIGN, CALL), RESULT]],
    ["after an answer without calls", BUDGET, [asked(), said(FOREIGN, TEXT), asked()]],
    [
      "of calls that it thought itself",
      BUDGET,
      [asked(), said(FOREIGN, TEXT), asked(), said(THOUGHT, CALL), RESULT],
    ],
  ])("goes on thinking %s", (_name, thinking, messages) => {
    expect(cleaned({ thinking, messages }).body["thinking"]).toEqual(thinking);
  });

  test("may hold anything: the API judges it", () => {
    for (const messages of [undefined, null, "Hi", [null, "Hi", { role: "assistant" }, said({})]] as const)
      expect(foreignThinking({ messages }).edits).toEqual([]);
  });
});
