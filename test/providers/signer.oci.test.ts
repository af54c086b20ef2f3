import { describe, expect, test } from "bun:test";
import { createHash, createVerify, generateKeyPairSync } from "node:crypto";
import { signOci } from "../../src/providers/signer.oci.ts";
import type { SignRequest } from "../../src/providers/signer.ts";
import { caught } from "../lib/caught.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PKCS8 = privateKey.export({ type: "pkcs8", format: "pem" });
const PKCS1 = privateKey.export({ type: "pkcs1", format: "pem" });
const LOCKED = privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "tide" });

const IDENTITY = {
  oracle_tenancy: "ocid1.tenancy.oc1..aaaa",
  oracle_user: "ocid1.user.oc1..bbbb",
  oracle_fingerprint: "20:3b:97:13",
  oracle_private_key: PKCS8,
};

type Options = Readonly<Record<string, string>>;

const requestOf = (options: Options, more: Partial<SignRequest> = {}): SignRequest => ({
  method: "POST",
  url: "https://inference.generativeai.eu-frankfurt-1.oci.oraclecloud.com/20231130/actions/chat?a=b%20c",
  headers: { "content-type": "application/json" },
  body: '{"é":1}',
  credential: undefined,
  option: (name) => options[name],
  object: () => undefined,
  atHome: true,
  environment: {},
  fetch: () => Promise.reject(new Error("nothing is to be fetched")),
  now: () => Date.UTC(2026, 10, 2, 10, 20, 30),
  ...more,
});

const sign = (request: SignRequest): SignRequest => {
  void signOci(request, { kind: "oci" });
  return request;
};

const refusal = (request: SignRequest): Promise<unknown> => caught(Promise.try(() => sign(request)));

/** The signing string is built anew from what the header says was signed. */
const isValid = ({ method, url, headers }: SignRequest): boolean => {
  const header = headers["authorization"] ?? "";
  const [, names = "", signature = ""] = /headers="([^"]+)",signature="([^"]+)"/.exec(header) ?? [];
  const { host, pathname, search } = new URL(url);
  const values: Record<string, string> = {
    ...headers,
    host,
    "(request-target)": `${method.toLowerCase()} ${pathname}${search}`,
  };
  const text = names
    .split(" ")
    .map((name) => `${name}: ${values[name]}`)
    .join("\n");
  return createVerify("RSA-SHA256").update(text).verify(publicKey, signature, "base64");
};

test("a request is signed with its body, its date and its target", () => {
  const request = sign(requestOf(IDENTITY));
  expect(isValid(request)).toBe(true);
  expect(request.headers).toMatchObject({
    "x-date": "Mon, 02 Nov 2026 10:20:30 GMT",
    "content-length": "8",
    "x-content-sha256": createHash("sha256").update('{"é":1}').digest("base64"),
  });
  expect(request.headers["authorization"]).toStartWith(
    'Signature version="1",keyId="ocid1.tenancy.oc1..aaaa/ocid1.user.oc1..bbbb/20:3b:97:13",algorithm="rsa-sha256",' +
      'headers="(request-target) x-date host x-content-sha256 content-type content-length",signature="',
  );
});

test("a request without a body is signed without one", () => {
  const request = sign(requestOf(IDENTITY, { method: "GET", body: null, headers: {} }));
  expect(isValid(request)).toBe(true);
  expect(request.headers["authorization"]).toContain('headers="(request-target) x-date host"');
});

describe("a key is read", () => {
  test.each([
    ["in PKCS#1", PKCS1, {}],
    ["on one line, as a header carries it", PKCS8.replaceAll("\n", ""), {}],
    ["with its line breaks spelled out", PKCS8.replaceAll("\n", "\\n"), {}],
    ["with a passphrase", LOCKED, { oracle_key_passphrase: "tide" }],
  ])("%s", (_, key, more: Options) => {
    expect(isValid(sign(requestOf({ ...IDENTITY, oracle_private_key: key, ...more })))).toBe(true);
  });

  test("and what is none is told without a word of it", async () => {
    const failure = await refusal(requestOf({ ...IDENTITY, oracle_private_key: "secret words" }));
    expect(failure).toMatchObject({ code: "invalid_request", param: "oracle_private_key" });
    expect(Bun.inspect(failure)).not.toContain("secret");
  });
});

test("what is missing is named", async () => {
  const failure = await refusal(requestOf({ oracle_tenancy: "t" }));
  expect(failure).toMatchObject({ code: "missing_input", param: "oracle_user" });
});

describe("the gateway's own key", () => {
  const environment = {
    OCI_CLI_TENANCY: "t",
    OCI_CLI_USER: "u",
    OCI_CLI_FINGERPRINT: "f",
    OCI_CLI_KEY_CONTENT: PKCS8,
  };

  test("signs what goes to Oracle", () => {
    expect(isValid(sign(requestOf({}, { environment })))).toBe(true);
  });

  test("signs nothing that goes elsewhere", async () => {
    const failure = await refusal(requestOf({}, { environment, atHome: false }));
    expect(failure).toMatchObject({ code: "missing_input", param: "oracle_tenancy" });
  });

  test("is not mixed with a caller's", async () => {
    const failure = await refusal(requestOf({ oracle_tenancy: "t" }, { environment }));
    expect(failure).toMatchObject({ param: "oracle_user" });
  });
});

test("a body that cannot be read twice is not signed", async () => {
  const body = new ReadableStream();
  expect(await refusal(requestOf(IDENTITY, { body }))).toMatchObject({ code: "request_too_large" });
});
