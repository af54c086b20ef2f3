import { describe, expect, test } from "bun:test";
import { factsOf } from "../../src/providers/claude.models.ts";

const ROWS = [
  // model, thinking, off, sampling, forced tools, max_tokens
  ["claude-2.1", "none", "disabled", "all", true, 4096],
  ["claude-instant-1.2", "none", "disabled", "all", true, 4096],
  ["claude-3-opus-20240229", "none", "disabled", "all", true, 4096],
  ["anthropic.claude-3-haiku-20240307-v1:0", "none", "disabled", "all", true, 4096],
  ["claude-3-5-sonnet-20241022", "none", "disabled", "all", true, 8192],
  ["claude-3-7-sonnet-latest", "budget", "disabled", "all", true, 16384],
  ["claude-sonnet-4-20250514", "budget", "disabled", "one", true, 16384],
  ["claude-opus-4-1-20250805", "budget", "disabled", "one", true, 16384],
  ["claude-haiku-4-5", "budget", "disabled", "one", true, 16384],
  ["claude-opus-4-5@20251101", "budget", "disabled", "one", true, 16384],
  ["us.anthropic.claude-opus-4-6-v1:0", "both", "disabled", "one", true, 16384],
  ["claude-4-sonnet", "budget", "disabled", "one", true, 16384],
  ["claude-4.6-opus", "both", "disabled", "one", true, 16384],
  ["Claude-Haiku-4-5", "budget", "disabled", "one", true, 16384],
  ["claude-opus-4-7", "adaptive", "disabled", "none", true, 16384],
  ["claude-opus-4-8", "adaptive", "disabled", "none", true, 16384],
  ["claude-mythos-preview", "adaptive", "low-effort", "none", true, 16384],
  ["claude-fable-5", "adaptive", "low-effort", "none", true, 16384],
  ["claude-fable-5-1", "adaptive", "low-effort", "none", false, 16384],
  ["claude-sonnet-5", "adaptive", "disabled", "none", true, 16384],
  ["claude-sonnet-5-20260801", "adaptive", "disabled", "none", true, 16384],
  ["claude-sonnet-5-5", "adaptive", "between_tools", "none", false, 16384],
  ["claude-opus-5-5", "adaptive", "low-effort", "none", false, 16384],
  ["claude-haiku-5-5", "adaptive", "disabled", "none", true, 16384],
  ["claude-opus-6", "adaptive", "low-effort", "none", false, 16384],
  ["house-model", "adaptive", "disabled", "all", true, 16384],
] as const;

describe("facts of a model", () => {
  test.each(ROWS)("%s", (model, thinking, off, sampling, forcedTools, maxTokens) => {
    expect(factsOf(model)).toMatchObject({ thinking, off, sampling, forcedTools, maxTokens });
  });
});
