/** Servers on one's own machine, at the ports they open when none is named. */
import type { ProviderRow } from "../schema/provider-row.ts";
import { CLASSIC, openaiCompatible, SAMPLED, v1 } from "./compatible.ts";
import { OLLAMA_EFFORTS } from "./efforts.ts";

/** A server on one's own machine; a key is sent on where it was started with one. */
const local = (
  row: Pick<ProviderRow, "id" | "name" | "base" | "aliases" | "paths" | "codecs" | "fetchesMedia" | "quirks">,
): ProviderRow =>
  openaiCompatible({ ...row, quirks: { ...CLASSIC, ...row.quirks, systemFirst: true }, keyless: true });

/**
 * Servers that count the tokens of Anthropic's requests themselves: tools/server/README.md of llama.cpp,
 * vllm/entrypoints/anthropic/api_router.py, sglang/srt/entrypoints/anthropic/serving.py.
 */
const COUNTED = Object.freeze({ count_tokens: "/v1/messages/count_tokens" });

export const LOCAL_ROWS: readonly ProviderRow[] = [
  local({
    id: "llama.cpp",
    name: "llama.cpp",
    aliases: ["llama-cpp", "llamacpp"],
    base: "http://localhost:8080",
    paths: { ...v1("completions", "embeddings", "rerank"), ...COUNTED },
    codecs: { rerank: "text-rerank" },
    quirks: SAMPLED,
  }),
  local({
    id: "llamafile",
    name: "llamafile",
    base: "http://localhost:8080",
    paths: v1("completions", "embeddings"),
  }),
  local({
    id: "lmstudio",
    name: "LM Studio",
    aliases: ["lm-studio"],
    base: "http://localhost:1234",
    paths: v1("completions", "embeddings"),
    fetchesMedia: true, // github.com/lmstudio-ai/lms/issues/243
    quirks: { toolChoices: "words", formats: "schema" },
  }),
  local({
    id: "ollama",
    name: "Ollama",
    base: "http://localhost:11434",
    paths: v1("completions", "embeddings"),
    fetchesMedia: true, // github.com/ollama/ollama/issues/6753
    quirks: { efforts: OLLAMA_EFFORTS },
  }),
  local({
    id: "sglang",
    name: "SGLang",
    base: "http://localhost:30000",
    paths: { ...v1("completions", "embeddings", "rerank"), ...COUNTED },
    codecs: { rerank: "sglang-rerank" },
    quirks: SAMPLED,
  }),
  // huggingface.co/docs/text-embeddings-inference/quick_tour: the port is the one of its containers' examples
  {
    id: "tei",
    name: "Text Embeddings Inference",
    aliases: ["text-embeddings-inference"],
    dialect: "openai-chat",
    base: "http://localhost:8080",
    auth: { kind: "bearer" },
    paths: { embeddings: "/v1/embeddings", rerank: "/rerank" },
    codecs: { rerank: "tei-rerank" },
    keyless: true,
  },
  local({
    id: "tgi",
    name: "Text Generation Inference",
    aliases: ["text-generation-inference"],
    base: "http://localhost:3000",
    paths: v1("completions"),
  }),
  local({
    id: "vllm",
    name: "vLLM",
    base: "http://localhost:8000",
    paths: { ...v1("completions", "embeddings", "transcriptions", "translations", "rerank"), ...COUNTED },
    codecs: { rerank: "text-rerank" },
    quirks: SAMPLED,
  }),
  local({
    id: "xinference",
    name: "Xinference",
    base: "http://localhost:9997",
    paths: v1("completions", "embeddings", "images", "speech", "transcriptions", "translations", "rerank"),
    codecs: { rerank: "text-rerank" },
  }),
];
