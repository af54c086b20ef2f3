/** Amazon's rows: Bedrock, and SageMaker's endpoints, whose bodies are their models' own. */
import type { HeaderInput, PlaceInput, ProviderRow } from "../schema/provider-row.ts";

const PLACES: readonly PlaceInput[] = [
  {
    option: "aws_region",
    kind: "label",
    isRegion: true,
    env: ["AWS_REGION", "AWS_DEFAULT_REGION"],
    default: "us-east-1",
  },
  { option: "aws_endpoint_domain", kind: "domain", env: ["AWS_ENDPOINT_DOMAIN"], default: "amazonaws.com" },
  // Names hold colons and ARNs slashes: one segment, encoded as AWS's own clients do.
  { option: "model", kind: "segment" },
];

/** Which role is assumed with a credential is for its owner to say. */
const ROLES = ["aws_role_arn", "aws_external_id"];

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
    paths: {
      chat: "/model/{model}/converse",
      embeddings: "/model/{model}/invoke",
      images: "/model/{model}/invoke",
    },
    streamPaths: { chat: "/model/{model}/converse-stream" },
    places: PLACES,
    operatorsOnly: ROLES,
    bareOptions: ["anthropic_beta"],
    // InvokeModel's bodies are each vendor's own; Amazon's where the name tells nothing.
    codecs: { embeddings: "titan-embeddings", images: "nova-images" },
    variants: [
      { models: "cohere\\.", row: { codecs: { embeddings: "bedrock-cohere-embeddings" } } },
      { models: "stability\\.", row: { codecs: { images: "bedrock-stability-images" } } },
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
