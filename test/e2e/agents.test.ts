/** Sessions of agents' command lines, recorded and replayed: a task with one tool, against an upstream of another dialect. */
import { describe, expect, test } from "bun:test";
import type Anthropic from "@anthropic-ai/sdk";
import type OpenAI from "openai";
import type { JsonObject } from "../../src/schema/json.ts";
import claudeCode from "./recordings/claude-code.json";
import { anthropicMessages } from "../../src/providers/anthropic-messages.ts";
import { PLAIN_NAMES, withTakenNames } from "../../src/providers/tool-names.ts";
import codex from "./recordings/codex.json";
import { ask, type Headers, KEY, startPair } from "./setup.ts";

const pair = startPair();

const SECRET = "the magic word is heliotrope";
const STREAM: Headers = { "content-type": "text/event-stream" };

const enqueue = (...frames: readonly string[]): void =>
  pair.upstream.enqueue({ kind: "raw", chunks: frames, headers: STREAM });

const chunk = (delta: JsonObject, finish: string | null = null): string =>
  `data: ${JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "gpt-4o",
    choices: [{ index: 0, delta, finish_reason: finish }],
  })}\n\n`;

const COUNTED = `data: ${JSON.stringify({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1,
  model: "gpt-4o",
  choices: [],
  usage: { prompt_tokens: 50, completion_tokens: 7, total_tokens: 57 },
})}\n\ndata: [DONE]\n\n`;

/** Claude Code 2.1.197, asked with `-p` to read a file; texts of its own are left out. */
describe("Claude Code against an OpenAI-shaped upstream", () => {
  test("calls a tool by its own name, which is longer than the upstream takes", async () => {
    const name = "mcp__plugin_oh-my-claudecode_omc-tools__lsp_diagnostics_directory";
    const asking = (stream: boolean) => ({
      ...ask("gpt-4.1"),
      stream,
      tools: [{ name, input_schema: { type: "object" as const } }],
    });
    const [first] = withTakenNames(anthropicMessages.readRequest(asking(false)), PLAIN_NAMES).tools ?? [];
    const written = first?.kind === "function" ? first.name : "";
    const headers = { ...pair.headers("openai"), authorization: `Bearer ${KEY}` };
    enqueue(chunk({ tool_calls: [call(0, "call_1", written, "{}")] }), chunk({}, "tool_calls"), COUNTED);
    const streamed = await pair.post("/v1/messages", asking(true), headers);
    expect(await streamed.text()).toContain(`"name":"${name}"`);
    expect((await pair.upstream.next()).json).toMatchObject({ tools: [{ function: { name: written } }] });
    const message = { role: "assistant", content: null, tool_calls: [call(0, "call_1", written, "{}")] };
    const reply = { id: "c", object: "chat.completion", created: 1, model: "gpt-4.1" };
    const choices = [{ index: 0, finish_reason: "tool_calls", message }];
    pair.upstream.enqueue({
      kind: "raw",
      chunks: [JSON.stringify({ ...reply, choices })],
      headers: { "content-type": "application/json" },
    });
    const whole = await pair.post("/v1/messages", asking(false), headers);
    expect(await whole.json()).toMatchObject({ content: [{ type: "tool_use", name }] });
  });

  test("brings encrypted thinking back to the provider that it came from alone", async () => {
    const encrypted = "gAAA";
    const output = [
      { type: "reasoning", id: "rs_1", summary: [], encrypted_content: encrypted },
      { type: "function_call", id: "fc_1", call_id: "call_1", name: "f", arguments: "{}" },
    ];
    const answered = { id: "resp_1", object: "response", status: "completed", model: "gpt-5", output };
    const asking = (content: unknown) => ({
      model: "gpt-5",
      max_tokens: 100,
      thinking: { type: "adaptive" },
      messages: [
        { role: "user", content: "Hi" },
        ...(content === undefined
          ? []
          : [
              { role: "assistant", content },
              { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: "ok" }] },
            ]),
      ],
    });
    const call = async (provider: string, content?: unknown) => {
      pair.upstream.enqueue({
        kind: "raw",
        chunks: [JSON.stringify(answered)],
        headers: { "content-type": "application/json" },
      });
      const headers = {
        ...pair.headers("openai"),
        "x-portkey-provider": provider,
        "x-portkey-openai-api": "responses",
        authorization: `Bearer ${KEY}`,
      };
      const response = await pair.post("/v1/messages", JSON.stringify(asking(content)), headers);
      const { content: said } = (await response.json()) as { content: unknown };
      return { said, sent: JSON.stringify((await pair.upstream.next()).json) };
    };
    const { said } = await call("openai");
    expect((await call("openai", said)).sent).toContain(`"encrypted_content":"${encrypted}"`);
    expect((await call("x-ai", said)).sent).not.toContain(encrypted);
  });

  const replay = async (index: 0 | 1): Promise<Anthropic.Beta.BetaMessage> => {
    const { headers, body } = claudeCode[index] ?? {};
    const client = pair.anthropic("openai", headers);
    // The recording is the very body; the SDK's types want its fields named.
    const stream = client.beta.messages.stream(body as unknown as Anthropic.Beta.MessageCreateParams);
    return stream.finalMessage();
  };

  test("is told to read the file", async () => {
    enqueue(
      chunk({ role: "assistant", tool_calls: [call(0, "call_1", "Read", "")] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{"file_path":"/pro' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: 'ject/a.txt"}' } }] }),
      chunk({}, "tool_calls"),
      COUNTED,
    );
    const message = await replay(0);
    expect(message).toMatchObject({
      stop_reason: "tool_use",
      content: [{ type: "tool_use", id: "call_1", name: "Read", input: { file_path: "/project/a.txt" } }],
      usage: { input_tokens: 50, output_tokens: 7 },
    });
    const { json } = await pair.upstream.next();
    expect(json).toMatchObject({ model: "gpt-4o", stream: true, stream_options: { include_usage: true } });
    expect(json).toHaveProperty("tools.0.function.parameters.type", "object");
  });

  test("brings what it read, and ends", async () => {
    enqueue(chunk({ role: "assistant", content: "It is heliotrope" }), chunk({}, "stop"), COUNTED);
    const message = await replay(1);
    expect(message).toMatchObject({
      stop_reason: "end_turn",
      content: [{ type: "text", text: "It is heliotrope" }],
    });
    const { json } = await pair.upstream.next();
    const { messages } = json as { readonly messages: readonly JsonObject[] };
    expect(messages.find(({ role }) => role === "assistant")).toMatchObject({
      tool_calls: [{ id: "call_1", type: "function", function: { name: "Read" } }],
    });
    expect(messages.find(({ role }) => role === "tool")).toMatchObject({
      tool_call_id: "call_1",
      content: expect.stringContaining(SECRET) as unknown,
    });
  });
});

const call = (index: number, id: string, name: string, text: string): JsonObject => ({
  index,
  id,
  type: "function",
  function: { name, arguments: text },
});

const event = (type: string, fields: JsonObject): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

const STARTED = event("message_start", {
  message: {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-x",
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 50, output_tokens: 1 },
  },
});

const ended = (reason: string): string =>
  event("message_delta", {
    delta: { stop_reason: reason, stop_sequence: null },
    usage: { output_tokens: 7 },
  }) + event("message_stop", {});

const block = (index: number, first: JsonObject, ...deltas: readonly JsonObject[]): string =>
  [
    event("content_block_start", { index, content_block: first }),
    ...deltas.map((delta) => event("content_block_delta", { index, delta })),
    event("content_block_stop", { index }),
  ].join("");

/** Codex 0.169.0, asked with `exec` to read a file; texts of its own are left out. */
describe("Codex against an Anthropic-shaped upstream", () => {
  const replay = async (index: 0 | 1): Promise<OpenAI.Responses.Response> => {
    const { headers, body } = codex[index] ?? {};
    const client = pair.openai("anthropic", headers);
    // The recording is the very body; the SDK's types want its fields named.
    const stream = client.responses.stream(body as unknown as OpenAI.Responses.ResponseCreateParamsStreaming);
    return stream.finalResponse();
  };

  test("is told to read the file, with a thought before", async () => {
    enqueue(
      STARTED,
      block(
        0,
        { type: "thinking", thinking: "", signature: "" },
        { type: "thinking_delta", thinking: "I read the file" },
        { type: "signature_delta", signature: "c2lnbmF0dXJl" },
      ),
      block(
        1,
        { type: "tool_use", id: "toolu_1", name: "exec_command", input: {} },
        { type: "input_json_delta", partial_json: '{"cmd":' },
        { type: "input_json_delta", partial_json: '"cat a.txt"}' },
      ),
      ended("tool_use"),
    );
    const response = await replay(0);
    expect(response.status).toBe("completed");
    expect(response.output).toMatchObject([
      { type: "reasoning", summary: [{ text: "I read the file" }] },
      { type: "function_call", call_id: "toolu_1", name: "exec_command", arguments: '{"cmd":"cat a.txt"}' },
    ]);
    expect(response.usage).toMatchObject({ input_tokens: 50, output_tokens: 7 });
  });

  test("brings what it read with the thought and its signature, and ends", async () => {
    enqueue(
      STARTED,
      block(0, { type: "text", text: "" }, { type: "text_delta", text: "It is heliotrope" }),
      ended("end_turn"),
    );
    const response = await replay(1);
    expect(response.output_text).toBe("It is heliotrope");
    const { json } = await pair.upstream.next();
    const { messages } = json as { readonly messages: readonly JsonObject[] };
    expect(messages.at(-2)).toEqual({
      role: "assistant",
      content: [
        { type: "thinking", thinking: "I read the file", signature: "c2lnbmF0dXJl" },
        { type: "tool_use", id: "toolu_1", name: "exec_command", input: { cmd: "cat a.txt" } },
      ],
    });
    expect(messages.at(-1)).toMatchObject({
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: "toolu_1",
          content: expect.stringContaining(SECRET) as unknown,
        },
      ],
    });
  });
});
