/** Everything that a request of Anthropic's SDK can say, and what becomes of it with other vendors. */
import type Anthropic from "@anthropic-ai/sdk";
import type { JsonObject } from "../../../src/schema/json.ts";
import type { Case } from "./upstreams.ts";

type Beta = Anthropic.Beta.Messages.MessageCreateParamsNonStreaming;
type Field = keyof Beta | keyof Anthropic.MessageCreateParamsNonStreaming;
type Block = Anthropic.Beta.Messages.BetaContentBlockParam | Anthropic.ContentBlockParam;
type Tool = Exclude<
  NonNullable<(Anthropic.Beta.Messages.BetaToolUnion | Anthropic.ToolUnion)["type"]>,
  "custom"
>;

const ASKED = { max_tokens: 3000, messages: [{ role: "user", content: "Hello" }] };
const say = (more: Partial<Beta>): JsonObject => ({ ...ASKED, ...jsonOf(more) });

/** The SDK's types are interfaces, which say the same as JSON and are no index type. */
const jsonOf = (value: object): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;

const SCHEMA = { type: "object", properties: { a: { type: "string" } }, additionalProperties: false };
const SCHEMA_ARRIVES = {
  openai: { response_format: { type: "json_schema", json_schema: { schema: SCHEMA } } },
  google: { generationConfig: { responseJsonSchema: SCHEMA } },
  bedrock: {
    outputConfig: {
      textFormat: { structure: { jsonSchema: { schema: JSON.stringify(SCHEMA) } } },
    },
  },
  cohere: { response_format: { type: "json_object", json_schema: SCHEMA } },
};
const FUNCTION = { name: "f", input_schema: { type: "object" as const } };

/** Headers of the API that the SDK lets stand among the parameters. */
const HEADER = "the SDK sends it as a header, which speaks to Anthropic alone";

export const FIELDS: Readonly<Record<Field, Case>> = {
  model: { body: ASKED, harmless: "it is the model that was asked" },
  messages: {
    body: ASKED,
    arrives: {
      openai: { messages: [{ role: "user", content: "Hello" }] },
      google: { contents: [{ role: "user", parts: [{ text: "Hello" }] }] },
      bedrock: { messages: [{ role: "user", content: [{ text: "Hello" }] }] },
      cohere: { messages: [{ role: "user", content: "Hello" }] },
    },
  },
  max_tokens: {
    body: ASKED,
    arrives: {
      openai: { max_completion_tokens: 3000 },
      google: { generationConfig: { maxOutputTokens: 3000 } },
      bedrock: { inferenceConfig: { maxTokens: 3000 } },
      cohere: { max_tokens: 3000 },
    },
  },
  system: {
    body: say({ system: "Be brief." }),
    arrives: {
      openai: { messages: [{ role: "system", content: "Be brief." }, { role: "user" }] },
      google: { systemInstruction: { parts: [{ text: "Be brief." }] } },
      bedrock: { system: [{ text: "Be brief." }] },
      cohere: { messages: [{ role: "system", content: "Be brief." }, { role: "user" }] },
    },
  },
  stop_sequences: {
    body: say({ stop_sequences: ["END"] }),
    notes: { openai: "stop" }, // refused by models that think
    arrives: {
      google: { generationConfig: { stopSequences: ["END"] } },
      bedrock: { inferenceConfig: { stopSequences: ["END"] } },
      cohere: { stop_sequences: ["END"] },
    },
  },
  stream: { body: say({ stream: false }), harmless: "an answer is whole unless a stream is asked for" },
  tools: {
    body: say({ tools: [{ ...FUNCTION, description: "d" }] }),
    arrives: {
      openai: { tools: [{ type: "function", function: { name: "f", description: "d" } }] },
      google: { tools: [{ functionDeclarations: [{ name: "f", description: "d" }] }] },
      bedrock: { toolConfig: { tools: [{ toolSpec: { name: "f", description: "d" } }] } },
      cohere: { tools: [{ type: "function", function: { name: "f", description: "d" } }] },
    },
  },
  tool_choice: {
    body: say({ tools: [FUNCTION], tool_choice: { type: "any" } }),
    arrives: {
      openai: { tool_choice: "required" },
      google: { toolConfig: { functionCallingConfig: { mode: "ANY" } } },
      bedrock: { toolConfig: { toolChoice: { any: {} } } },
      cohere: { tool_choice: "REQUIRED" },
    },
  },
  thinking: {
    body: say({ thinking: { type: "enabled", budget_tokens: 2000 } }),
    arrives: {
      openai: { reasoning_effort: "low" },
      google: { generationConfig: { thinkingConfig: { thinkingLevel: "LOW", includeThoughts: true } } },
      cohere: { thinking: { type: "enabled", token_budget: 2000 } },
    },
    note: "reasoning_effort",
  },
  output_config: {
    body: say({ output_config: { effort: "low", format: { type: "json_schema", schema: SCHEMA } } }),
    arrives: {
      openai: { reasoning_effort: "low", ...SCHEMA_ARRIVES.openai },
      google: {
        generationConfig: { thinkingConfig: { thinkingLevel: "LOW" }, responseJsonSchema: SCHEMA },
      },
      bedrock: SCHEMA_ARRIVES.bedrock,
      cohere: { thinking: { type: "enabled" }, ...SCHEMA_ARRIVES.cohere },
    },
  },
  output_format: {
    body: say({ output_format: { type: "json_schema", schema: SCHEMA } }),
    arrives: SCHEMA_ARRIVES,
  },
  metadata: {
    body: say({ metadata: { user_id: "u1" } }),
    arrives: { openai: { user: "u1" } },
    note: "user",
  },
  service_tier: {
    body: say({ service_tier: "standard_only" }),
    arrives: { openai: { service_tier: "default" }, bedrock: { serviceTier: { type: "default" } } },
    harmless: "a vendor without that tier has only the standard one",
  },
  billing_policy: { body: say({ billing_policy: { type: "billing_policy" } }) },
  cache_control: {
    body: say({ cache_control: { type: "ephemeral" } }),
    arrives: {
      bedrock: { messages: [{ content: [{ text: "Hello" }, { cachePoint: { type: "default" } }] }] },
    },
  },
  compaction: { body: say({ compaction: { type: "summarize" } }) },
  container: {
    body: say({ container: { skills: [{ type: "anthropic", skill_id: "pptx", version: "latest" }] } }),
  },
  context_management: {
    body: say({ context_management: { edits: [{ type: "clear_tool_uses_20250919" }] } }),
  },
  diagnostics: { body: say({ diagnostics: { previous_message_id: "msg_1" } }) },
  fallback_credit_token: { body: say({ fallback_credit_token: "t" }) },
  fallbacks: { body: say({ fallbacks: "default" }) },
  inference_geo: { body: say({ inference_geo: "us" }) },
  mcp_servers: { body: say({ mcp_servers: [{ type: "url", url: "https://a.test", name: "n" }] }) },
  speed: { body: say({ speed: "fast" }) },
  thread: { body: say({ thread: { type: "create" } }) },
  betas: { body: say({}), harmless: HEADER },
  user_profile_id: { body: say({}), harmless: HEADER },
  workspace_id: { body: say({}), harmless: HEADER },
};

/** Parts of fields, which have fates of their own. */
export const PARTS: Readonly<Record<string, Case>> = {
  "output_config.task_budget": {
    body: say({ output_config: { task_budget: { type: "tokens", total: 20_000 } } }),
    note: "output_config",
  },
  "thinking.display": {
    body: say({ thinking: { type: "enabled", budget_tokens: 2000, display: "omitted" } }),
    arrives: {
      google: { generationConfig: { thinkingConfig: { includeThoughts: false } } },
    },
    notes: { bedrock: "reasoning_effort" }, // its thinking is noted as a whole
  },
  "tool_choice.disable_parallel_tool_use": {
    body: say({ tools: [FUNCTION], tool_choice: { type: "auto", disable_parallel_tool_use: true } }),
    arrives: { openai: { parallel_tool_calls: false } },
    note: "parallel_tool_calls",
  },
  "tools.0.eager_input_streaming": {
    body: say({ tools: [{ ...FUNCTION, eager_input_streaming: true }] }),
    note: "tools.0",
  },
  "tools.0.defer_loading": { body: say({ tools: [{ ...FUNCTION, defer_loading: true }] }), note: "tools.0" },
  "tools.0.input_examples": {
    body: say({ tools: [{ ...FUNCTION, input_examples: [{ a: 1 }] }] }),
    note: "tools.0",
  },
  "tools.0.cache_control": {
    body: say({ tools: [{ ...FUNCTION, cache_control: { type: "ephemeral" } }] }),
    note: "cache_control",
    notes: { bedrock: "tools.0.cache_control" }, // some of its models cache tools, this one does not
  },
  "a document's title, where it is only text": {
    body: say({
      messages: [
        {
          role: "user",
          content: [
            {
              type: "document",
              source: { type: "text", media_type: "text/plain", data: "words" },
              title: "T",
            },
          ],
        },
      ],
    }),
    arrives: {
      openai: { messages: [{ content: [{ type: "text", text: "T\nwords" }] }] },
      google: { contents: [{ parts: [{ text: "T\nwords" }] }] },
      bedrock: { messages: [{ content: [{ document: { name: "T" } }, { text: "." }] }] },
      cohere: { documents: [{ data: { title: "T", text: "words" } }] },
    },
  },
  "a field that is null": {
    body: { ...ASKED, container: null, inference_geo: null },
    harmless: "null says nothing",
  },
};

const user = (block: Block): JsonObject => ({
  max_tokens: 3000,
  messages: [{ role: "user", content: [{ type: "text", text: "a" }, jsonOf(block)] }],
});
const assistant = (block: Block): JsonObject => ({
  max_tokens: 3000,
  messages: [
    { role: "user", content: "Hi" },
    { role: "assistant", content: [{ type: "text", text: "a" }, jsonOf(block)] },
    { role: "user", content: "go on" },
  ],
});
const noted = (type: Block["type"]) => ({ note: `messages.1.content.1 (${type})` });
const SEARCHED = {
  type: "web_search_result" as const,
  title: "T",
  url: "https://a.test",
  encrypted_content: "e",
};

/** What is said as plain text behind the text before it. */
const textArrives = (text: string) => ({
  openai: { messages: [{ role: "user", content: [{ text: "a" }, { type: "text", text }] }] },
  google: { contents: [{ role: "user", parts: [{ text: "a" }, { text }] }] },
  cohere: { messages: [{ role: "user", content: [{ text: "a" }, { type: "text", text }] }] },
});

export const BLOCKS: { readonly [K in Block["type"]]: Case & { readonly of?: Extract<Block, { type: K }> } } =
  {
    text: {
      body: user({ type: "text", text: "b" }),
      arrives: { ...textArrives("b"), bedrock: { messages: [{ content: [{ text: "a" }, { text: "b" }] }] } },
    },
    image: {
      body: user({ type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } }),
      arrives: {
        openai: {
          messages: [
            { content: [{}, { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }] },
          ],
        },
        google: { contents: [{ parts: [{}, { inlineData: { mimeType: "image/png", data: "AAAA" } }] }] },
        bedrock: { messages: [{ content: [{}, { image: { format: "png", source: { bytes: "AAAA" } } }] }] },
        cohere: { messages: [{ content: [{}, { image_url: { url: "data:image/png;base64,AAAA" } }] }] },
      },
    },
    document: {
      body: user({
        type: "document",
        source: { type: "base64", media_type: "application/pdf", data: "AAAA" },
        title: "T",
      }),
      arrives: {
        openai: {
          messages: [
            { content: [{}, { file: { filename: "T", file_data: "data:application/pdf;base64,AAAA" } }] },
          ],
        },
        google: {
          contents: [{ parts: [{}, { inlineData: { mimeType: "application/pdf", data: "AAAA" } }] }],
        },
        bedrock: {
          messages: [
            { content: [{}, { document: { format: "pdf", name: "T", source: { bytes: "AAAA" } } }] },
          ],
        },
      },
      note: "messages.0.content.1 (application/pdf)",
    },
    search_result: {
      body: user({
        type: "search_result",
        source: "https://a.test",
        title: "T",
        content: [{ type: "text", text: "words" }],
      }),
      arrives: {
        ...textArrives("T\nhttps://a.test\nwords"),
        bedrock: { messages: [{ content: [{}, { text: "T\nhttps://a.test\nwords" }] }] },
      },
    },
    thinking: {
      body: assistant({ type: "thinking", thinking: "T", signature: "c2ln" }),
      arrives: {
        cohere: { messages: [{}, { content: [{}, { type: "thinking", thinking: "T" }] }, {}] },
      },
      note: "messages.1.content.1 (reasoning)",
      notes: { openai: "messages.1 (reasoning)" },
    },
    redacted_thinking: {
      body: assistant({ type: "redacted_thinking", data: "RA==" }),
      note: "messages.1.content.1 (reasoning)",
      notes: { openai: "messages.1 (reasoning)", cohere: "messages.1.content.1 (redacted)" },
    },
    tool_use: {
      body: assistant({ type: "tool_use", id: "t1", name: "f", input: { a: 1 } }),
      arrives: {
        openai: { messages: [{}, { tool_calls: [{ id: "t1", function: { arguments: '{"a":1}' } }] }, {}] },
        google: { contents: [{}, { parts: [{}, { functionCall: { name: "f", args: { a: 1 } } }] }, {}] },
        bedrock: {
          messages: [{}, { content: [{}, { toolUse: { toolUseId: "t1", name: "f", input: { a: 1 } } }] }, {}],
        },
        cohere: { messages: [{}, { tool_calls: [{ id: "t1", function: { arguments: '{"a":1}' } }] }, {}] },
      },
    },
    tool_result: {
      body: user({
        type: "tool_result",
        tool_use_id: "t1",
        content: [
          { type: "search_result", source: "s", title: "T", content: [{ type: "text", text: "words" }] },
        ],
      }),
      arrives: {
        openai: { messages: [{}, { role: "tool", tool_call_id: "t1", content: "T\ns\nwords" }] },
        google: {
          contents: [{}, { parts: [{ functionResponse: { response: { output: "T\ns\nwords" } } }] }],
        },
        bedrock: {
          messages: [
            {
              content: [{}, { toolResult: { toolUseId: "t1", content: [{ text: "T\ns\nwords" }] } }],
            },
          ],
        },
        cohere: { messages: [{}, { role: "tool", tool_call_id: "t1", content: "T\ns\nwords" }] },
      },
    },
    compaction: {
      body: assistant({ type: "compaction", content: "They greeted." }),
      arrives: {
        openai: { messages: [{}, { role: "assistant", content: "aThey greeted.\n\n" }, {}] },
        google: { contents: [{}, { parts: [{ text: "a" }, { text: "They greeted.\n\n" }] }, {}] },
        cohere: { messages: [{}, { content: [{}, { text: "They greeted.\n\n" }] }, {}] },
      },
      ...noted("compaction"),
    },
    server_tool_use: {
      body: assistant({ type: "server_tool_use", id: "s1", name: "web_search", input: { query: "q" } }),
      ...noted("server_tool_use"),
    },
    web_search_tool_result: {
      body: assistant({ type: "web_search_tool_result", tool_use_id: "s1", content: [SEARCHED] }),
      ...noted("web_search_tool_result"),
    },
    web_fetch_tool_result: {
      body: assistant({
        type: "web_fetch_tool_result",
        tool_use_id: "s1",
        content: { type: "web_fetch_tool_result_error", error_code: "unavailable" },
      }),
      ...noted("web_fetch_tool_result"),
    },
    advisor_tool_result: {
      body: assistant({
        type: "advisor_tool_result",
        tool_use_id: "s1",
        content: { type: "advisor_result", text: "Think again" },
      }),
      ...noted("advisor_tool_result"),
    },
    code_execution_tool_result: {
      body: assistant({
        type: "code_execution_tool_result",
        tool_use_id: "s1",
        content: { type: "code_execution_result", stdout: "1", stderr: "", return_code: 0, content: [] },
      }),
      ...noted("code_execution_tool_result"),
    },
    bash_code_execution_tool_result: {
      body: assistant({
        type: "bash_code_execution_tool_result",
        tool_use_id: "s1",
        content: { type: "bash_code_execution_result", stdout: "1", stderr: "", return_code: 0, content: [] },
      }),
      ...noted("bash_code_execution_tool_result"),
    },
    text_editor_code_execution_tool_result: {
      body: assistant({
        type: "text_editor_code_execution_tool_result",
        tool_use_id: "s1",
        content: { type: "text_editor_code_execution_create_result", is_file_update: false },
      }),
      ...noted("text_editor_code_execution_tool_result"),
    },
    tool_search_tool_result: {
      body: assistant({
        type: "tool_search_tool_result",
        tool_use_id: "s1",
        content: {
          type: "tool_search_tool_search_result",
          tool_references: [{ type: "tool_reference", tool_name: "f" }],
        },
      }),
      ...noted("tool_search_tool_result"),
    },
    mcp_tool_use: {
      body: assistant({ type: "mcp_tool_use", id: "s1", name: "f", server_name: "n", input: {} }),
      ...noted("mcp_tool_use"),
    },
    mcp_tool_result: {
      body: assistant({ type: "mcp_tool_result", tool_use_id: "s1", content: "r" }),
      ...noted("mcp_tool_result"),
    },
    mcp_tool_listing: {
      body: assistant({ type: "mcp_tool_listing", mcp_server_name: "n", tools: [] }),
      ...noted("mcp_tool_listing"),
    },
    container_upload: {
      body: user({ type: "container_upload", file_id: "file_1" }),
      note: "messages.0.content.1 (container_upload)",
    },
    tool_addition: {
      body: user({ type: "tool_addition", tool: { type: "tool_reference", name: "f" } }),
      note: "messages.0.content.1 (tool_addition)",
    },
    tool_removal: {
      body: user({ type: "tool_removal", tool: { type: "tool_reference", name: "f" } }),
      note: "messages.0.content.1 (tool_removal)",
    },
    fallback: {
      body: assistant({
        type: "fallback",
        from: { model: "claude-opus-5" },
        to: { model: "claude-opus-4-6" },
      }),
      ...noted("fallback"),
    },
  };

/** The vendor's own tools, and what Google calls those that it runs too. */
export const TOOLS: Readonly<Record<Tool, string | null>> = {
  advisor_20260301: null,
  bash_20241022: null,
  bash_20250124: null,
  browser_toolset_20260801: null,
  code_execution_20250522: "codeExecution",
  code_execution_20250825: "codeExecution",
  code_execution_20260120: "codeExecution",
  code_execution_20260521: "codeExecution",
  computer_20241022: null,
  computer_20250124: null,
  computer_20251124: null,
  computer_toolset_20260801: null,
  mcp_toolset: null,
  memory_20250818: null,
  text_editor_20241022: null,
  text_editor_20250124: null,
  text_editor_20250429: null,
  text_editor_20250728: null,
  tool_search_tool_bm25: null,
  tool_search_tool_bm25_20251119: null,
  tool_search_tool_regex: null,
  tool_search_tool_regex_20251119: null,
  web_fetch_20250910: "urlContext",
  web_fetch_20260209: "urlContext",
  web_fetch_20260309: "urlContext",
  web_fetch_20260318: "urlContext",
  web_search_20250305: "googleSearch",
  web_search_20260209: "googleSearch",
  web_search_20260318: "googleSearch",
};

export const toolCase = (type: string, google: string | null): Case => ({
  body: { ...ASKED, tools: [{ type, name: type.replace(/_\d+$/, "") }] },
  note: `tools.0 (${type})`,
  ...(google === null ? {} : { arrives: { google: { tools: [{ [google]: {} }] } } }),
});
