/** Where Amazon's rows lead: hosts by region and domain, and models as one path segment. */
import { describe, expect, test } from "bun:test";
import { createCatalog } from "../../src/providers/catalog.ts";
import { filledBase, mappedUrl } from "../../src/providers/url.ts";
import { rowFor } from "../../src/providers/variants.ts";
import type { ProviderRow } from "../../src/schema/provider-row.ts";

const row = (id: string): ProviderRow => {
  const found = createCatalog().find(id);
  if (found === undefined) throw new Error(`There is no row ${id}`);
  return found;
};

type Words = Readonly<Record<string, string>>;
const base = (id: string, options: Words, environment: Words = {}): string =>
  filledBase(row(id), row(id).base ?? "", (name) => options[name], environment);

describe("the region of an ARN", () => {
  const ARN = "arn:aws:bedrock:us-west-2:123456789012:application-inference-profile/a1b2";
  const host = (model: string, options: Words = {}, environment: Words = {}): string =>
    filledBase(row("bedrock"), row("bedrock").base ?? "", (name) => options[name], environment, model);
  test.each([
    [ARN, {}, "us-west-2"],
    [encodeURIComponent(ARN), {}, "us-west-2"],
    ["arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.nova-pro-v1:0", {}, "us-gov-west-1"],
    [ARN, { aws_region: "eu-west-1" }, "eu-west-1"],
    ["us.amazon.nova-pro-v1:0", {}, "ap-south-1"],
  ] as const)("of %s beside %p is %s", (model, options, region) => {
    expect(host(model, options, { AWS_REGION: "ap-south-1" })).toBe(
      `https://bedrock-runtime.${region}.amazonaws.com`,
    );
  });
});

describe("a body of InvokeModel", () => {
  const codec = (model: string, endpoint: "embeddings" | "images" | "rerank", foundation?: string) =>
    rowFor(row("bedrock"), {
      model,
      pathname: "/v1/x",
      option: (name) => (name === "foundation_model" ? foundation : undefined),
    }).codecs?.[endpoint];
  const ARN = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2";
  test.each([
    ["amazon.titan-embed-text-v2:0", "embeddings", undefined, "titan-embeddings"],
    ["amazon.nova-2-multimodal-embeddings-v1:0", "embeddings", undefined, "nova-embeddings"],
    ["us.cohere.embed-v4:0", "embeddings", undefined, "bedrock-cohere-embeddings"],
    ["cohere.rerank-v3-5:0", "rerank", undefined, "bedrock-rerank"],
    ["amazon.nova-canvas-v1:0", "images", undefined, "nova-images"],
    ["stability.sd3-5-large-v1:0", "images", undefined, "bedrock-stability-images"],
    ["stability.stable-diffusion-xl-v1", "images", undefined, "stability-v1-images"],
    [ARN, "embeddings", undefined, "titan-embeddings"],
    [ARN, "embeddings", "cohere.embed-v4:0", "bedrock-cohere-embeddings"],
    [ARN, "images", "stability.sd3-5-large-v1:0", "bedrock-stability-images"],
  ] as const)("of %s for %s (%p) is of %s", (model, endpoint, foundation, expected) => {
    expect(codec(model, endpoint, foundation)).toBe(expected);
  });
});

describe("a host", () => {
  const hosts: readonly (readonly [string, Words, Words, string])[] = [
    ["is in us-east-1", {}, {}, "https://bedrock-runtime.us-east-1.amazonaws.com"],
    [
      "is in the caller's region",
      { aws_region: "eu-west-1" },
      { AWS_REGION: "us-west-2" },
      "https://bedrock-runtime.eu-west-1.amazonaws.com",
    ],
    [
      "is in the gateway's region",
      {},
      { AWS_REGION: " ", AWS_DEFAULT_REGION: "us-west-2" },
      "https://bedrock-runtime.us-west-2.amazonaws.com",
    ],
    [
      "is in the operator's domain",
      {},
      { AWS_ENDPOINT_DOMAIN: "amazonaws.com.cn" },
      "https://bedrock-runtime.us-east-1.amazonaws.com.cn",
    ],
    [
      "is never in a caller's domain",
      { aws_endpoint_domain: "evil.example" },
      {},
      "https://bedrock-runtime.us-east-1.amazonaws.com",
    ],
  ];
  test.each(hosts)("%s", (_name, options, environment, url) => {
    expect(base("bedrock", options, environment)).toBe(url);
  });

  test("is SageMaker's own", () => {
    expect(base("sagemaker", { aws_region: "eu-west-1" })).toBe(
      "https://runtime.sagemaker.eu-west-1.amazonaws.com",
    );
  });

  test("has one label for its region", () => {
    expect(() => base("bedrock", { aws_region: "x.evil.example/" })).toThrow("must be one label");
  });
});

const chatUrl = (model: string, stream = false): string =>
  mappedUrl(row("bedrock"), "https://host", "chat", { model, stream, search: "", option: () => undefined });

describe("a model", () => {
  const models: readonly (readonly [string, string])[] = [
    ["amazon.nova-lite-v1:0", "amazon.nova-lite-v1%3A0"],
    ["arn:aws:bedrock:a::foundation-model/b", "arn%3Aaws%3Abedrock%3Aa%3A%3Afoundation-model%2Fb"],
    [
      "arn%3Aaws%3Abedrock%3Aa%3A%3Afoundation-model%2Fb",
      "arn%3Aaws%3Abedrock%3Aa%3A%3Afoundation-model%2Fb",
    ],
    ["50%", "50%25"],
    ["../../x", "..%2F..%2Fx"],
  ];
  test.each(models)("%s is one segment", (model, segment) => {
    expect(chatUrl(model)).toBe(`https://host/model/${segment}/converse`);
    expect(chatUrl(model, true)).toBe(`https://host/model/${segment}/converse-stream`);
  });

  test.each([".", "..", "%2E%2E"])("%s is refused: it climbs out of the path", (model) => {
    expect(() => chatUrl(model)).toThrow("is not a valid path segment");
  });
});

// github.com/earendil-works/pi/issues/3739, github.com/langchain-ai/langchain-aws/pull/466
describe("a stream with tools", () => {
  const pathOf = (model: string, ...said: readonly string[]): string | undefined => {
    const says = (field: string): boolean => said.includes(field);
    const asked = { model, pathname: "/v1/chat/completions", option: () => undefined, says };
    return rowFor(row("bedrock"), asked).streamPaths?.chat;
  };

  test.each([
    "meta.llama3-1-70b-instruct-v1:0",
    "us.meta.llama4-scout-17b-instruct-v1:0",
    "writer.palmyra-x5-v1:0",
  ])("is asked of %s as a whole answer", (model) => {
    expect(pathOf(model, "tools")).toBeUndefined();
    expect(pathOf(model)).toBeDefined();
  });

  test.each(["meta.llama3-70b-instruct-v1:0", "amazon.nova-pro-v1:0"])("is a stream of %s", (model) => {
    expect(pathOf(model, "tools")).toBeDefined();
  });
});
