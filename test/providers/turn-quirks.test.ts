/** Conversations as Mistral takes them: ids of nine signs, a word of the assistant after its tools, parts of its own. */
import { expect, test } from "bun:test";
import { spliceJson } from "../../src/lib/json-splice.ts";
import { createCatalog } from "../../src/providers/catalog.ts";
import { quirkEdits } from "../../src/providers/quirks.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const MISTRAL = createCatalog().find("mistral-ai")?.quirks;

const sent = (...messages: readonly JsonObject[]) => {
  const body: JsonObject = { model: "m", messages };
  const { edits, notes } = quirkEdits(MISTRAL, body);
  return { messages: JSON.parse(spliceJson(JSON.stringify(body), edits)).messages as JsonObject[], notes };
};

const call = (id: string, args = "{}"): JsonObject => ({
  id,
  type: "function",
  function: { name: "f", arguments: args },
});

const calling = (...ids: readonly string[]): JsonObject => ({
  role: "assistant",
  content: "",
  tool_calls: ids.map((id) => call(id)),
});

const result = (id: string): JsonObject => ({ role: "tool", tool_call_id: id, content: "r" });

const USER: JsonObject = { role: "user", content: "Go on" };

test("ids of other vendors are nine letters and digits, alike in call and result", () => {
  const { messages, notes } = sent(
    calling("toolu_01A", "call_abc-123", "Abc123xyz"),
    result("toolu_01A"),
    result("call_abc-123"),
    result("Abc123xyz"),
  );
  const [calls, ...results] = messages;
  const ids = ((calls?.["tool_calls"] ?? []) as JsonObject[]).map(({ id }) => id);
  for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
  expect(new Set(ids).size).toBe(3);
  expect(ids[2]).toBe("Abc123xyz");
  expect(results.map((each) => each["tool_call_id"])).toEqual(ids);
  expect(calls?.["tool_calls"]).toMatchObject([{ type: "function", function: { arguments: "{}" } }, {}, {}]);
  expect(notes).toEqual([]);
});

test("a user who follows the results of tools is answered first", () => {
  const ids = calling("Abc123xyz");
  const { messages, notes } = sent(ids, result("Abc123xyz"), USER, ids, result("Abc123xyz"), USER, USER);
  const said = { role: "assistant", content: "OK." };
  const tools = [ids, result("Abc123xyz"), said, USER];
  expect(messages).toEqual([...tools, ...tools, USER]);
  expect(notes).toEqual([
    "messages.2 (an assistant's turn is put before it)",
    "messages.5 (an assistant's turn is put before it)",
  ]);
});

test("what Mistral takes goes on as it came", () => {
  const messages = [
    USER,
    calling("Abc123xyz"),
    result("Abc123xyz"),
    { role: "assistant", content: "a" },
    USER,
  ];
  expect(quirkEdits(MISTRAL, { model: "m", messages })).toEqual({ edits: [], notes: [] });
  expect(quirkEdits(MISTRAL, { model: "m", messages: "x" })).toEqual({ edits: [], notes: [] });
  expect(
    quirkEdits(MISTRAL, { messages: [1, { tool_calls: [1, { id: 1 }], tool_call_id: 1 }] }).edits,
  ).toEqual([]);
});

test("documents and sounds are Mistral's parts", () => {
  const text = { type: "text", text: "Sum up" };
  const image = { type: "image_url", image_url: { url: "https://a.example/b.png" } };
  const content = [
    text,
    { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AA==" } },
    { type: "file", file: { file_url: "https://a.example/a.pdf", mime_type: "application/pdf" } },
    { type: "file", file: { file_id: "f1" } },
    { type: "file", file: {} },
    { type: "input_audio", input_audio: { data: "AA==", format: "wav" } },
    { type: "input_audio", input_audio: "AA==" },
    image,
  ];
  expect(sent({ role: "user", content }).messages[0]?.["content"]).toEqual([
    text,
    { type: "document_url", document_url: "data:application/pdf;base64,AA==", document_name: "a.pdf" },
    { type: "document_url", document_url: "https://a.example/a.pdf" },
    { type: "file", file_id: "f1" },
    { type: "file", file: {} },
    { type: "input_audio", input_audio: "AA==" },
    { type: "input_audio", input_audio: "AA==" },
    image,
  ]);
});

test("a temperature above what is taken gives way to the highest", () => {
  const asked = (temperature: number | null) => quirkEdits(MISTRAL, { model: "m", temperature });
  expect(asked(1.7)).toEqual({
    edits: [{ op: "set", path: ["temperature"], value: 1.5 }],
    notes: ["temperature (clamped to 1.5)"],
  });
  expect(asked(1.5).edits).toEqual([]);
  expect(asked(null).edits).toEqual([]);
});
