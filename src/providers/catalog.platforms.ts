/** Platforms that run models where their customers' data or machines are: Snowflake, Databricks, Latitude. */
import { ANTHROPIC_INPUTS } from "./anthropic-messages.inputs.ts";
import type { HeaderInput, ProviderRow, Quirks } from "../schema/provider-row.ts";

/**
 * KEYPAIR_JWT, OAUTH or PROGRAMMATIC_ACCESS_TOKEN: docs.snowflake.com/developer-guide/snowflake-rest-api/authentication.
 * Without it programmatic access tokens are taken, as the vendor's examples for OpenAI's clients send them.
 */
const TOKEN_TYPE: HeaderInput = {
  option: "snowflake_token_type",
  header: "x-snowflake-authorization-token-type",
  bare: true,
};

const cortex: ProviderRow = {
  id: "cortex",
  name: "Snowflake Cortex",
  aliases: ["snowflake"],
  dialect: "openai-chat",
  base: "https://{snowflake_account}.snowflakecomputing.com/api/v2",
  auth: { kind: "bearer" },
  env: ["SNOWFLAKE_PAT"],
  // docs.snowflake.com/user-guide/snowflake-cortex/cortex-rest-api, which inference:complete gave way to
  paths: { chat: "/cortex/v1/chat/completions" },
  inputs: [
    TOKEN_TYPE,
    { option: "accept", header: "accept", default: "application/json, text/event-stream" },
  ],
  variants: [
    {
      // A Claude speaks Anthropic's API there too, so nothing is lost for those who ask in it.
      models: "claude",
      pathname: "^/v1/messages/?$",
      row: {
        dialect: "anthropic-messages",
        paths: { chat: "/cortex/v1/messages" },
        inputs: [TOKEN_TYPE, ...ANTHROPIC_INPUTS],
      },
    },
  ],
};

/**
 * `json: unknown field "stream_options"`: github.com/continuedev/continue/issues/12936; "expects `max_tokens`":
 * github.com/OpenHands/software-agent-sdk/pull/2128.
 */
const DATABRICKS: Quirks = {
  removes: ["model", "stream_options"],
  rename: { max_completion_tokens: "max_tokens" },
};

const databricks: ProviderRow = {
  id: "databricks",
  name: "Databricks",
  dialect: "openai-chat",
  base: "https://{databricks_workspace}.cloud.databricks.com/serving-endpoints",
  auth: { kind: "bearer" },
  env: ["DATABRICKS_TOKEN"],
  // docs.databricks.com/api/workspace/servingendpoints/query: the endpoint's name is the model
  paths: {
    chat: "/{model}/invocations",
    completions: "/{model}/invocations",
    embeddings: "/{model}/invocations",
  },
  quirks: DATABRICKS,
  endpointQuirks: { completions: { removes: ["model"] }, embeddings: { removes: ["model"] } },
  variants: [
    // "Multiple tool calls are not supported": github.com/BerriAI/litellm/pull/31633
    { models: "gpt-", row: { quirks: { ...DATABRICKS, callsOneByOne: true } } },
    {
      // Its own Claudes speak Anthropic's API: docs.databricks.com/machine-learning/model-serving/query-anthropic-messages
      models: "^databricks-claude",
      pathname: "^/v1/messages/?$",
      row: {
        dialect: "anthropic-messages",
        paths: { chat: "/anthropic/v1/messages" },
        inputs: ANTHROPIC_INPUTS,
        quirks: {},
      },
    },
  ],
};

const latitude: ProviderRow = {
  id: "latitude",
  name: "Latitude.sh",
  dialect: "openai-chat",
  base: "https://api.lsh.ai",
  auth: { kind: "bearer" },
  env: ["LATITUDE_API_KEY"],
  paths: { chat: "/v1/chat/completions", models: "/v1/models" },
};

export const PLATFORM_ROWS: readonly ProviderRow[] = [cortex, databricks, latitude];
