/** Everything that a Responses request of OpenAI's SDK can say, and what becomes of it with other vendors. */
import type OpenAI from "openai";
import type { JsonObject } from "../../../src/schema/json.ts";
import type { Case } from "./upstreams.ts";

type Kept = "previous_response_id" | "conversation" | "store" | "background";
/** What a server would have to keep is tested where it is kept, or refused. */
type Field = Exclude<keyof OpenAI.Responses.ResponseCreateParamsNonStreaming, Kept>;
type Tool = OpenAI.Responses.Tool["type"];
type Item = Exclude<NonNullable<OpenAI.Responses.ResponseInputItem["type"]>, "item_reference">;

const ASKED: JsonObject = { input: "Hello" };
const say = (more: JsonObject): Case => ({ body: { ...ASKED, ...more } });

const SCHEMA = { type: "object", properties: { a: { type: "string" } }, additionalProperties: false };
const FUNCTION = {
  type: "function",
  name: "f",
  description: "d",
  parameters: { type: "object" },
  strict: false,
};
const HELLO = {
  anthropic: { messages: [{ role: "user", content: "Hello" }] },
  google: { contents: [{ role: "user", parts: [{ text: "Hello" }] }] },
  bedrock: { messages: [{ role: "user", content: [{ text: "Hello" }] }] },
  cohere: { messages: [{ role: "user", content: "Hello" }] },
};

export const FIELDS: Readonly<Record<Field, Case>> = {
  model: { body: ASKED, harmless: "it is the model that was asked" },
  input: { body: ASKED, arrives: HELLO },
  access_programs: say({ access_programs: { program: "a" } }),
  context_management: say({ context_management: [{ type: "compaction" }] }),
  image: say({ image: { detail: "low" } }),
  include: say({ include: ["web_search_call.action.sources"] }),
  instructions: {
    ...say({ instructions: "Be brief." }),
    arrives: {
      anthropic: { system: [{ type: "text", text: "Be brief." }] },
      google: { systemInstruction: { parts: [{ text: "Be brief." }] } },
      bedrock: { system: [{ text: "Be brief." }] },
      cohere: { messages: [{ role: "system", content: "Be brief." }, {}] },
    },
  },
  max_output_tokens: {
    ...say({ max_output_tokens: 99 }),
    arrives: {
      anthropic: { max_tokens: 99 },
      google: { generationConfig: { maxOutputTokens: 99 } },
      bedrock: { inferenceConfig: { maxTokens: 99 } },
      cohere: { max_tokens: 99 },
    },
  },
  max_tool_calls: say({ max_tool_calls: 3 }),
  metadata: { ...say({ metadata: { a: "b" } }), harmless: "the answer repeats it, and nothing is kept" },
  moderation: say({ moderation: { model: "omni-moderation-latest" } }),
  parallel_tool_calls: {
    ...say({ tools: [FUNCTION], parallel_tool_calls: false }),
    arrives: { anthropic: { tool_choice: { disable_parallel_tool_use: true } } },
  },
  prompt: say({ prompt: { id: "pmpt_1" } }),
  prompt_cache_key: say({ prompt_cache_key: "k" }),
  prompt_cache_options: say({ prompt_cache_options: { ttl: "1h" } }),
  prompt_cache_retention: say({ prompt_cache_retention: "24h" }),
  reasoning: {
    ...say({ reasoning: { effort: "low", summary: "auto" } }),
    arrives: {
      anthropic: { output_config: { effort: "low" } },
      google: { generationConfig: { thinkingConfig: { thinkingLevel: "LOW" } } },
      cohere: { thinking: { type: "enabled", token_budget: 2048 } },
    },
    note: "reasoning_effort",
  },
  safety_identifier: {
    ...say({ safety_identifier: "s" }),
    arrives: { anthropic: { metadata: { user_id: "s" } } },
    note: "user",
  },
  service_tier: {
    ...say({ service_tier: "priority" }),
    arrives: { bedrock: { serviceTier: { type: "priority" } }, google: { serviceTier: "priority" } },
  },
  stream: { ...say({ stream: false }), harmless: "an answer is whole unless a stream is asked for" },
  stream_options: {
    ...say({ stream_options: { include_obfuscation: false } }),
    harmless: "no stream of ours is padded",
  },
  temperature: {
    ...say({ temperature: 0.5 }),
    arrives: {
      anthropic: { temperature: 0.5 },
      google: { generationConfig: { temperature: 0.5 } },
      bedrock: { inferenceConfig: { temperature: 0.5 } },
      cohere: { temperature: 0.5 },
    },
  },
  text: {
    ...say({ text: { format: { type: "json_schema", name: "n", schema: SCHEMA } } }),
    arrives: {
      anthropic: { output_config: { format: { type: "json_schema", schema: SCHEMA } } },
      google: { generationConfig: { responseJsonSchema: SCHEMA } },
      bedrock: {
        outputConfig: { textFormat: { structure: { jsonSchema: { schema: JSON.stringify(SCHEMA) } } } },
      },
      cohere: { response_format: { json_schema: SCHEMA } },
    },
  },
  tool_choice: {
    ...say({ tools: [FUNCTION], tool_choice: { type: "function", name: "f" } }),
    arrives: {
      anthropic: { tool_choice: { type: "tool", name: "f" } },
      google: { toolConfig: { functionCallingConfig: { allowedFunctionNames: ["f"] } } },
      bedrock: { toolConfig: { toolChoice: { tool: { name: "f" } } } },
      cohere: { tool_choice: "REQUIRED" },
    },
  },
  tools: {
    ...say({ tools: [FUNCTION] }),
    arrives: {
      anthropic: { tools: [{ name: "f", description: "d" }] },
      google: { tools: [{ functionDeclarations: [{ name: "f" }] }] },
      bedrock: { toolConfig: { tools: [{ toolSpec: { name: "f" } }] } },
      cohere: { tools: [{ function: { name: "f" } }] },
    },
  },
  top_logprobs: say({ top_logprobs: 2 }),
  top_p: {
    ...say({ top_p: 0.5 }),
    arrives: {
      anthropic: { top_p: 0.5 },
      google: { generationConfig: { topP: 0.5 } },
      bedrock: { inferenceConfig: { topP: 0.5 } },
      cohere: { p: 0.5 },
    },
  },
  truncation: say({ truncation: "auto" }),
  user: { ...say({ user: "u" }), arrives: { anthropic: { metadata: { user_id: "u" } } } },
};

/** Parts of fields, which have fates of their own. */
export const PARTS: Readonly<Record<string, Case>> = {
  "text.verbosity": { ...say({ text: { verbosity: "low" } }), note: "text" },
  "reasoning.context": { ...say({ reasoning: { effort: "low", context: "all_turns" } }), note: "reasoning" },
  "both of the user's names": { ...say({ user: "u", safety_identifier: "s" }), note: "safety_identifier" },
  "a choice of a hosted tool": {
    ...say({
      tools: [{ type: "file_search", vector_store_ids: ["v"] }],
      tool_choice: { type: "file_search" },
    }),
    note: "tool_choice",
  },
  "a shell that OpenAI runs": {
    ...say({ tools: [{ type: "shell", environment: { type: "container_auto" } }] }),
    note: "tools.0 (shell)",
  },
  "a search that must not leave the vendor's cache": {
    ...say({ tools: [{ type: "web_search", external_web_access: false }] }),
    arrives: { google: { tools: [{ googleSearch: {} }] } },
    note: "tools.0 (web_search)",
  },
};

const FREE = { anthropic: { tools: [{ name: "c" }] }, bedrock: { toolConfig: { tools: [{}] } } };
const SEARCH = {
  anthropic: { tools: [{ type: "web_search_20250305", name: "web_search" }] },
  google: { tools: [{ googleSearch: {} }] },
};
const tool = (type: Tool, more: JsonObject = {}): Case => ({
  ...say({ tools: [{ type, ...more }] }),
  note: `tools.0 (${type})`,
});

const declared = (name: string): NonNullable<Case["arrives"]> => ({
  anthropic: { tools: [{ name }] },
  google: { tools: [{ functionDeclarations: [{ name }] }] },
  bedrock: { toolConfig: { tools: [{ toolSpec: { name } }] } },
  cohere: { tools: [{ function: { name } }] },
});

export const TOOLS: Readonly<Record<Tool, Case>> = {
  function: FIELDS.tools,
  custom: {
    ...tool("custom", { name: "c" }),
    arrives: {
      ...FREE,
      google: { tools: [{ functionDeclarations: [{ name: "c" }] }] },
      cohere: { tools: [{ function: { name: "c" } }] },
    },
  },
  namespace: {
    ...tool("namespace", { name: "n", description: "d", tools: [FUNCTION] }),
    arrives: {
      anthropic: { tools: [{ description: "d" }] },
      google: { tools: [{ functionDeclarations: [{ description: "d" }] }] },
      bedrock: { toolConfig: { tools: [{ toolSpec: { description: "d" } }] } },
      cohere: { tools: [{ function: { description: "d" } }] },
    },
  },
  local_shell: { ...tool("local_shell"), arrives: declared("local_shell") },
  web_search: {
    ...tool("web_search", { filters: { allowed_domains: ["a.test"] } }),
    arrives: {
      ...SEARCH,
      anthropic: {
        tools: [{ type: "web_search_20250305", name: "web_search", allowed_domains: ["a.test"] }],
      },
    },
  },
  web_search_2025_08_26: { ...tool("web_search_2025_08_26"), arrives: SEARCH },
  web_search_preview: { ...tool("web_search_preview"), arrives: SEARCH },
  web_search_preview_2025_03_11: { ...tool("web_search_preview_2025_03_11"), arrives: SEARCH },
  code_interpreter: {
    ...tool("code_interpreter", { container: { type: "auto" } }),
    arrives: { google: { tools: [{ codeExecution: {} }] } },
  },
  file_search: tool("file_search", { vector_store_ids: ["v"] }),
  image_generation: tool("image_generation"),
  mcp: tool("mcp", { server_label: "l", server_url: "https://a.test" }),
  computer: tool("computer"),
  computer_use_preview: tool("computer_use_preview", { display_width: 1, display_height: 1 }),
  shell: { ...tool("shell"), arrives: declared("shell") },
  apply_patch: { ...tool("apply_patch"), arrives: declared("apply_patch") },
  tool_search: tool("tool_search"),
  programmatic_tool_calling: tool("programmatic_tool_calling"),
};

/** An item behind a greeting, in whichever turn it stands. */
const item = (value: JsonObject): JsonObject => ({ input: [{ role: "user", content: "Hello" }, value] });
const noted = (type: Item, more: JsonObject = {}): Case => ({
  body: item({ type, id: "i", ...more }),
  note: `messages.1.content.0 (${type})`,
});
const SHELL_CALL = { type: "shell_call", call_id: "call_1", action: { commands: ["ls"] } };
const CALLED = {
  anthropic: { messages: [{}, { content: [{ type: "tool_use", id: "call_1" }] }] },
  google: { contents: [{}, { parts: [{ functionCall: {} }] }] },
  bedrock: { messages: [{}, { content: [{ toolUse: { toolUseId: "call_1" } }] }] },
  cohere: { messages: [{}, { tool_calls: [{ id: "call_1" }] }] },
};
const RETURNED = {
  anthropic: { messages: [{ content: [{ type: "tool_result", tool_use_id: "call_1", content: "r" }] }] },
  google: { contents: [{ parts: [{ functionResponse: { response: { output: "r" } } }] }] },
  bedrock: { messages: [{ content: [{ toolResult: { toolUseId: "call_1", content: [{ text: "r" }] } }] }] },
  cohere: { messages: [{ role: "tool", tool_call_id: "call_1", content: "r" }] },
};

export const ITEMS: Readonly<Record<Item, Case>> = {
  message: { body: { input: [{ type: "message", role: "user", content: "Hello" }] }, arrives: HELLO },
  function_call: {
    body: item({ type: "function_call", call_id: "call_1", name: "f", arguments: "{}" }),
    arrives: CALLED,
  },
  function_call_output: {
    body: { input: [{ type: "function_call_output", call_id: "call_1", output: "r" }] },
    arrives: RETURNED,
  },
  custom_tool_call: {
    body: item({ type: "custom_tool_call", call_id: "call_1", name: "c", input: "x" }),
    arrives: CALLED,
  },
  custom_tool_call_output: {
    body: { input: [{ type: "custom_tool_call_output", call_id: "call_1", output: "r" }] },
    arrives: RETURNED,
  },
  local_shell_call: {
    body: item({
      type: "local_shell_call",
      id: "i",
      call_id: "call_1",
      action: { type: "exec", command: ["ls"] },
    }),
    arrives: CALLED,
  },
  local_shell_call_output: {
    body: { input: [{ type: "local_shell_call_output", id: "call_1", output: "r" }] },
    arrives: RETURNED,
  },
  reasoning: {
    body: item({ type: "reasoning", id: "i", summary: [{ type: "summary_text", text: "T" }] }),
    arrives: { cohere: { messages: [{}, { content: [{ type: "thinking", thinking: "T" }] }] } },
    note: "messages.1.content.0 (reasoning)",
  },
  compaction: noted("compaction", { encrypted_content: "e" }),
  compaction_trigger: noted("compaction_trigger"),
  additional_tools: {
    body: item({ type: "additional_tools", role: "developer", tools: [FUNCTION] }),
    arrives: declared("f"),
  },
  configuration_update: {
    body: item({ type: "configuration_update", reasoning: { effort: "low" } }),
    arrives: FIELDS.reasoning.arrives ?? {},
    note: "reasoning_effort",
  },
  file_search_call: noted("file_search_call", { queries: ["q"], status: "completed" }),
  computer_call: noted("computer_call", { call_id: "call_1" }),
  computer_call_output: noted("computer_call_output", { call_id: "call_1" }),
  web_search_call: noted("web_search_call", { status: "completed" }),
  tool_search_call: noted("tool_search_call", { arguments: {} }),
  tool_search_output: noted("tool_search_output", { tools: [] }),
  image_generation_call: noted("image_generation_call", { result: "AAAA" }),
  code_interpreter_call: noted("code_interpreter_call", { code: "1" }),
  shell_call: {
    body: item(SHELL_CALL),
    arrives: CALLED,
  },
  shell_call_output: {
    body: { input: [SHELL_CALL, { type: "shell_call_output", call_id: "call_1", output: [] }] },
    arrives: {
      anthropic: { messages: [{}, { content: [{ tool_use_id: "call_1", content: "[]" }] }] },
      google: { contents: [{}, {}, { parts: [{ functionResponse: { response: { output: "[]" } } }] }] },
      bedrock: {
        messages: [
          { role: "user", content: [{ text: "." }] },
          {},
          { content: [{ toolResult: { content: [{ text: "[]" }] } }] },
        ],
      },
      cohere: { messages: [{}, { role: "tool", content: "[]" }] },
    },
  },
  apply_patch_call: {
    body: item({
      type: "apply_patch_call",
      call_id: "call_1",
      operation: { type: "delete_file", path: "a" },
    }),
    arrives: CALLED,
  },
  apply_patch_call_output: {
    body: { input: [{ type: "apply_patch_call_output", call_id: "call_1", output: "r" }] },
    arrives: RETURNED,
  },
  mcp_list_tools: noted("mcp_list_tools", { server_label: "l", tools: [] }),
  mcp_approval_request: noted("mcp_approval_request", { server_label: "l", name: "f", arguments: "{}" }),
  mcp_approval_response: noted("mcp_approval_response", { approve: true }),
  mcp_call: noted("mcp_call", { server_label: "l", name: "f", arguments: "{}" }),
  program: noted("program"),
  program_output: noted("program_output"),
};
