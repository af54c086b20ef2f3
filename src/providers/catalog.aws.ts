/** Amazon's rows: Bedrock, and SageMaker's endpoints, whose bodies are their models' own. */
import { CLOUD_QUIRKS } from "./anthropic-messages.inputs.ts";
import type { HeaderInput, PlaceInput, ProviderRow, RowVariant } from "../schema/provider-row.ts";

const PLACES: readonly PlaceInput[] = [
  {
    option: "aws_region",
    kind: "label",
    isRegion: true,
    // An ARN is good in its own region alone (github.com/earendil-works/pi/pull/5527).
    inModel: "^arn(?::|%3a)aws[\\w-]*(?::|%3a)[\\w-]+(?::|%3a)([\\w-]+)(?::|%3a)",
    env: ["AWS_REGION", "AWS_DEFAULT_REGION"],
    default: "us-east-1",
  },
  { option: "aws_endpoint_domain", kind: "domain", env: ["AWS_ENDPOINT_DOMAIN"], default: "amazonaws.com" },
  // Names hold colons and ARNs slashes: one segment, encoded as AWS's own clients do.
  { option: "model", kind: "segment" },
];

/** Which role is assumed with a credential is for its owner to say. */
const ROLES = ["aws_role_arn", "aws_external_id"];

/** Jobs are the control plane's, files are in S3. */
const BEDROCK_HOSTS = {
  control: "https://bedrock.{aws_region}.{aws_endpoint_domain}",
  s3: "https://s3.{aws_region}.{aws_endpoint_domain}",
};

/** docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html */
const SAGEMAKER_INPUTS: readonly HeaderInput[] = [
  "custom-attributes",
  "target-model",
  "target-variant",
  "target-container-hostname",
  "inference-id",
  "enable-explanations",
  "inference-component",
  "session-id",
].map((name) => ({
  option: `amzn_sagemaker_${name.replaceAll("-", "_")}`,
  header: `x-amzn-sagemaker-${name}`,
}));

/**
 * Claude's tokens are counted by its plain name, not by that of a profile for several regions:
 * docs.aws.amazon.com/bedrock/latest/userguide/count-tokens.html
 */
const CLAUDE_COUNT: RowVariant = {
  models: "^(?:[a-z]+(?:-gov)?\\.)?anthropic\\.claude",
  pathname: "^/v1/messages/count_tokens/?$",
  row: {
    paths: { count_tokens: "/model/{model}/count-tokens" },
    codecs: { count_tokens: "bedrock-claude-count" },
    modelNames: [{ pattern: "^[a-z]+(?:-gov)?\\.(?=anthropic\\.)", name: "" }],
  },
};

const INVOKE = "/model/{model}/invoke";
const BEDROCK_PATHS: ProviderRow["paths"] = {
  chat: "/model/{model}/{bedrock_api}",
  embeddings: INVOKE,
  images: INVOKE,
  rerank: INVOKE,
};

/** Which of Bedrock's APIs a chat is asked through, for those that want to say it. */
const api = (word: "converse" | "invoke"): PlaceInput => ({
  option: "bedrock_api",
  kind: "word",
  words: { [word]: word },
  default: word,
});

/** Headers of InvokeModel that AWS's own clients send. */
const INVOKE_INPUTS: readonly HeaderInput[] = [
  "guardrailidentifier",
  "guardrailversion",
  "trace",
  "performanceconfig-latency",
  "service-tier",
  "request-metadata",
].map((name) => ({
  option: `amzn_bedrock_${name.replaceAll("-", "_")}`,
  header: `x-amzn-bedrock-${name}`,
  bare: true,
}));

/** Known by its name, or by what the operator says that a name which tells nothing stands for. */
const known = (model: string, variant: RowVariant): readonly RowVariant[] => [
  { ...variant, models: model },
  { ...variant, option: { name: "foundation_model", matches: model } },
];

/** InvokeModel's bodies are each vendor's own; Amazon's where the name tells nothing. */
const BEDROCK_CODECS = { embeddings: "titan-embeddings", images: "nova-images", rerank: "bedrock-rerank" };

const withCodecs = (model: string, codecs: ProviderRow["codecs"]): readonly RowVariant[] =>
  known(model, { row: { codecs: { ...BEDROCK_CODECS, ...codecs } } });

/** Models that take a bare prompt, each in its vendor's words: InvokeModel's, whose guardrail is in its headers. */
const completing = (model: string, codec: string): readonly RowVariant[] => {
  const paths = { completions: INVOKE };
  const streamPaths = { completions: `${INVOKE}-with-response-stream` };
  const row: RowVariant["row"] = { paths, codecs: { completions: codec }, inputs: INVOKE_INPUTS };
  return known(model, {
    pathname: "^/v1/completions/?$",
    row: UNSTREAMED.has(codec) ? row : { ...row, streamPaths },
  });
};

/** "The model is unsupported for streaming." */
const UNSTREAMED: ReadonlySet<string> = new Set(["bedrock-jurassic-completions"]);

/**
 * From Titan on, none is active any more. A model whose life has ended answers with an error, "unless there is a
 * private arrangement between you and the provider" (docs.aws.amazon.com/bedrock/latest/userguide/model-lifecycle.html).
 */
const COMPLETING: readonly RowVariant[] = [
  ["meta\\.", "bedrock-llama-completions"],
  ["mistral\\.", "bedrock-mistral-completions"],
  ["amazon\\.titan-(?:text|tg1)", "bedrock-titan-completions"],
  ["cohere\\.command-(?:light-)?text", "bedrock-cohere-completions"],
  ["ai21\\.j2-", "bedrock-jurassic-completions"],
  ["anthropic\\.claude-(?:v\\d|instant)", "bedrock-claude-completions"],
].flatMap(([model = "", codec = ""]) => completing(model, codec));

/** What only Converse has a word for (…/APIReference/API_runtime_Converse.html). */
const CONVERSE_ONLY = [
  "additionalModelRequestFields",
  "additional_model_request_fields",
  "additionalModelResponseFieldPaths",
  "additional_model_response_field_paths",
  "promptVariables",
  "prompt_variables",
];

/** What a body translated from another API has no place for. */
const BEDROCKS_OWN = [
  "guardrailConfig",
  "guardrail_config",
  "performanceConfig",
  "performance_config",
  "requestMetadata",
  "request_metadata",
];

/**
 * InvokeModel takes and gives Anthropic's own JSON
 * (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html).
 */
const INVOKED: RowVariant["row"] = {
  dialect: "anthropic-messages",
  framing: "bedrock-messages",
  errors: "bedrock-converse",
  envelope: "bedrock-invoke",
  paths: BEDROCK_PATHS,
  streamPaths: { chat: "/model/{model}/{bedrock_api}-with-response-stream" },
  places: [...PLACES, api("invoke")],
  inputs: INVOKE_INPUTS,
  quirks: CLOUD_QUIRKS,
};

/** Claude for clients that speak its own API: nothing is translated. */
const OWN_CLIENTS: RowVariant = {
  clients: ["anthropic-messages"],
  unless: { name: "bedrock_api", matches: "^converse$" },
  lacks: CONVERSE_ONLY,
  row: INVOKED,
};

/** Claude for others that ask for it. */
const ASKED_FOR: RowVariant = {
  options: [{ name: "bedrock_api", matches: "^invoke$" }],
  lacks: [...CONVERSE_ONLY, ...BEDROCKS_OWN],
  row: INVOKED,
};

/**
 * "This model doesn't support tool use in streaming mode" (github.com/earendil-works/pi/issues/3739, Palmyra:
 * github.com/langchain-ai/langchain-aws/pull/466): the whole answer is asked for, and given as a stream.
 */
const WHOLE_WITH_TOOLS = known("meta\\.llama(?:3-[1-9]-|[4-9])|writer\\.palmyra", {
  says: ["tools", "functions"],
  row: { streamPaths: {} },
});

/** Vendors' bodies of InvokeModel, by model. */
const CODECS: readonly RowVariant[] = [
  ...withCodecs("cohere\\.", { embeddings: "bedrock-cohere-embeddings" }),
  ...withCodecs("nova-[\\w-]*embed", { embeddings: "nova-embeddings" }),
  // Of before; for accounts that still have it.
  ...withCodecs("stability\\.stable-diffusion-xl", { images: "stability-v1-images" }),
  ...withCodecs("stability\\.", { images: "bedrock-stability-images" }),
];

export const AWS_ROWS: readonly ProviderRow[] = [
  {
    id: "bedrock",
    name: "Amazon Bedrock",
    aliases: ["aws-bedrock"],
    dialect: "bedrock-converse",
    framing: "aws-eventstream",
    base: "https://bedrock-runtime.{aws_region}.{aws_endpoint_domain}",
    auth: { kind: "sigv4", service: "bedrock" },
    env: ["AWS_BEARER_TOKEN_BEDROCK"],
    paths: BEDROCK_PATHS,
    streamPaths: { chat: "/model/{model}/{bedrock_api}-stream" },
    methodPath: "/model/{model}/{method}",
    // Bytes or objects of S3: …/APIReference/API_runtime_ImageSource.html; Claude's own API takes base64 alone
    // here: platform.claude.com/docs/en/build-with-claude/vision
    fetchesMedia: true,
    adapters: { files: "bedrock-files", batches: "bedrock-batches", fine_tuning: "bedrock-tuning" },
    hosts: BEDROCK_HOSTS,
    places: [...PLACES, api("converse")],
    operatorsOnly: [...ROLES, "aws_s3_bucket"],
    bareOptions: [
      "anthropic_beta",
      "anthropic_user_profile_id",
      ...["guardrailidentifier", "guardrailversion", "trace"].map((name) => `x_amzn_bedrock_${name}`),
    ],
    codecs: BEDROCK_CODECS,
    variants: [
      CLAUDE_COUNT,
      ...COMPLETING,
      ...known("claude", OWN_CLIENTS),
      ...known("claude", ASKED_FOR),
      ...WHOLE_WITH_TOOLS,
      ...CODECS,
    ],
  },
  {
    id: "sagemaker",
    name: "Amazon SageMaker",
    aliases: ["aws-sagemaker"],
    dialect: "openai-chat", // of its errors; nothing is offered but passed-through calls
    base: "https://runtime.sagemaker.{aws_region}.{aws_endpoint_domain}",
    auth: { kind: "sigv4", service: "sagemaker" },
    paths: {},
    places: PLACES,
    operatorsOnly: ROLES,
    inputs: SAGEMAKER_INPUTS,
  },
];
