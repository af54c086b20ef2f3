/** Names that Claude Code gives the tools of MCP servers: github.com/BerriAI/litellm/issues/17904 */
import { expect, test } from "bun:test";
import { runAll } from "../../src/lib/reducer.ts";
import { named, naming } from "../../src/providers/answer-name.ts";
import { anthropicMessages } from "../../src/providers/anthropic-messages.ts";
import { unfold } from "../../src/providers/chat-events.ts";
import { upstreamDialect } from "../../src/providers/dialects.ts";
import { openaiResponses } from "../../src/providers/openai-responses.ts";
import { CLAUDE_NAMES, ownNames, PLAIN_NAMES, withTakenNames } from "../../src/providers/tool-names.ts";
import type { ChatReply, DialectId } from "../../src/schema/chat.ts";

const LONG = "mcp__plugin_yt-content-strategist_youtube-analytics__get_video_enhanced_transcript";
const SHORT = "mcp__plugin_yt-content-strategist_youtube-analytics__ge_8b13f3f2";
const TOOL = { name: LONG, input_schema: { type: "object" } };
const BODY = {
  model: "m",
  max_tokens: 10,
  tools: [TOOL, { ...TOOL, name: "find" }],
  tool_choice: { type: "tool", name: LONG },
  messages: [
    { role: "user", content: "Hello" },
    { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: LONG, input: {} }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "r" }] },
  ],
};
const CHAT = anthropicMessages.readRequest(BODY);
const target = { provider: "test", option: () => undefined };

test.each(["openai-chat", "openai-responses", "gemini", "bedrock-converse", "cohere"] as DialectId[])(
  "%s is told names of at most 64 characters, the same wherever they stand",
  (dialect) => {
    const text = JSON.stringify(upstreamDialect(dialect).writeRequest(CHAT, target).body);
    expect(text).not.toContain(LONG);
    expect(text.split(SHORT).length).toBeGreaterThan(2);
  },
);

test("Anthropic's API is told them whole, and others what is short enough", () => {
  const { body } = upstreamDialect("anthropic-messages").writeRequest(CHAT, target);
  expect(JSON.stringify(body).split(LONG)).toHaveLength(4);
  const short = { ...CHAT, tools: [], messages: [] };
  expect(withTakenNames(short, CLAUDE_NAMES)).toBe(short);
});

test.each([
  ["openai-chat", "a.b:c", "a_b_c_b2a25f70"],
  ["anthropic-messages", "a.b:c", "a_b_c_b2a25f70"],
  ["gemini", "a.b:c", "a.b:c"],
  ["gemini", "21st_magic", "_21st_magic_223895e4"],
  ["openai-chat", "21st_magic", "21st_magic"],
] as const)("%s is told %s as %s", (dialect, own, told) => {
  const body = { ...BODY, tools: [{ ...TOOL, name: own }], tool_choice: { type: "tool", name: own } };
  const chat = anthropicMessages.readRequest({ ...body, messages: BODY.messages.slice(0, 1) });
  const text = JSON.stringify(upstreamDialect(dialect).writeRequest(chat, target).body);
  expect(text.split(`"${told}"`)).toHaveLength(3);
  expect(ownNames(body)?.get(told) ?? told).toBe(own);
});

test("the names of a namespace are whole ones, also where a search found it", () => {
  const found = { type: "namespace", name: "mcp.server", tools: [{ type: "function", name: "find" }] };
  const { tools = [] } = openaiResponses.readRequest({ model: "m", input: "Hi", tools: [found] });
  const [told] = withTakenNames({ ...CHAT, tools, messages: [] }, PLAIN_NAMES).tools ?? [];
  if (told?.kind !== "function") throw new Error("no function");
  expect(told.name).toMatch(/^mcp_server__find_[0-9a-f]{8}$/);
  const later = { input: [{ type: "tool_search_output", tools: [found] }] };
  for (const body of [{ tools: [found] }, later])
    expect(ownNames(body)?.get(told.name)).toBe("mcp.server__find");
});

test("what is called comes back under the client's name, whole and in a stream", () => {
  const call = (name: string) => ({ kind: "tool-call", id: "c", name, arguments: "{}" }) as const;
  const reply = (name: string): ChatReply => ({
    id: "a",
    model: "m",
    choices: [{ index: 0, blocks: [call(name), call("find")], finish: "tool-calls" }],
  });
  const name = { id: "b", model: "n", tools: ownNames(BODY) };
  expect(named(reply(SHORT), name)).toEqual(reply(LONG));
  expect(runAll(naming(name), unfold(reply(SHORT)))).toEqual(unfold(reply(LONG)));
});

test.each([
  ["chats", [{ type: "function", function: { name: LONG } }, { type: "custom" }]],
  ["Gemini's clients", [{ functionDeclarations: [{ name: LONG }, { name: "find" }] }]],
  ["the Responses API", [{ type: "function", name: LONG }]],
])("names are found in the tools of %s", (_, tools) => {
  expect([...(ownNames({ tools }) ?? [])]).toEqual([[SHORT, LONG]]);
  expect(ownNames({ tools: [{ name: "find" }] })).toBeUndefined();
});
