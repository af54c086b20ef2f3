/** The headers in which clients of Anthropic's API say its version and its betas, wherever it is served. */
import type { HeaderInput, Quirks } from "../schema/provider-row.ts";

export const ANTHROPIC_INPUTS: readonly HeaderInput[] = [
  { option: "anthropic_version", header: "anthropic-version", bare: true, default: "2023-06-01" },
  { option: "anthropic_beta", header: "anthropic-beta", bare: true },
];

/** What is said in those headers: where they are read, the API takes no such fields ("Extra inputs are not permitted"). */
export const ANTHROPIC_QUIRKS: Quirks = Object.freeze({ removes: ["anthropic_version", "anthropic_beta"] });
