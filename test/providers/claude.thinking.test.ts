import { describe, expect, test } from "bun:test";
import { defined } from "../../src/lib/defined.ts";
import { anthropicMessages } from "../../src/providers/anthropic-messages.ts";
import type { Chat } from "../../src/schema/chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const chat = (fields: Partial<Chat>): Chat => ({
  model: "claude-sonnet-4-5",
  messages: [{ role: "user", blocks: [{ kind: "text", text: "Hello" }] }],
  stream: false,
  includeUsage: false,
  ...fields,
});

const write = (fields: Partial<Chat>) =>
  anthropicMessages.writeRequest(chat(fields), { provider: "test", option: () => undefined });
const tools = [{ kind: "function", name: "find" }] as const;
const own = (fields: JsonObject) => ({ native: { dialect: "anthropic-messages", fields } }) as const;

describe("reasoning effort", () => {
  const rows: readonly (readonly [string, string, JsonObject, readonly string[]])[] = [
    ["claude-sonnet-4-5", "none", { thinking: { type: "disabled" }, max_tokens: 16384 }, []],
    ["claude-3-5-haiku-latest", "none", { max_tokens: 8192 }, []],
    ["claude-3-5-haiku-latest", "high", { max_tokens: 8192 }, ["reasoning_effort"]],
    [
      "claude-sonnet-4-5",
      "minimal",
      { thinking: { type: "enabled", budget_tokens: 1024 }, max_tokens: 17408 },
      [],
    ],
    [
      "claude-3-7-sonnet",
      "medium",
      { thinking: { type: "enabled", budget_tokens: 4096 }, max_tokens: 20480 },
      [],
    ],
    [
      "claude-sonnet-4-0",
      "high",
      { thinking: { type: "enabled", budget_tokens: 16384 }, max_tokens: 32768 },
      [],
    ],
    // Claude Opus 4.1 writes at most 32000 tokens.
    [
      "claude-opus-4-1",
      "max",
      { thinking: { type: "enabled", budget_tokens: 27904 }, max_tokens: 32000 },
      [],
    ],
    ["claude-opus-4-6", "low", { thinking: { type: "adaptive" }, output_config: { effort: "low" } }, []],
    ["claude-opus-4-6", "xhigh", { output_config: { effort: "high" } }, ["reasoning_effort (high)"]],
    ["claude-opus-4-8", "max", { thinking: { type: "adaptive" }, output_config: { effort: "max" } }, []],
    ["claude-sonnet-5-5", "none", { thinking: { type: "between_tools" } }, []],
    ["claude-fable-5", "none", { output_config: { effort: "low" } }, ["reasoning_effort (low)"]],
    ["claude-opus-5", "immense", { max_tokens: 16384 }, ["reasoning_effort"]],
    ["claude-opus-5", "constructor", { max_tokens: 16384 }, ["reasoning_effort"]],
    ["claude-sonnet-4-5", "constructor", { max_tokens: 16384 }, ["reasoning_effort"]],
  ];
  test.each(rows)("%s with effort %s", (model, effort, body, notes) => {
    const written = write({ model, reasoning: { effort } });
    expect(written.body).toMatchObject(body);
    expect("thinking" in written.body).toBe("thinking" in body || model === "claude-opus-4-6");
    expect(written.notes).toEqual([...notes]);
  });
});

describe("adaptive thinking", () => {
  test("shows its thoughts where the model would keep them to itself", () => {
    const thinking = (model: string) => write({ model, reasoning: { effort: "low" } }).body["thinking"];
    expect(thinking("claude-opus-4-6")).toEqual({ type: "adaptive" });
    expect(thinking("claude-opus-4-7")).toEqual({ type: "adaptive", display: "summarized" });
    expect(thinking("claude-fable-5-2")).toEqual({ type: "adaptive", display: "summarized" });
  });

  test.each([
    ["claude-opus-4-6", false],
    ["claude-opus-4-7", false],
    ["claude-opus-4-8", true],
    ["claude-sonnet-5", true],
  ])("of %s beside a forced call: %p", (model, isTaken) => {
    const forced = { tools, toolChoice: { mode: "required" } } as const;
    const { body, notes } = write({ model, reasoning: { effort: "low" }, ...forced });
    expect("thinking" in body).toBe(isTaken);
    expect(body["output_config"]).toEqual({ effort: "low" });
    expect(notes).toEqual(isTaken ? [] : ["thinking"]);
    const asked = write({ model, reasoning: { mode: "adaptive", ...own({ type: "adaptive" }) }, ...forced });
    expect(asked.body["thinking"]).toEqual({ type: "adaptive" });
  });
});

describe("a thinking budget", () => {
  test("is lowered below the client's max_tokens", () => {
    const { body } = write({ reasoning: { effort: "high" }, maxTokens: 3000 });
    expect(body).toMatchObject({ thinking: { type: "enabled", budget_tokens: 2999 }, max_tokens: 3000 });
  });

  test("is left out when max_tokens has no room for the smallest", () => {
    const { body, notes } = write({ reasoning: { effort: "high" }, maxTokens: 1024 });
    expect(body).not.toHaveProperty("thinking");
    expect(body["max_tokens"]).toBe(1024);
    expect(notes).toEqual(["reasoning_effort"]);
  });

  test("is left out beside a forced tool choice", () => {
    const { body, notes } = write({ reasoning: { effort: "low" }, tools, toolChoice: { mode: "required" } });
    expect(body).not.toHaveProperty("thinking");
    expect(body["tool_choice"]).toEqual({ type: "any" });
    expect(notes).toEqual(["reasoning_effort"]);
  });

  test("is left out when a tool call comes back without the thinking before it", () => {
    const call = { kind: "tool-call", id: "a", name: "find", arguments: "{}" } as const;
    const result = { role: "tool", blocks: [{ kind: "tool-result", callId: "a", content: [] }] } as const;
    const unsigned = write({
      reasoning: { effort: "low" },
      messages: [{ role: "assistant", blocks: [call] }, result],
    });
    expect(unsigned.body).not.toHaveProperty("thinking");
    expect(unsigned.notes).toEqual(["reasoning_effort"]);
    const other = { kind: "reasoning", text: "hm", signature: "gemini:s" } as const;
    const thinking = { type: "enabled", budget_tokens: 2000 };
    for (const reasoning of [
      { effort: "low" },
      { mode: "enabled", budgetTokens: 2000, ...own(thinking) },
    ] as const) {
      const foreign = write({ reasoning, messages: [{ role: "assistant", blocks: [other, call] }, result] });
      expect(foreign.body).not.toHaveProperty("thinking");
    }
    const thought = { kind: "reasoning", text: "hm", signature: "s" } as const;
    const signed = write({
      reasoning: { effort: "low" },
      messages: [{ role: "assistant", blocks: [thought, call] }, result],
    });
    expect(signed.body["thinking"]).toEqual({ type: "enabled", budget_tokens: 1024 });
  });

  test("is left out when the answer is to go on from what was not thought about", () => {
    const begun = { role: "assistant", blocks: [{ kind: "text", text: "The answer is" }] } as const;
    const { body, notes } = write({ reasoning: { effort: "low" }, messages: [begun] });
    expect(body).not.toHaveProperty("thinking");
    expect(notes).toEqual(["reasoning_effort"]);
  });

  test("becomes an effort where only efforts are understood", () => {
    const { body } = write({ model: "claude-opus-4-7", reasoning: { budgetTokens: 8000 } });
    expect(body).toMatchObject({ thinking: { type: "adaptive" }, output_config: { effort: "medium" } });
  });

  test("stays a budget where both are understood", () => {
    const { body } = write({ model: "claude-opus-4-6", reasoning: { budgetTokens: 8000 } });
    expect(body["thinking"]).toEqual({ type: "enabled", budget_tokens: 8000 });
  });
});

describe("the client's own thinking object", () => {
  test("is sent as it is, with a max_tokens that leaves room", () => {
    const thinking = { type: "enabled", budget_tokens: 50000, display: "omitted" };
    const { body } = write({ reasoning: { mode: "enabled", budgetTokens: 50000, ...own(thinking) } });
    expect(body).toMatchObject({ thinking, max_tokens: 64000 });
  });

  test("may be absent beside an effort", () => {
    const { body } = write({ model: "claude-opus-4-7", reasoning: { effort: "high", ...own({}) } });
    expect(body).not.toHaveProperty("thinking");
    expect(body["output_config"]).toEqual({ effort: "high" });
  });
});

describe("thinking in the API's own words", () => {
  test.each([
    [
      "claude-opus-4-8",
      { type: "enabled", budget_tokens: 5000 },
      { type: "adaptive", display: "summarized" },
      "medium",
    ],
    ["claude-fable-5", { type: "disabled" }, undefined, "low"],
    ["claude-sonnet-5-5", { type: "disabled" }, { type: "between_tools" }, undefined],
    ["claude-haiku-4-5", { type: "adaptive" }, { type: "enabled", budget_tokens: 4096 }, undefined],
    ["claude-3-5-haiku", { type: "enabled", budget_tokens: 5000 }, undefined, undefined],
  ] as const)(
    "%s, which refuses %p by name, is told so that it takes it",
    (model, asked, thinking, effort) => {
      const mode = asked.type;
      const budgetTokens = "budget_tokens" in asked ? asked.budget_tokens : undefined;
      const reasoning = { mode, ...defined({ budgetTokens }), ...own(asked) };
      const { body, notes } = write({ model, reasoning });
      expect(body["thinking"]).toEqual(thinking);
      expect(body["output_config"]).toEqual(effort && { effort });
      expect(notes).toContain("thinking");
    },
  );

  test("goes as it is to a model that nothing is known of", () => {
    const asked = { type: "enabled", budget_tokens: 5000 };
    const { body, notes } = write({ model: "kimi-k3", reasoning: { mode: "enabled", ...own(asked) } });
    expect(body["thinking"]).toEqual(asked);
    expect(notes).toEqual([]);
  });
});

describe("sampling", () => {
  const all = { temperature: 0.4, topP: 0.9, topK: 5 };

  test("is refused by newer models", () => {
    const { body, notes } = write({ model: "claude-opus-4-7", ...all });
    expect(Object.keys(body)).not.toContain("temperature");
    expect(notes).toEqual(["temperature", "top_p", "top_k"]);
  });

  test("that changes nothing is left out without a note", () => {
    const { body, notes } = write({ model: "claude-sonnet-5", temperature: 1, topP: 1 });
    expect(Object.keys(body)).not.toContain("temperature");
    expect(notes).toEqual([]);
  });

  test("gives way to thinking", () => {
    const { body, notes } = write({ reasoning: { effort: "low" }, ...all });
    expect(body).not.toHaveProperty("top_k");
    expect(notes).toEqual(["temperature", "top_p", "top_k"]);
    expect(write({ reasoning: { effort: "none" }, temperature: 0.4 }).body["temperature"]).toBe(0.4);
  });

  test("keeps either temperature or top_p where both are refused", () => {
    const { body, notes } = write(all);
    expect(body).toMatchObject({ temperature: 0.4, top_k: 5 });
    expect(body).not.toHaveProperty("top_p");
    expect(notes).toEqual(["top_p"]);
    expect(write({ model: "claude-sonnet-4-0", ...all }).notes).toEqual(["top_p"]);
    expect(write({ temperature: 0.4, topP: 1 }).notes).toEqual([]);
    expect(write({ model: "claude-3-7-sonnet", ...all }).body).toMatchObject({
      temperature: 0.4,
      top_p: 0.9,
    });
  });

  test("is clamped to what the API takes", () => {
    expect(write({ temperature: 2 })).toMatchObject({
      body: { temperature: 1 },
      notes: ["temperature (clamped to 1)"],
    });
    expect(write({ temperature: -1 })).toMatchObject({
      body: { temperature: 0 },
      notes: ["temperature (clamped to 0)"],
    });
  });
});
