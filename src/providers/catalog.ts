/** The providers, one row each. A plain OpenAI-compatible one is a row and nothing else. */
import type { HeaderInput, ProviderRow } from "../schema/provider-row.ts";
import { ANTHROPIC_INPUTS, ANTHROPIC_QUIRKS } from "./anthropic-messages.inputs.ts";
import { AWS_ROWS } from "./catalog.aws.ts";
import { AZURE_ROWS } from "./catalog.azure.ts";
import { COMPATIBLE_ROWS } from "./catalog.compatible.ts";
import { GOOGLE_ROWS } from "./catalog.google.ts";
import { LOCAL_ROWS } from "./catalog.local.ts";
import { MAKER_ROWS } from "./catalog.makers.ts";
import { MEDIA_ROWS } from "./catalog.media.ts";
import { ONE_OFF_ROWS } from "./catalog.one-offs.ts";
import { PLATFORM_ROWS } from "./catalog.platforms.ts";
import { VECTOR_ROWS } from "./catalog.vectors.ts";

/** Whose account it is where a key serves several: headers of the SDK's parameters `workspace_id` and `user_profile_id`. */
const ACCOUNT_INPUTS: readonly HeaderInput[] = [
  { option: "anthropic_workspace_id", header: "anthropic-workspace-id", bare: true },
  { option: "anthropic_user_profile_id", header: "anthropic-user-profile-id", bare: true },
];

const ROWS: readonly ProviderRow[] = [
  {
    id: "anthropic",
    name: "Anthropic",
    dialect: "anthropic-messages",
    base: "https://api.anthropic.com/v1",
    // OAuth tokens (sk-ant-oat…) are bearer tokens; API keys go in x-api-key: docs.claude.com/en/api/overview
    auth: { kind: "header", name: "x-api-key", bearerPrefix: "sk-ant-oat" },
    env: ["ANTHROPIC_API_KEY"],
    paths: { chat: "/messages", models: "/models", count_tokens: "/messages/count_tokens" },
    inputs: [...ANTHROPIC_INPUTS, ...ACCOUNT_INPUTS],
    quirks: ANTHROPIC_QUIRKS,
    endpointQuirks: { count_tokens: ANTHROPIC_QUIRKS },
  },
  ...AWS_ROWS,
  ...AZURE_ROWS,
  ...COMPATIBLE_ROWS,
  ...GOOGLE_ROWS,
  ...LOCAL_ROWS,
  ...MAKER_ROWS,
  ...MEDIA_ROWS,
  ...ONE_OFF_ROWS,
  ...PLATFORM_ROWS,
  ...VECTOR_ROWS,
];

/** Rows by id and by alias. */
export interface Catalog {
  readonly ids: readonly string[];
  find(idOrAlias: string): ProviderRow | undefined;
  readonly rows: readonly ProviderRow[];
}

export const createCatalog = (added: readonly ProviderRow[] = []): Catalog => {
  const byName = new Map<string, ProviderRow>();
  // The operator's rows come last and win over ours of the same id.
  for (const row of [...ROWS, ...added]) {
    byName.set(row.id, row);
    for (const alias of row.aliases ?? []) byName.set(alias, row);
  }
  const rows = [...new Set(byName.values())];
  return Object.freeze({ ids: rows.map((row) => row.id), rows, find: (name: string) => byName.get(name) });
};
