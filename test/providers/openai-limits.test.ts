import { describe, expect, test } from "bun:test";
import { openaiChat } from "../../src/providers/openai-chat.ts";
import { openaiResponses } from "../../src/providers/openai-responses.ts";
import { ownNames, withFittingNames } from "../../src/providers/tool-names.ts";
import type { Chat, Tool } from "../../src/schema/chat.ts";

const LONG = "mcp__plugin_oh-my-claudecode_omc-tools__lsp_diagnostics_directory";
const DOTTED = "weather.now";
const functions = (...names: readonly string[]): readonly Tool[] =>
  names.map((name) => ({ kind: "function", name }));

const CHAT: Chat = { model: "m", messages: [], stream: false, includeUsage: false };
const called = (name: string, id = "c1"): Chat["messages"] => [
  { role: "user", blocks: [{ kind: "text", text: "Hi" }] },
  { role: "assistant", blocks: [{ kind: "tool-call", id, name, arguments: "{}" }] },
  { role: "tool", blocks: [{ kind: "tool-result", callId: id, content: [{ kind: "text", text: "ok" }] }] },
];
const TARGET = { provider: "openai", option: () => undefined };

describe("names of functions", () => {
  test("stay where they fit", () => {
    const chat = { ...CHAT, tools: functions("a".repeat(64), "get_it-now"), messages: called("gone") };
    expect(withFittingNames(chat)).toBe(chat);
  });

  test.each([LONG, DOTTED])("%s fits wherever it stands, and is known again", (name) => {
    const tools = functions("f", name);
    const fitting = withFittingNames({
      ...CHAT,
      tools,
      toolChoice: { mode: "allowed", names: [name, "f"], required: true },
      messages: called(name),
    });
    const [, tool] = fitting.tools ?? [];
    const written = tool?.kind === "function" ? tool.name : "";
    expect(written).toMatch(/^[\w-]{1,64}$/);
    expect(fitting.toolChoice).toEqual({ mode: "allowed", names: [written, "f"], required: true });
    expect(fitting.messages[1]?.blocks[0]).toMatchObject({ name: written });
    expect(ownNames(() => tools)(written)).toBe(name);
    expect(withFittingNames({ ...CHAT, tools, toolChoice: { mode: "tool", name } }).toolChoice).toEqual({
      mode: "tool",
      name: written,
    });
  });

  test("are not looked up where nothing was shortened, and stay where nobody knows them", () => {
    const never = (): never => {
      throw new Error("not asked for");
    };
    expect(ownNames(never)("get_weather")).toBe("get_weather");
    expect(ownNames(() => functions("f"))("f_0123456789ab")).toBe("f_0123456789ab");
  });
});

test.each([
  ["chat", openaiChat],
  ["responses", openaiResponses],
] as const)("the ids of calls are as short as %s takes them", (_api, dialect) => {
  const idsOf = (id: string): readonly string[] => {
    const { body } = dialect.writeRequest({ ...CHAT, messages: called("f", id) }, TARGET);
    const said = JSON.stringify(body);
    return [...said.matchAll(/"(?:id|tool_call_id|call_id)":"([^"]+)"/g)].map(([, found]) => found ?? "");
  };
  expect(idsOf("c".repeat(40))).toEqual(["c".repeat(40), "c".repeat(40)]);
  const [call, result] = idsOf("c".repeat(41));
  expect(call).toMatch(/^[0-9a-f]{40}$/);
  expect(result).toBe(call);
});

test("instructions are an item where the answer is to be JSON", () => {
  const messages = [
    { role: "system", blocks: [{ kind: "text", text: "Answer in JSON" }] },
    { role: "user", blocks: [{ kind: "text", text: "Hi" }] },
  ] as const;
  const inputOf = (format: Chat["format"]): unknown => {
    const { body } = openaiResponses.writeRequest({ ...CHAT, messages, ...(format && { format }) }, TARGET);
    return [body["instructions"], body["input"]];
  };
  expect(inputOf({ kind: "json" })).toMatchObject([undefined, [{ role: "system" }, { role: "user" }]]);
  expect(inputOf(undefined)).toMatchObject(["Answer in JSON", [{ role: "user" }]]);
});

test("a limit is no less than the Responses API takes", () => {
  const limit = (maxTokens: number): unknown => {
    const { body, notes } = openaiResponses.writeRequest({ ...CHAT, maxTokens }, TARGET);
    return [body["max_output_tokens"], notes];
  };
  expect(limit(1)).toEqual([16, ["max_output_tokens (16)"]]);
  expect(limit(16)).toEqual([16, []]);
});
