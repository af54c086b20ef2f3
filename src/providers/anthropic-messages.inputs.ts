/** The headers in which clients of Anthropic's API say its version and its betas, wherever it is served. */
import type { HeaderInput } from "../schema/provider-row.ts";

export const ANTHROPIC_INPUTS: readonly HeaderInput[] = Object.freeze([
  { option: "anthropic_version", header: "anthropic-version", bare: true, default: "2023-06-01" },
  { option: "anthropic_beta", header: "anthropic-beta", bare: true },
]);
