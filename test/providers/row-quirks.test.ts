/** What vendors refuse that others take, each as its users report the refusal: what is sent to them in its place. */
import { describe, expect, test } from "bun:test";
import { spliceJson } from "../../src/lib/json-splice.ts";
import { createCatalog } from "../../src/providers/catalog.ts";
import { quirkEdits } from "../../src/providers/quirks.ts";
import { rowFor } from "../../src/providers/variants.ts";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import { isString } from "../../src/schema/json.ts";

const catalog = createCatalog();

/** What differs of a body once it is sent, and what is told of it. */
const changes = (provider: string, body: JsonObject) => {
  const row = catalog.find(provider);
  const model = isString(body["model"]) ? body["model"] : null;
  const asked = { model, pathname: "/v1/chat/completions", option: () => undefined };
  const { edits, notes } = quirkEdits(row && rowFor(row, asked).quirks, body);
  const sent: JsonObject = JSON.parse(spliceJson(JSON.stringify(body), edits));
  const fields = new Set([...Object.keys(body), ...Object.keys(sent)]);
  const differing = [...fields].filter((field) => !Bun.deepEquals(body[field], sent[field]));
  return { sent: Object.fromEntries(differing.map((field) => [field, sent[field] ?? null])), notes };
};

const tool = (name: string): JsonObject => ({ type: "function", function: { name, parameters: {} } });
const TOOLS = [tool("a"), tool("b")];
const NAMED: JsonObject = { type: "function", function: { name: "b" } };
const USER: JsonObject = { role: "user", content: "Hi" };
const parts = (...texts: readonly string[]): JsonValue => texts.map((text) => ({ type: "text", text }));
const CALLING: JsonObject = {
  role: "assistant",
  content: null,
  tool_calls: [{ id: "call_1", type: "function", function: { name: "a", arguments: "{}" } }],
};
const RESULT: JsonObject = { role: "tool", tool_call_id: "call_1", content: "r" };

const AUTO = ["tool_choice (auto)"];
const OFF = { thinking: { type: "disabled" } };

describe("a call that is forced", () => {
  test.each<[string, string, JsonObject, JsonObject, readonly string[]]>([
    ["deepseek", "deepseek-v4-flash", { tool_choice: "required" }, OFF, []],
    ["deepseek", "deepseek-v4-flash", { tool_choice: NAMED }, OFF, []],
    ["deepseek", "deepseek-v4-flash", { tool_choice: "required", thinking: { type: "adaptive" } }, OFF, []],
    ["deepseek", "deepseek-v4-flash", { tool_choice: "required", ...OFF }, {}, []],
    ["deepseek", "deepseek-v4-flash", { tool_choice: "auto" }, {}, []],
    ["deepseek", "deepseek-chat", { tool_choice: "required" }, {}, []],
    [
      "deepseek",
      "deepseek-v4-pro",
      { tool_choice: "required", thinking: { type: "enabled" } },
      { tool_choice: "auto" },
      AUTO,
    ],
    [
      "deepseek",
      "deepseek-v4-pro",
      { tool_choice: NAMED, reasoning_effort: "high" },
      { tool_choice: "auto", tools: [tool("b")] },
      AUTO,
    ],
    ["moonshot", "kimi-k2.6", { tool_choice: "required" }, OFF, []],
    ["moonshot-ai", "kimi-k3", { tool_choice: "required" }, { tool_choice: "auto" }, AUTO],
    ["moonshot", "moonshot-v1-8k", { tool_choice: "required" }, {}, []],
    ["dashscope", "qwen3.6-plus", { tool_choice: NAMED }, { enable_thinking: false }, []],
    ["dashscope", "qwen-plus", { tool_choice: NAMED }, {}, []],
    [
      "dashscope",
      "qwen-plus",
      { tool_choice: "required", enable_thinking: true },
      { tool_choice: "auto" },
      AUTO,
    ],
    ["openrouter", "deepseek/deepseek-v4-pro", { tool_choice: NAMED }, { reasoning: { enabled: false } }, []],
    [
      "openrouter",
      "deepseek/deepseek-v4-pro",
      { tool_choice: NAMED, reasoning: { effort: "high" } },
      { tool_choice: "auto", tools: [tool("b")] },
      AUTO,
    ],
    ["z-ai", "glm-5", { tool_choice: "required" }, { tool_choice: "auto" }, AUTO],
    ["zhipu", "glm-4.6", { tool_choice: NAMED }, { tool_choice: "auto", tools: [tool("b")] }, AUTO],
    ["z-ai", "glm-5", { tool_choice: "none" }, { tool_choice: null, tools: null }, []],
    ["z-ai", "glm-5", { tool_choice: "auto" }, {}, []],
    ["lmstudio", "m", { tool_choice: NAMED }, { tool_choice: "required", tools: [tool("b")] }, []],
    ["lmstudio", "m", { tool_choice: "required" }, {}, []],
    [
      "lmstudio",
      "m",
      { tool_choice: { type: "allowed_tools", allowed_tools: { mode: "auto", tools: [NAMED] } } },
      { tool_choice: "auto", tools: [tool("b")] },
      [],
    ],
  ])("at %s, %s: %j", (provider, model, asked, sent, notes) => {
    const { sent: made, notes: told } = changes(provider, { model, tools: TOOLS, ...asked });
    expect<JsonObject>(made).toEqual(sent);
    expect(told).toEqual(notes);
  });
});

describe("the form of an answer", () => {
  const schema = { type: "object", properties: { a: { type: "string" } } };
  const SCHEMA: JsonObject = { type: "json_schema", json_schema: { name: "x", schema } };
  const TOLD = ["response_format.json_schema (told to the model)"];
  const content = `Answer with JSON alone, of this schema:\n${JSON.stringify(schema)}`;

  test.each(["deepseek", "z-ai", "zhipu"])("is told in words at %s", (provider) => {
    expect(changes(provider, { model: "m", messages: [USER], response_format: SCHEMA })).toEqual({
      sent: { response_format: { type: "json_object" }, messages: [{ role: "system", content }, USER] },
      notes: TOLD,
    });
    const free = { model: "m", messages: [USER], response_format: { type: "json_object" } };
    expect(changes(provider, free)).toEqual({ sent: {}, notes: [] });
  });

  test("is a schema that any object fits at LM Studio", () => {
    const json_schema = { name: "object", schema: { type: "object" } };
    expect(changes("lmstudio", { model: "m", response_format: { type: "json_object" } })).toEqual({
      sent: { response_format: { type: "json_schema", json_schema } },
      notes: [],
    });
    expect(changes("lmstudio", { model: "m", response_format: SCHEMA }).sent).toEqual({});
  });

  test("is not said beside tools at Groq", () => {
    const asked = { model: "m", response_format: { type: "json_object" } };
    expect(changes("groq", { ...asked, tools: TOOLS })).toEqual({
      sent: { response_format: null },
      notes: ["response_format"],
    });
    expect(changes("groq", { ...asked, tools: [] }).sent).toEqual({});
  });
});

describe("what is said", () => {
  const sentMessages = (provider: string, model: string, ...messages: readonly JsonObject[]) =>
    changes(provider, { model, messages }).sent["messages"];

  test.each(["deepseek", "sambanova", "workers-ai", "groq", "fireworks-ai"])(
    "is one string at %s",
    (provider) => {
      const image = { type: "image_url", image_url: { url: "https://a.example/b.png" } };
      const seen = { role: "user", content: [{ type: "text", text: "a" }, image] };
      const user = { role: "user", content: parts("a", "b") };
      expect(sentMessages(provider, "m", user, seen)).toEqual([{ role: "user", content: "a\n\nb" }, seen]);
    },
  );

  test("is never null at Workers AI", () => {
    expect(sentMessages("workers-ai", "@cf/m", CALLING)).toEqual([{ ...CALLING, content: "" }]);
  });

  test("holds the thoughts before a call, where the model thinks unasked", () => {
    const thought = { ...CALLING, reasoning: "R", reasoning_content: "R" };
    const said = { role: "assistant", content: "ok" };
    const reminded = [{ ...CALLING, reasoning_content: "" }, RESULT, { ...said, reasoning_content: "" }];
    expect(sentMessages("deepseek", "deepseek-v4-flash", CALLING, RESULT, said)).toEqual(reminded);
    expect(sentMessages("moonshot", "kimi-k2.6", CALLING, RESULT, USER)).toEqual([
      ...reminded.slice(0, 2),
      USER,
    ]);
    expect(sentMessages("openrouter", "deepseek/deepseek-v4-pro", { ...CALLING, reasoning: "R" })).toEqual([
      thought,
    ]);
    expect(sentMessages("deepseek", "deepseek-v4-flash", thought)).toBeUndefined();
    expect(sentMessages("deepseek", "deepseek-v4-flash", USER, said)).toBeUndefined();
    expect(sentMessages("openrouter", "openai/gpt-5", CALLING)).toBeUndefined();
    const off = { model: "deepseek-v4-flash", ...OFF, messages: [CALLING] };
    expect(changes("deepseek", off).sent).toEqual({});
  });

  test("begins the answer where the assistant speaks last", () => {
    const begun = { role: "assistant", content: "{" };
    expect(sentMessages("mistral-ai", "m", USER, begun)).toEqual([USER, { ...begun, prefix: true }]);
    expect(sentMessages("moonshot", "kimi-k2.6", USER, begun)).toEqual([USER, { ...begun, partial: true }]);
    expect(sentMessages("mistral-ai", "m", USER, { ...begun, prefix: false })).toBeUndefined();
    expect(sentMessages("mistral-ai", "m", begun, USER)).toBeUndefined();
  });

  test("is left out where it is nothing", () => {
    const empty = { role: "assistant", content: "" };
    const result = { role: "tool", tool_call_id: "Abc123xyz", content: "r" };
    const bridge = { role: "assistant", content: "OK." };
    expect(sentMessages("mistral-ai", "m", result, empty, USER, { ...empty, content: [] })).toEqual([
      result,
      bridge,
      USER,
    ]);
    expect(sentMessages("moonshot", "moonshot-v1-8k", USER, { ...empty, tool_calls: [] }, USER)).toEqual([
      USER,
      USER,
    ]);
    expect(sentMessages("moonshot", "moonshot-v1-8k", CALLING)).toBeUndefined();
    expect(sentMessages("z-ai", "glm-5", USER, { role: "assistant", content: null }, USER)).toEqual([
      USER,
      USER,
    ]);
  });

  test("is the user's at last at GLM", () => {
    const system = { role: "system", content: "s" };
    expect(changes("zhipu", { model: "glm-5", messages: [system, system] })).toEqual({
      sent: { messages: [system, { ...system, role: "user" }] },
      notes: ["messages.1.role (user)"],
    });
    expect(sentMessages("z-ai", "glm-5", { ...system, role: "developer" })).toEqual([
      { ...system, role: "user" },
    ]);
    expect(sentMessages("z-ai", "glm-5", system, USER)).toBeUndefined();
  });

  test("goes by turns at Perplexity, behind the system's words", () => {
    const developer = { role: "developer", content: "d" };
    const image = { role: "user", content: [{ type: "image_url", image_url: { url: "https://a.example" } }] };
    const said = { role: "assistant", content: "a" };
    expect(sentMessages("perplexity-ai", "sonar", USER, USER, developer, said, image, USER)).toEqual([
      { role: "system", content: "d" },
      { role: "user", content: "Hi\n\nHi" },
      said,
      { role: "user", content: [...(image.content as JsonValue[]), { type: "text", text: "Hi" }] },
    ]);
    expect(sentMessages("perplexity-ai", "sonar", USER, CALLING, RESULT, RESULT)).toBeUndefined();
  });

  test("calls one tool at a time at Databricks' GPT models", () => {
    const made = (id: string): JsonObject => ({
      id,
      type: "function",
      function: { name: "a", arguments: "{}" },
    });
    const result = (id: string): JsonObject => ({ role: "tool", tool_call_id: id, content: id });
    const both = { role: "assistant", content: "Both", tool_calls: [made("1"), made("2")] };
    const asked = [result("0"), USER, both, result("2"), result("1"), result("3"), USER];
    expect(sentMessages("databricks", "databricks-gpt-oss-120b", ...asked)).toEqual([
      result("0"),
      USER,
      { ...both, tool_calls: [made("1")] },
      result("1"),
      { ...both, content: null, tool_calls: [made("2")] },
      result("2"),
      result("3"),
      USER,
    ]);
    const one = [USER, CALLING, RESULT, USER];
    expect(sentMessages("databricks", "databricks-gpt-oss-120b", ...one)).toBeUndefined();
    expect(sentMessages("databricks", "databricks-llama-4-maverick", ...asked)).toBeUndefined();
  });

  test("has no names at Mistral", () => {
    expect(changes("mistral-ai", { model: "m", messages: [{ ...USER, name: "Bob" }] })).toEqual({
      sent: { messages: [USER] },
      notes: ["messages.0.name"],
    });
  });
});

test.each(["deepseek", "mistral-ai"])("%s gets no empty list of tools", (provider) => {
  expect(changes(provider, { model: "m", tools: [] })).toEqual({ sent: { tools: null }, notes: [] });
  expect(changes(provider, { model: "m", tools: TOOLS }).sent).toEqual({});
  expect(changes("openai", { model: "m", tools: [] }).sent).toEqual({});
});

test("Fireworks streams a long answer, whoever wants it whole", () => {
  const sent = (asked: JsonObject) => changes("fireworks-ai", { model: "m", ...asked }).sent;
  expect(sent({ max_tokens: 4097 })).toEqual({ stream: true });
  expect(sent({ max_completion_tokens: 8192, stream: false })).toEqual({ stream: true });
  expect(sent({ max_tokens: 4096 })).toEqual({});
  expect(sent({ max_tokens: 8192, stream: true })).toEqual({});
  expect(sent({})).toEqual({});
});

test("Cerebras' gpt-oss is not told how many calls it may make", () => {
  const asked = { model: "gpt-oss-120b", tools: TOOLS, parallel_tool_calls: false };
  const notes = ["parallel_tool_calls"];
  expect(changes("cerebras", asked)).toEqual({ sent: { parallel_tool_calls: null }, notes });
  expect(changes("cerebras", { ...asked, model: "llama-3.3-70b" }).sent).toEqual({});
});

describe("xAI's models", () => {
  const ASKED: JsonObject = {
    presence_penalty: 0,
    frequency_penalty: 0.5,
    stop: ["x"],
    reasoning_effort: "minimal",
  };

  test.each<[string, readonly string[], string | null]>([
    ["grok-4", ["presence_penalty", "frequency_penalty", "stop"], null],
    ["grok-4-1-fast-reasoning", ["presence_penalty", "frequency_penalty", "stop"], null],
    ["grok-4.20-0309-reasoning", ["presence_penalty", "frequency_penalty", "stop"], null],
    ["grok-code-fast-1", ["presence_penalty", "frequency_penalty", "stop"], null],
    ["grok-4.5", ["presence_penalty", "frequency_penalty", "stop"], "low"],
    ["grok-4.6", ["presence_penalty", "frequency_penalty", "stop"], "low"],
    ["grok-3-mini", ["presence_penalty", "frequency_penalty", "stop"], "low"],
    ["grok-4-fast-non-reasoning", ["presence_penalty", "frequency_penalty"], null],
    ["grok-3", [], null],
  ])("%s is not told %j, and of its effort %p", (model, refused, effort) => {
    const { sent } = changes("x-ai", { model, ...ASKED });
    expect(sent).toEqual({
      ...Object.fromEntries(refused.map((field) => [field, null])),
      reasoning_effort: effort,
    });
  });
});

test("xAI's models that take no effort have no word for thinking in the Responses API", () => {
  const row = catalog.find("x-ai");
  const quirksOf = (model: string) => {
    const asked = { model, pathname: "/v1/responses", option: () => undefined };
    return row && rowFor(row, asked).endpointQuirks?.responses;
  };
  const body = { model: "m", input: "Hi", reasoning: { effort: "medium" } };
  expect(quirkEdits(quirksOf("grok-4"), body)).toEqual({
    edits: [{ op: "remove", path: ["reasoning"] }],
    notes: ["reasoning"],
  });
  expect(quirkEdits(quirksOf("grok-4.5"), body).edits).toEqual([]);
});

test("Qwen's open models answer whole without thoughts", () => {
  const sent = (model: string, asked: JsonObject = {}) => changes("dashscope", { model, ...asked }).sent;
  expect(sent("qwen3-235b-a22b")).toEqual({ enable_thinking: false });
  expect(sent("qwen3-32b", { stream: true })).toEqual({});
  expect(sent("qwen3-32b", { enable_thinking: true })).toEqual({});
  expect(sent("qwen3-235b-a22b-instruct-2507")).toEqual({});
  expect(sent("qwen3.6-plus")).toEqual({});
});

test.each([
  ["moonshot", "kimi-k2.6", true],
  ["moonshot-ai", "moonshot-v1-8k", true],
  ["openrouter", "moonshotai/kimi-k2.6", true],
  ["openrouter", "openai/gpt-5", false],
])("schemas at %s of %s are Kimi's: %p", (provider, model, isKimi) => {
  const parameters = { type: "object", properties: { a: { enum: ["x"] } } };
  const tools = [{ type: "function", function: { name: "a", parameters } }];
  const sent = { type: "object", properties: { a: { type: "string", enum: ["x"] } } };
  expect(changes(provider, { model, tools }).sent).toEqual(
    isKimi ? { tools: [{ type: "function", function: { name: "a", parameters: sent } }] } : {},
  );
});

test("marks for a cache that go with the parts they stand in are told", () => {
  const marked = { type: "text", text: "Hi", cache_control: { type: "ephemeral" } };
  expect(changes("groq", { model: "m", messages: [{ role: "user", content: [marked] }] })).toEqual({
    sent: { messages: [{ role: "user", content: "Hi" }] },
    notes: ["cache_control"],
  });
});
