/** Everything that a chat request of OpenAI's SDK can say, and what becomes of it with other vendors. */
import type OpenAI from "openai";
import type { JsonObject } from "../../../src/schema/json.ts";
import type { Case } from "./upstreams.ts";

type Field = keyof OpenAI.ChatCompletionCreateParamsNonStreaming;
type Part = OpenAI.ChatCompletionContentPart["type"];

const ASKED: JsonObject = { messages: [{ role: "user", content: "Hello" }] };
const say = (more: JsonObject): Case => ({ body: { ...ASKED, ...more } });

const SCHEMA = { type: "object", properties: { a: { type: "string" } }, additionalProperties: false };
const TOOLS = [{ type: "function", function: { name: "f", description: "d" } }];
const ASKS_F = {
  anthropic: { tools: [{ name: "f" }], tool_choice: { type: "tool", name: "f" } },
  google: {
    tools: [{ functionDeclarations: [{ name: "f" }] }],
    toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["f"] } },
  },
  bedrock: { toolConfig: { tools: [{ toolSpec: { name: "f" } }], toolChoice: { tool: { name: "f" } } } },
  cohere: { tools: [{ function: { name: "f" } }], tool_choice: "REQUIRED" },
};
const LIMITED = {
  anthropic: { max_tokens: 99 },
  google: { generationConfig: { maxOutputTokens: 99 } },
  bedrock: { inferenceConfig: { maxTokens: 99 } },
  cohere: { max_tokens: 99 },
};

export const FIELDS: Readonly<Record<Field, Case>> = {
  model: { body: ASKED, harmless: "it is the model that was asked" },
  messages: {
    body: ASKED,
    arrives: {
      anthropic: { messages: [{ role: "user", content: "Hello" }] },
      google: { contents: [{ role: "user", parts: [{ text: "Hello" }] }] },
      bedrock: { messages: [{ role: "user", content: [{ text: "Hello" }] }] },
      cohere: { messages: [{ role: "user", content: "Hello" }] },
    },
  },
  audio: say({ audio: { voice: "alloy", format: "mp3" } }),
  frequency_penalty: {
    ...say({ frequency_penalty: 0.5 }),
    arrives: { cohere: { frequency_penalty: 0.5 } },
  },
  function_call: {
    ...say({ functions: [{ name: "f" }], function_call: { name: "f" } }),
    arrives: ASKS_F,
  },
  functions: { ...say({ functions: [{ name: "f" }], function_call: { name: "f" } }), arrives: ASKS_F },
  logit_bias: say({ logit_bias: { "50256": -100 } }),
  logprobs: {
    ...say({ logprobs: true }),
    arrives: { google: { generationConfig: { responseLogprobs: true } }, cohere: { logprobs: true } },
  },
  max_completion_tokens: { ...say({ max_completion_tokens: 99 }), arrives: LIMITED },
  max_tokens: { ...say({ max_tokens: 99 }), arrives: LIMITED },
  metadata: say({ metadata: { a: "b" } }),
  modalities: {
    ...say({ modalities: ["text", "audio"] }),
    arrives: { google: { generationConfig: { responseModalities: ["TEXT", "AUDIO"] } } },
  },
  moderation: say({ moderation: { model: "omni-moderation-latest" } }),
  n: say({ n: 2 }),
  parallel_tool_calls: {
    ...say({ tools: TOOLS, parallel_tool_calls: false }),
    arrives: { anthropic: { tool_choice: { disable_parallel_tool_use: true } } },
  },
  prediction: say({ prediction: { type: "content", content: "x" } }),
  presence_penalty: {
    ...say({ presence_penalty: 0.5 }),
    arrives: { cohere: { presence_penalty: 0.5 } },
  },
  prompt_cache_key: say({ prompt_cache_key: "k" }),
  prompt_cache_options: say({ prompt_cache_options: { ttl: "1h" } }),
  prompt_cache_retention: say({ prompt_cache_retention: "24h" }),
  reasoning_effort: {
    ...say({ reasoning_effort: "low" }),
    arrives: {
      anthropic: { output_config: { effort: "low" }, thinking: { type: "adaptive" } },
      google: { generationConfig: { thinkingConfig: { thinkingLevel: "LOW" } } },
      cohere: { thinking: { type: "enabled", token_budget: 2048 } },
    },
  },
  response_format: {
    ...say({ response_format: { type: "json_schema", json_schema: { name: "n", schema: SCHEMA } } }),
    arrives: {
      anthropic: { output_config: { format: { type: "json_schema", schema: SCHEMA } } },
      google: { generationConfig: { responseJsonSchema: SCHEMA } },
      bedrock: {
        outputConfig: {
          textFormat: { structure: { jsonSchema: { name: "n", schema: JSON.stringify(SCHEMA) } } },
        },
      },
      cohere: { response_format: { json_schema: SCHEMA } },
    },
  },
  safety_identifier: {
    ...say({ safety_identifier: "s" }),
    arrives: { anthropic: { metadata: { user_id: "s" } } },
    note: "user",
  },
  seed: { ...say({ seed: 7 }), arrives: { google: { generationConfig: { seed: 7 } }, cohere: { seed: 7 } } },
  service_tier: {
    ...say({ service_tier: "priority" }),
    arrives: { bedrock: { serviceTier: { type: "priority" } }, google: { serviceTier: "priority" } },
  },
  stop: {
    ...say({ stop: ["END"] }),
    arrives: {
      anthropic: { stop_sequences: ["END"] },
      google: { generationConfig: { stopSequences: ["END"] } },
      bedrock: { inferenceConfig: { stopSequences: ["END"] } },
      cohere: { stop_sequences: ["END"] },
    },
  },
  store: say({ store: true }),
  stream: { ...say({ stream: false }), harmless: "an answer is whole unless a stream is asked for" },
  stream_options: say({ stream_options: { include_obfuscation: false } }),
  temperature: {
    ...say({ temperature: 0.5 }),
    arrives: {
      anthropic: { temperature: 0.5 },
      google: { generationConfig: { temperature: 0.5 } },
      bedrock: { inferenceConfig: { temperature: 0.5 } },
      cohere: { temperature: 0.5 },
    },
  },
  tool_choice: {
    ...say({ tools: TOOLS, tool_choice: { type: "function", function: { name: "f" } } }),
    arrives: ASKS_F,
  },
  tools: {
    ...say({ tools: TOOLS }),
    arrives: {
      anthropic: { tools: [{ name: "f", description: "d" }] },
      google: { tools: [{ functionDeclarations: [{ name: "f", description: "d" }] }] },
      bedrock: { toolConfig: { tools: [{ toolSpec: { name: "f", description: "d" } }] } },
      cohere: { tools: [{ function: { name: "f", description: "d" } }] },
    },
  },
  top_logprobs: {
    ...say({ logprobs: true, top_logprobs: 2 }),
    arrives: { google: { generationConfig: { responseLogprobs: true, logprobs: 2 } } },
  },
  top_p: {
    ...say({ top_p: 0.5 }),
    arrives: {
      anthropic: { top_p: 0.5 },
      google: { generationConfig: { topP: 0.5 } },
      bedrock: { inferenceConfig: { topP: 0.5 } },
      cohere: { p: 0.5 },
    },
  },
  user: { ...say({ user: "u" }), arrives: { anthropic: { metadata: { user_id: "u" } } } },
  verbosity: say({ verbosity: "low" }),
  web_search_options: {
    ...say({
      web_search_options: {
        search_context_size: "low",
        user_location: { type: "approximate", approximate: { city: "Paris" } },
      },
    }),
    arrives: {
      anthropic: {
        tools: [
          {
            type: "web_search_20250305",
            name: "web_search",
            user_location: { type: "approximate", city: "Paris" },
          },
        ],
      },
      google: { tools: [{ googleSearch: {} }] },
    },
  },
};

/** Parts of fields, which have fates of their own. */
export const PARTS: Readonly<Record<string, Case>> = {
  "a custom tool": {
    ...say({ tools: [{ type: "custom", custom: { name: "c" } }] }),
    arrives: {
      anthropic: { tools: [{ name: "c", input_schema: { required: ["input"] } }] },
      google: { tools: [{ functionDeclarations: [{ name: "c" }] }] },
      bedrock: { toolConfig: { tools: [{ toolSpec: { name: "c" } }] } },
      cohere: { tools: [{ function: { name: "c" } }] },
    },
  },
  "web_search_options.search_context_size": {
    ...say({ web_search_options: { search_context_size: "low" } }),
    notes: { bedrock: "web_search_options", cohere: "web_search_options" }, // as a whole
  },
  "a search beside functions": {
    ...say({ tools: TOOLS, web_search_options: {} }),
    arrives: { anthropic: { tools: [{ name: "f" }, { name: "web_search" }] } },
    note: "web_search_options",
  },
  "both of the user's names": {
    ...say({ user: "u", safety_identifier: "s" }),
    note: "safety_identifier",
  },
  "a field that is null": {
    ...say({ audio: null, metadata: null, store: null, verbosity: null }),
    harmless: "null says nothing",
  },
};

const user = (part: JsonObject): JsonObject => ({
  messages: [{ role: "user", content: [{ type: "text", text: "a" }, part] }],
});

export const CONTENT: Readonly<Record<Part, Case>> = {
  text: {
    body: user({ type: "text", text: "b" }),
    arrives: {
      anthropic: { messages: [{ content: [{ text: "a" }, { text: "b" }] }] },
      google: { contents: [{ parts: [{ text: "a" }, { text: "b" }] }] },
      bedrock: { messages: [{ content: [{ text: "a" }, { text: "b" }] }] },
      cohere: { messages: [{ content: [{ text: "a" }, { text: "b" }] }] },
    },
  },
  image_url: {
    body: user({ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }),
    arrives: {
      anthropic: {
        messages: [{ content: [{}, { type: "image", source: { media_type: "image/png", data: "AAAA" } }] }],
      },
      google: { contents: [{ parts: [{}, { inlineData: { mimeType: "image/png", data: "AAAA" } }] }] },
      bedrock: { messages: [{ content: [{}, { image: { source: { bytes: "AAAA" } } }] }] },
      cohere: { messages: [{ content: [{}, { image_url: { url: "data:image/png;base64,AAAA" } }] }] },
    },
  },
  input_audio: {
    body: user({ type: "input_audio", input_audio: { data: "AAAA", format: "wav" } }),
    arrives: {
      google: { contents: [{ parts: [{}, { inlineData: { mimeType: "audio/wav", data: "AAAA" } }] }] },
      bedrock: { messages: [{ content: [{}, { audio: { format: "wav", source: { bytes: "AAAA" } } }] }] },
    },
    note: "messages.0.content.1 (audio)",
  },
  file: {
    body: user({
      type: "file",
      file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" },
    }),
    arrives: {
      anthropic: {
        messages: [{ content: [{}, { type: "document", title: "a.pdf", source: { data: "AAAA" } }] }],
      },
      google: { contents: [{ parts: [{}, { inlineData: { mimeType: "application/pdf", data: "AAAA" } }] }] },
      bedrock: { messages: [{ content: [{}, { document: { format: "pdf", source: { bytes: "AAAA" } } }] }] },
    },
    note: "messages.0.content.1 (application/pdf)",
  },
};
