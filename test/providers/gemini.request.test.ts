/** What Gemini's request writer decides by itself: budgets, levels, turns and what is not carried. */
import { describe, expect, test } from "bun:test";
import { gemini } from "../../src/providers/gemini.ts";
import { openaiChat } from "../../src/providers/openai-chat.ts";
import type { Chat, Message } from "../../src/schema/chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const chatOf = (chat: Partial<Chat>): Chat => ({
  model: "gemini-2.5-flash",
  messages: [{ role: "user", blocks: [{ kind: "text", text: "Hello" }] }],
  stream: false,
  includeUsage: false,
  ...chat,
});

const write = (chat: Partial<Chat>, provider = "google") =>
  gemini.writeRequest(chatOf(chat), { provider, option: () => undefined });

const thinkingOf = (chat: Partial<Chat>): unknown => {
  const { body, notes } = write(chat);
  return { ...(body["generationConfig"] as { thinkingConfig?: object } | undefined)?.thinkingConfig, notes };
};

describe("thinking", () => {
  test.each([
    ["gemini-2.5-flash", { effort: "medium" }, { includeThoughts: true, thinkingBudget: 8192, notes: [] }],
    ["gemini-2.5-flash", { effort: "none" }, { thinkingBudget: 0, notes: [] }],
    ["gemini-2.5-flash", { mode: "disabled" as const }, { thinkingBudget: 0, notes: [] }],
    ["gemini-2.5-flash", { budgetTokens: 0 }, { thinkingBudget: 0, notes: [] }],
    [
      "gemini-2.5-flash",
      { mode: "adaptive" as const },
      { includeThoughts: true, thinkingBudget: -1, notes: [] },
    ],
    ["gemini-2.5-flash", { effort: "max" }, { includeThoughts: true, thinkingBudget: 24_576, notes: [] }],
    [
      "gemini-2.5-flash-lite",
      { budgetTokens: 100 },
      { includeThoughts: true, thinkingBudget: 512, notes: ["thinking.budget_tokens (clamped to 512)"] },
    ],
    ["gemini-2.5-flash", { effort: "lots" }, { includeThoughts: true, notes: ["reasoning_effort"] }],
    ["gemini-2.5-pro", { effort: "none" }, { thinkingBudget: 128, notes: ["reasoning_effort (128 tokens)"] }],
    ["gemini-2.0-flash", { effort: "high" }, { notes: ["reasoning_effort"] }],
    ["gemini-2.0-flash", { effort: "none" }, { notes: [] }],
    ["gemma-3-27b-it", { mode: "disabled" as const }, { notes: [] }],
    [
      "gemini-3-flash-preview",
      { effort: "minimal" },
      { includeThoughts: true, thinkingLevel: "MINIMAL", notes: [] },
    ],
    [
      "gemini-3-pro-preview",
      { effort: "medium" },
      { includeThoughts: true, thinkingLevel: "HIGH", notes: ["reasoning_effort (high)"] },
    ],
    [
      "gemini-3.8-flash",
      { effort: "minimal" },
      { includeThoughts: true, thinkingLevel: "LOW", notes: ["reasoning_effort (low)"] },
    ],
    // github.com/maximhq/bifrost/pull/6280: "only minimal and high for Flash Image"
    [
      "gemini-3.1-flash-image",
      { effort: "low" },
      { includeThoughts: true, thinkingLevel: "HIGH", notes: ["reasoning_effort (high)"] },
    ],
    ["gemini-3.1-pro", { effort: "none" }, { thinkingLevel: "LOW", notes: ["reasoning_effort (low)"] }],
    ["gemini-3.1-pro", { budgetTokens: 5000 }, { includeThoughts: true, thinkingLevel: "MEDIUM", notes: [] }],
    ["gemini-3.1-pro", { mode: "adaptive" as const }, { includeThoughts: true, notes: [] }],
    ["gemini-9-ultra", { effort: "xhigh" }, { includeThoughts: true, thinkingLevel: "HIGH", notes: [] }],
  ])("of %s asked for %o", (model, reasoning, expected) => {
    expect(thinkingOf({ model, reasoning })).toEqual(expected);
  });

  test("is as a client says in this API's own words, a budget or a level and not both", () => {
    const native = (fields: JsonObject) => ({ dialect: "openai-chat", fields }) as const;
    const asked = { model: "gemini-3.8-flash", reasoning: { effort: "high" } };
    expect(thinkingOf({ ...asked, native: native({ thinking_config: { thinking_budget: 500 } }) })).toEqual({
      includeThoughts: true,
      thinkingBudget: 500,
      notes: [],
    });
    expect(
      thinkingOf({ ...asked, native: native({ thinking_config: { include_thoughts: false } }) }),
    ).toEqual({
      includeThoughts: false,
      thinkingLevel: "HIGH",
      notes: [],
    });
  });

  test("is not shown to a client that wants it omitted", () => {
    const native = { dialect: "anthropic-messages", fields: { display: "omitted" } } as const;
    expect(thinkingOf({ reasoning: { budgetTokens: 1024, native } })).toEqual({
      includeThoughts: false,
      thinkingBudget: 1024,
      notes: [],
    });
  });
});

const text = (role: Message["role"], said: string): Message => ({
  role,
  blocks: [{ kind: "text", text: said }],
});

describe("penalties", () => {
  const asked = { presencePenalty: 0.5, frequencyPenalty: 0 };
  test.each([
    ["gemini-2.0-flash", "google", true],
    ["gemini-2.5-flash", "google", false], // github.com/vercel/ai/issues/8943
    ["gemini-2.5-pro", "vertex-ai", true], // github.com/BerriAI/litellm/issues/16031
    ["gemini-3.8-flash", "vertex-ai", false], // github.com/Ikalus1988/MisakaNet/issues/1473
  ])("%s on %s", (model, provider, takes) => {
    const { body, notes } = write({ model, ...asked }, provider);
    expect(body["generationConfig"]).toEqual(takes ? asked : undefined);
    expect(notes).toEqual(takes ? [] : ["presence_penalty"]);
  });
});

// github.com/googleapis/js-genai/issues/1609, github.com/googleapis/python-genai/issues/1723
test.each([
  ["gemini-2.5-flash", "google", true],
  ["gemini-3.1-flash-lite", "google", false],
  ["gemini-3.1-pro-preview", "vertex-ai", true],
])("several answers of %s on %s", (model, provider, takes) => {
  const { body, notes } = write({ model, candidates: 2 }, provider);
  expect(body["generationConfig"]).toEqual(takes ? { candidateCount: 2 } : undefined);
  expect(notes).toEqual(takes ? [] : ["n"]);
});

test("a seed has 32 bits", () => {
  expect(write({ seed: 2 ** 32 + 7 }).body["generationConfig"]).toEqual({ seed: 7 });
});

describe("what the system says", () => {
  const messages = [text("system", "Be brief."), text("user", "Hello")];

  // github.com/0xPlaygrounds/rig/issues/788, github.com/TheKentuckian/robot_comic/issues/122
  test.each(["gemma-3-27b-it", "gemini-3.1-flash-tts-preview"])("is the user's to say to %s", (model) => {
    const { body, notes } = write({ model, messages });
    expect(body).toMatchObject({
      contents: [{ role: "user", parts: [{ text: "Be brief.\n\n" }, { text: "Hello" }] }],
    });
    expect(body).not.toHaveProperty("systemInstruction");
    expect(notes).toEqual(["system (said by the user)"]);
    const { body: later } = write({
      model,
      messages: [text("system", "Be brief."), text("assistant", "Hi"), text("user", "So?")],
    });
    expect(later["contents"]).toMatchObject([{ role: "user" }, { role: "model" }, { role: "user" }]);
  });

  test.each(["gemma-4-31b-it", "gemini-2.5-flash"])("is an instruction to %s", (model) => {
    expect(write({ model, messages }).body).toMatchObject({ systemInstruction: { parts: [{}] } });
  });
});

describe("an answer that was begun", () => {
  const messages = [text("user", "Count."), text("assistant", "One, two")];

  // github.com/LibreChat-AI/agents/pull/323, "Verified live"
  test.each([
    ["gemini-2.5-flash", true],
    ["gemini-3.5-flash", true],
    ["gemini-3.5-flash-lite", false],
    ["gemini-3.6-flash", false],
    ["gemini-3.8-flash", false],
  ])("is the last turn for %s: %p", (model, goesOn) => {
    const { body, notes } = write({ model, messages });
    const behind = goesOn ? [] : [{ role: "user", parts: [{ text: "Continue" }] }];
    expect(body["contents"]).toEqual([
      { role: "user", parts: [{ text: "Count." }] },
      { role: "model", parts: [{ text: "One, two" }] },
      ...behind,
    ]);
    expect(notes).toEqual(goesOn ? [] : ["messages.1 (a user's turn is put behind it)"]);
  });
});

describe("tools", () => {
  const search = { kind: "function", name: "google_search" } as const;
  const tide = { kind: "function", name: "tide" } as const;

  test("of Google's own are not offered where none may be used", () => {
    const { body } = write({ tools: [search, tide], toolChoice: { mode: "none" } });
    expect(body["tools"]).toEqual([{ functionDeclarations: [{ name: "tide" }] }]);
    expect(body["toolConfig"]).toEqual({ functionCallingConfig: { mode: "NONE" } });
    expect(write({ tools: [search], toolChoice: { mode: "none" } }).body).not.toHaveProperty("tools");
  });

  test("of Google's own come as its API has them", () => {
    const tools = [{ googleSearch: {}, url_context: {} }, { code_execution: {} }];
    const body = { model: "gemini-2.5-flash", messages: [{ role: "user", content: "Hi" }] };
    const chat = openaiChat.readRequest({ ...body, tools });
    expect(write(chat).body["tools"]).toEqual([
      { googleSearch: {} },
      { urlContext: {} },
      { codeExecution: {} },
    ]);
    for (const bad of [{}, { name: "f" }, { name: "f", parameters: {} }])
      expect(() => openaiChat.readRequest({ ...body, tools: [bad] })).toThrow(
        "tools.0.function: is required",
      );
  });

  test("of the client's own are its own, though Google has one of that name", () => {
    const parameters = { type: "object", properties: { code: { type: "string" } } };
    const own = ["code_execution", "url_context", "retrieval"];
    const { body } = write({ tools: own.map((name) => ({ kind: "function", name, parameters })) });
    expect(body["tools"]).toEqual([
      { functionDeclarations: own.map((name) => ({ name, parametersJsonSchema: parameters })) },
    ]);
    const named = write({ tools: [{ kind: "function", name: "code_execution" }] }).body["tools"];
    expect(named).toEqual([{ codeExecution: {} }]);
  });

  // github.com/eclipse-theia/theia/pull/17707; "not supported in Vertex AI": `ToolConfig` of the Google Gen AI SDK
  test("of Google's own stand beside functions since Gemini 3", () => {
    const configOf = (model: string, provider?: string) =>
      write({ model, tools: [search, tide] }, provider).body["toolConfig"];
    expect(configOf("gemini-3.6-flash")).toEqual({ includeServerSideToolInvocations: true });
    expect(configOf("gemini-3.6-flash", "vertex-ai")).toBeUndefined();
    expect(configOf("gemini-2.5-flash")).toBeUndefined();
  });

  // github.com/googleapis/python-genai/issues/867, github.com/snailyp/gemini-balance/issues/264
  test("leave no room for JSON as a format before Gemini 3", () => {
    const format = { kind: "json" } as const;
    for (const tools of [[search], [tide]]) {
      const { body, notes } = write({ tools, format });
      expect(body).not.toHaveProperty("generationConfig");
      expect(notes).toEqual(["response_format"]);
      expect(write({ model: "gemini-3.6-flash", tools, format })).toMatchObject({
        body: { generationConfig: { responseMimeType: "application/json" } },
        notes: [],
      });
    }
  });

  test("are not called in pieces that nobody could read", () => {
    const calling = { mode: "AUTO", stream_function_call_arguments: true };
    const fields = { tool_config: { function_calling_config: calling } };
    const { body } = write({ tools: [tide], native: { dialect: "openai-chat", fields } });
    expect(body["toolConfig"]).toEqual({ functionCallingConfig: { mode: "AUTO" } });
  });
});

describe("the choice of tools", () => {
  test("is not said without functions", () => {
    const { body, notes } = write({ toolChoice: { mode: "required" } });
    expect(body).not.toHaveProperty("toolConfig");
    expect(notes).toEqual(["tool_choice"]);
  });

  test("of some that must be called names them", () => {
    const tools = [{ kind: "function", name: "f" } as const, { kind: "function", name: "g" } as const];
    const { body } = write({ tools, toolChoice: { mode: "allowed", names: ["g"], required: true } });
    expect(body["toolConfig"]).toEqual({
      functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["g"] },
    });
  });
});
