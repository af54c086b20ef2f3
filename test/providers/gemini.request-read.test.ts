import { describe, expect, test } from "bun:test";
import { anthropicMessages } from "../../src/providers/anthropic-messages.ts";
import { readRequest, showsThoughts } from "../../src/providers/gemini.request-read.ts";
import { wrapForeign } from "../../src/providers/gemini.signatures.ts";
import type { Message } from "../../src/schema/chat.ts";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import { thrown } from "../support/thrown.ts";

const HI: JsonObject = { role: "user", parts: [{ text: "Hi" }] };

const read = (more: JsonObject = {}) => readRequest({ model: "m", stream: false, contents: [HI], ...more });
const messagesOf = (...contents: readonly JsonValue[]): readonly Message[] => read({ contents }).messages;
const configured = (generationConfig: JsonObject) => read({ generationConfig });

describe("a fault is told with its path", () => {
  test.each<[string, JsonObject]>([
    ["contents", { contents: null }],
    ["contents.0", { contents: ["Hi"] }],
    ["contents.0.role", { contents: [{ role: "assistant", parts: [{ text: "Hi" }] }] }],
    ["contents.0.parts.1", { contents: [{ parts: [{ text: "Hi" }, {}] }] }],
    ["contents.0.parts.0.text", { contents: [{ parts: [{ text: 1 }] }] }],
    [
      "contents.0.parts.0.functionCall.name",
      { contents: [{ role: "model", parts: [{ functionCall: {} }] }] },
    ],
    [
      "contents.0.parts.0.functionCall.args",
      { contents: [{ role: "model", parts: [{ functionCall: { name: "f", args: "{}" } }] }] },
    ],
    ["contents.0.parts.0.functionResponse.name", { contents: [{ parts: [{ functionResponse: {} }] }] }],
    [
      "contents.0.parts.0.inlineData.data",
      { contents: [{ parts: [{ inlineData: { mimeType: "image/png" } }] }] },
    ],
    ["contents.0.parts.0.fileData.fileUri", { contents: [{ parts: [{ file_data: {} }] }] }],
    ["systemInstruction", { systemInstruction: 1 }],
    ["tools.0", { tools: ["search"] }],
    ["tools.0.functionDeclarations.0.name", { tools: [{ functionDeclarations: [{}] }] }],
    [
      "tools.0.functionDeclarations.0.parameters",
      { tools: [{ functionDeclarations: [{ name: "f", parameters: "x" }] }] },
    ],
    ["toolConfig.functionCallingConfig.mode", { toolConfig: { functionCallingConfig: { mode: "SOME" } } }],
    ["generationConfig", { generationConfig: [] }],
    ["generationConfig.temperature", { generationConfig: { temperature: "hot" } }],
    ["generationConfig.stopSequences", { generationConfig: { stopSequences: "END" } }],
    [
      "generationConfig.thinkingConfig.thinkingBudget",
      { generationConfig: { thinkingConfig: { thinkingBudget: "1" } } },
    ],
  ])("%s", (path, body) => {
    const error = thrown(() => read(body));
    expect(error).toMatchObject({ code: "invalid_request", param: path });
    expect(error.message).toStartWith(`${path}: `);
  });
});

describe("thinking", () => {
  test.each<[JsonObject, JsonObject | undefined]>([
    [{ thinkingBudget: 0 }, { mode: "disabled" }],
    [{ thinkingBudget: -1 }, { mode: "adaptive" }],
    [{ thinkingBudget: 512 }, { mode: "enabled", budgetTokens: 512 }],
    [{ thinking_level: "HIGH" }, { effort: "high" }],
    [{ thinkingLevel: "low" }, { effort: "low" }],
    [{ includeThoughts: true }, { mode: "adaptive" }],
    [{ includeThoughts: false }, undefined],
    [{ thinkingLevel: "THINKING_LEVEL_UNSPECIFIED" }, undefined],
  ])("%j", (thinkingConfig, expected) => {
    expect(configured({ thinkingConfig }).reasoning as unknown).toEqual(expected);
  });

  test("is shown to whoever asks, in either spelling", () => {
    expect(showsThoughts({ generation_config: { thinking_config: { include_thoughts: true } } })).toBe(true);
    expect(showsThoughts({ generationConfig: { thinkingConfig: {} } })).toBe(false);
    expect(showsThoughts({})).toBe(false);
  });
});

test.each([
  ["flex", "flex"],
  ["SERVICE_TIER_PRIORITY", "priority"],
  ["standard", "default"],
  ["unspecified", undefined],
])("the service tier %s", (serviceTier, expected) => {
  expect(read({ serviceTier }).serviceTier).toBe(expected as string);
});

describe("the format of the answer", () => {
  const schema = { type: "object", properties: {} };
  test.each<[JsonObject, unknown]>([
    [{}, undefined],
    [{ responseMimeType: "text/plain" }, undefined],
    [{ responseMimeType: "application/json" }, { kind: "json" }],
    [
      { response_mime_type: "application/json", response_json_schema: schema },
      { kind: "schema", schema },
    ],
    [
      { responseMimeType: "application/json", responseSchema: { type: "STRING", nullable: true } },
      { kind: "schema", schema: { type: ["string", "null"] } },
    ],
  ])("%j", (config, expected) => {
    expect(configured(config).format as unknown).toEqual(expected);
  });

  test("that is an enum's word stays what it is", () => {
    const config = { responseMimeType: "text/x.enum", responseSchema: { type: "STRING", enum: ["A"] } };
    expect(configured(config).format).toBeUndefined();
    expect(configured(config).native?.fields).toEqual(config);
  });
});

describe("the choice between tools", () => {
  test.each<[JsonObject, unknown]>([
    [{ mode: "AUTO" }, { mode: "auto" }],
    [{ mode: "NONE" }, { mode: "none" }],
    [{ mode: "ANY" }, { mode: "required" }],
    [
      { mode: "ANY", allowedFunctionNames: ["a"] },
      { mode: "tool", name: "a" },
    ],
    [
      { mode: "ANY", allowed_function_names: ["a", "b"] },
      { mode: "allowed", names: ["a", "b"], required: true },
    ],
    [{ mode: "VALIDATED" }, { mode: "auto" }],
    [{ mode: "any" }, { mode: "required" }],
    [{ mode: "MODE_UNSPECIFIED" }, undefined],
  ])("%j", (functionCallingConfig, expected) => {
    expect(
      read({ tool_config: { function_calling_config: functionCallingConfig } }).toolChoice as unknown,
    ).toEqual(expected);
  });

  test("keeps what else the config says, and Google's own tools", () => {
    const chat = read({
      tools: [{ googleSearch: {} }, { function_declarations: [{ name: "f" }], codeExecution: {} }],
      toolConfig: { retrievalConfig: { languageCode: "en" } },
    });
    expect(chat.tools).toEqual([
      { kind: "opaque", dialect: "gemini", value: { type: "googleSearch", googleSearch: {} } },
      { kind: "function", name: "f" },
      { kind: "opaque", dialect: "gemini", value: { type: "codeExecution", codeExecution: {} } },
    ]);
    expect(chat.native?.fields).toEqual({ toolConfig: { retrievalConfig: { languageCode: "en" } } });
  });
});

describe("the history", () => {
  test("of a chat that was streamed is one turn again, without what only ended it", () => {
    const model = (part: JsonObject): JsonObject => ({ role: "model", parts: [part] });
    const signature = wrapForeign("signature", "sig-1");
    const turns = messagesOf(
      HI,
      model({ text: "Let me ", thought: true }),
      model({ text: "see.", thought: true }),
      model({ text: "", thought: true, thoughtSignature: signature }),
      model({ text: "Hel" }),
      model({ text: "lo" }),
      model({ text: "" }),
    );
    expect(turns).toEqual([
      { role: "user", blocks: [{ kind: "text", text: "Hi" }] },
      {
        role: "assistant",
        blocks: [
          { kind: "reasoning", text: "Let me see.", signature: "sig-1" },
          { kind: "text", text: "Hello" },
        ],
      },
    ]);
  });

  test("matches responses to calls by id, else by name and in order", () => {
    const call = (name: string, id?: string): JsonObject => ({
      functionCall: { name, ...(id && { id }), args: {} },
    });
    const answer = (name: string, output: string, id?: string): JsonObject => ({
      functionResponse: { name, ...(id && { id }), response: { output } },
    });
    const [, calls, results] = messagesOf(
      HI,
      { role: "model", parts: [call("f"), call("g", "own"), call("f")] },
      {
        role: "function",
        parts: [answer("f", "1"), answer("f", "2"), answer("g", "3", "own"), answer("h", "4")],
      },
    );
    expect(calls?.blocks.map((block) => (block.kind === "tool-call" ? block.id : ""))).toEqual([
      "call_0",
      "own",
      "call_2",
    ]);
    expect(results?.role).toBe("tool");
    expect(results?.blocks.map((block) => (block.kind === "tool-result" ? block.callId : ""))).toEqual([
      "call_0",
      "call_2",
      "own",
      "h",
    ]);
  });

  test.each<[JsonObject, string, boolean | undefined]>([
    [{ output: "21" }, "21", undefined],
    [{ output: { degrees: 21 } }, '{"degrees":21}', undefined],
    [{ error: "No such city" }, "No such city", true],
    [{ result: "21" }, '{"result":"21"}', undefined],
    [{ output: "21", unit: "C" }, '{"output":"21","unit":"C"}', undefined],
    [{}, "{}", undefined],
  ])("takes the output of a response: %j", (response, text, isError) => {
    const [message] = messagesOf({ parts: [{ functionResponse: { id: "c", name: "f", response } }] });
    expect(message?.blocks).toEqual([
      { kind: "tool-result", callId: "c", content: [{ kind: "text", text }], ...(isError && { isError }) },
    ]);
  });

  test("keeps signatures of calls, and knows the one that proves nothing", () => {
    const signed = (thoughtSignature: string) =>
      messagesOf({ role: "model", parts: [{ functionCall: { name: "f" }, thoughtSignature }] })[0]?.blocks[0];
    expect(signed("c2ln")).toMatchObject({ kind: "tool-call", signature: "c2ln" });
    expect(signed("skip_thought_signature_validator")).not.toHaveProperty("signature");
  });

  test("says what kind of media a part holds", () => {
    const [message] = messagesOf({
      parts: [
        { inline_data: { mime_type: "audio/mpeg", data: "aGk=" } },
        { inlineData: { mimeType: "video/mp4", data: "aGk=", displayName: "a.mp4" } },
        {
          fileData: {
            fileUri: "https://generativelanguage.googleapis.com/v1beta/files/abc",
            mimeType: "image/png",
          },
        },
        {
          fileData: { fileUri: "gs://bucket/a.pdf", mimeType: "application/pdf" },
          videoMetadata: { fps: 1 },
        },
        { executableCode: { code: "1" } },
      ],
    });
    expect(message?.blocks).toMatchObject([
      { kind: "audio", data: "aGk=", format: "mp3" },
      { kind: "file", source: { kind: "data", mediaType: "video/mp4" }, name: "a.mp4" },
      { kind: "image", source: { kind: "id" } },
      {
        kind: "file",
        source: { kind: "url", url: "gs://bucket/a.pdf" },
        native: { fields: { videoMetadata: { fps: 1 } } },
      },
      { kind: "opaque", dialect: "gemini", value: { type: "executableCode", executableCode: { code: "1" } } },
    ]);
  });
});

test("a search is asked of others that can", () => {
  const chat = read({ tools: [{ googleSearch: {} }, { codeExecution: {} }] });
  const { body, notes } = anthropicMessages.writeRequest(chat, {
    provider: "anthropic",
    option: () => undefined,
  });
  expect(body["tools"]).toEqual([{ type: "web_search_20250305", name: "web_search" }]);
  expect(notes).toEqual(["tools.1 (codeExecution)"]);
});

test("every field without a word elsewhere is kept by its own name, wherever it stood", () => {
  const chat = read({
    safetySettings: [],
    cached_content: "c",
    generationConfig: { speechConfig: {}, responseModalities: ["IMAGE"], temperature: 1 },
  });
  expect(chat.native).toEqual({
    dialect: "gemini",
    fields: { safetySettings: [], cachedContent: "c", speechConfig: {}, responseModalities: ["IMAGE"] },
  });
  expect(configured({ responseModalities: ["TEXT"] }).native).toBeUndefined();
});
