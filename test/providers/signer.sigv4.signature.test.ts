/** Signatures, against the signer of AWS's own SDK. */
import { describe, expect, test } from "bun:test";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import * as fc from "fast-check";
import type { AwsCredentials, AwsScope, Signable } from "../../src/providers/signer.sigv4.signature.ts";
import { signAws } from "../../src/providers/signer.sigv4.signature.ts";

const NOW = Date.UTC(2026, 10, 21, 9, 30, 5, 250);
const KEYS: AwsCredentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};
const BEDROCK: AwsScope = { region: "us-east-1", service: "bedrock" };

const signed = (request: Partial<Signable>, credentials = KEYS, scope = BEDROCK): Record<string, string> => {
  const headers = { ...request.headers };
  const url = "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse";
  signAws({ method: "POST", url, body: "{}", ...request, headers }, credentials, scope, NOW);
  return headers;
};

/** What AWS's SDK would say to the same request. */
const expected = async (
  request: Partial<Signable>,
  credentials = KEYS,
  scope = BEDROCK,
): Promise<string | undefined> => {
  const url = new URL(request.url ?? "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse");
  const query: Record<string, string[]> = {};
  for (const [name, value] of url.searchParams) query[name] = [...(query[name] ?? []), value];
  const signer = new SignatureV4({ credentials: { ...credentials }, ...scope, sha256: Sha256 });
  const { headers } = await signer.sign(
    {
      method: request.method ?? "POST",
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query,
      headers: { host: url.host, ...request.headers },
      body: request.body === null ? "" : (request.body ?? "{}"),
    },
    { signingDate: new Date(NOW) },
  );
  return headers["authorization"];
};

const HOST = "https://bedrock-runtime.us-east-1.amazonaws.com";
const JSON_TYPE = { "content-type": "application/json" };
const ARN =
  "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-4-1-20250805-v1:0";

const requests: readonly (readonly [string, Partial<Signable>])[] = [
  ["a body of text", { headers: JSON_TYPE, body: '{"messages":[{"content":"Grüße 🌊"}]}' }],
  ["a body of bytes", { headers: JSON_TYPE, body: new Uint8Array([0, 255, 10]) }],
  ["no body", { method: "GET", url: `${HOST}/foundation-models`, body: null }],
  ["a model's colon", { url: `${HOST}/model/${encodeURIComponent("amazon.nova-pro-v1:0")}/converse` }],
  ["a model's colon as it is", { url: `${HOST}/model/amazon.nova-pro-v1:0/converse` }],
  ["an ARN", { url: `${HOST}/model/${encodeURIComponent(ARN)}/converse-stream` }],
  ["an ARN as it is", { url: `${HOST}/model/${ARN}/converse-stream` }],
  ["a query", { method: "GET", body: null, url: `${HOST}/x?b=2&a=1&a=0&name=%C3%BC%20y&empty=` }],
  ["headers of AWS", { headers: { ...JSON_TYPE, "x-amzn-bedrock-guardrailidentifier": " g   1 " } }],
];

test.each(requests)("%s is signed as AWS's SDK does", async (_name, request) => {
  expect(signed(request)["authorization"]).toBe((await expected(request)) ?? "none");
});

test("any model's name is signed as AWS's SDK does", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1, maxLength: 30, unit: "grapheme" }), async (name) => {
      const request = { url: `${HOST}/model/${encodeURIComponent(`m${name}`)}/converse` };
      expect(signed(request)["authorization"]).toBe((await expected(request)) ?? "none");
    }),
    { numRuns: 60 },
  );
});

test("temporary credentials, another region and service are signed for", async () => {
  const keys = { ...KEYS, sessionToken: "FwoGZXIvYXdzE+/==" };
  const scope = { region: "cn-north-1", service: "sagemaker" };
  expect(signed({}, keys, scope)["authorization"]).toBe((await expected({}, keys, scope)) ?? "none");
  expect(signed({}, keys, scope)["x-amz-security-token"]).toBe("FwoGZXIvYXdzE+/==");
});

describe("what is signed", () => {
  test("is not what may change on the way", () => {
    const headers = { ...JSON_TYPE, "user-agent": "x", "accept-encoding": "identity", traceparent: "1" };
    expect(signed({ headers })["authorization"]).toContain(
      "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date,",
    );
  });

  test("is not what a client signed for another host", () => {
    const theirs = {
      authorization: "AWS4-HMAC-SHA256 theirs",
      "x-amz-date": "20200101T000000Z",
      "x-amz-security-token": "theirs",
      "x-amz-content-sha256": "theirs",
    };
    expect(signed({ headers: theirs })).toEqual(signed({}));
  });

  test("must be there", () => {
    expect(() => signed({ body: new FormData() })).toThrow("cannot be signed for AWS");
    expect(() => signed({ body: new ReadableStream() })).toThrow("cannot be signed for AWS");
  });
});
