import { describe, expect, test } from "bun:test";
import { takenBetas } from "../../src/providers/claude.betas.ts";

/** What Claude Code 2.1 sends to a gateway, and more where it is signed in (github.com/router-for-me/CLIProxyAPI/issues/4750). */
const CLAUDE_CODE =
  "claude-code-20250219,oauth-2025-04-20,interleaved-thinking-2025-05-14,context-management-2025-06-27," +
  "prompt-caching-scope-2026-01-05,structured-outputs-2025-12-15,fast-mode-2026-02-01,redact-thinking-2026-02-12," +
  "token-efficient-tools-2026-03-28,advanced-tool-use-2025-11-20,effort-2025-11-24,new-thing-2027-01-01";

const taken = (host: "bedrock" | "vertex", ...said: Parameters<typeof takenBetas>[1]) => {
  const notes: string[] = [];
  return { betas: takenBetas(host, said, notes), notes };
};

describe("betas of Claude Code", () => {
  test("reach Bedrock where it knows them, by its names", () => {
    const { betas, notes } = taken("bedrock", CLAUDE_CODE);
    expect(betas).toEqual([
      "claude-code-20250219",
      "interleaved-thinking-2025-05-14",
      "context-management-2025-06-27",
      "structured-outputs-2025-12-15",
      "tool-search-tool-2025-10-19",
      "effort-2025-11-24",
    ]);
    expect(notes).toEqual([
      "anthropic-beta (oauth-2025-04-20)",
      "anthropic-beta (prompt-caching-scope-2026-01-05)",
      "anthropic-beta (fast-mode-2026-02-01)",
      "anthropic-beta (redact-thinking-2026-02-12)",
      "anthropic-beta (token-efficient-tools-2026-03-28)",
      "anthropic-beta (new-thing-2027-01-01)",
    ]);
  });

  test("reach Vertex AI where it knows them, by its names", () => {
    expect(taken("vertex", CLAUDE_CODE).betas).toEqual([
      "claude-code-20250219",
      "interleaved-thinking-2025-05-14",
      "context-management-2025-06-27",
      "tool-search-tool-2025-10-19",
      "effort-2025-11-24",
    ]);
  });
});

describe("betas that somebody asked for", () => {
  test("are passed on unless they are known to be refused", () => {
    expect(
      taken("bedrock", ["new-thing-2027-01-01", "extended-cache-ttl-2025-04-11"], "a, new-thing-2027-01-01"),
    ).toEqual({
      betas: ["new-thing-2027-01-01", "a"],
      notes: ["anthropic-beta (extended-cache-ttl-2025-04-11)"],
    });
    expect(taken("vertex", "effort-2025-11-24").betas).toEqual(["effort-2025-11-24"]); // it was needed for Opus 4.5: github.com/BerriAI/litellm/issues/18241
    expect(taken("vertex", "prompt-caching-scope-2026-01-05").betas).toBeUndefined();
  });
});
