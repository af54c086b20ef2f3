import { describe, expect, test } from "bun:test";
import {
  type GatewayHeaders,
  readGatewayHeaders,
  readMetadata,
  readOption,
  readTraceId,
} from "../../src/gateway/headers.ts";
import { thrown } from "../support/thrown.ts";

type Sent = Readonly<Record<string, string>>;

const read = (sent: Sent): GatewayHeaders => readGatewayHeaders(new Headers(sent));

/** UTF-8 as it arrives: every byte a character. */
const asLatin1 = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

describe("of the headers", () => {
  test.each<[string, keyof GatewayHeaders, Sent, GatewayHeaders[keyof GatewayHeaders]]>([
    ["none says nothing", "provider", {}, undefined],
    ["the provider", "provider", { "x-portkey-provider": "openai" }, "openai"],
    ["the provider, in any case", "provider", { "X-Portkey-Provider": "openai" }, "openai"],
    ["an empty one says nothing", "provider", { "x-portkey-provider": "" }, undefined],
    ["the config", "config", { "x-portkey-config": "{}" }, "{}"],
    ["the virtual key", "virtualKey", { "x-portkey-virtual-key": "team" }, "team"],
    ["the custom host", "customHost", { "x-portkey-custom-host": "http://x/v1" }, "http://x/v1"],
    ["UTF-8 that came as Latin-1", "config", { "x-portkey-config": asLatin1('{"a":"é😀"}') }, '{"a":"é😀"}'],
    ["Latin-1 that is no UTF-8", "virtualKey", { "x-portkey-virtual-key": "caf\u00e9" }, "caf\u00e9"],
    ["milliseconds", "requestTimeoutMs", { "x-portkey-request-timeout": "250" }, 250],
    ["half of one", "requestTimeoutMs", { "x-portkey-request-timeout": "0.5" }, 0.5],
    ["zero is no limit", "requestTimeoutMs", { "x-portkey-request-timeout": "0" }, undefined],
    ["a word is no limit", "requestTimeoutMs", { "x-portkey-request-timeout": "soon" }, undefined],
    ["nothing is no limit", "requestTimeoutMs", { "x-portkey-request-timeout": "" }, undefined],
    ["NaN is no limit", "requestTimeoutMs", { "x-portkey-request-timeout": "NaN" }, undefined],
    ["an hour is the most", "requestTimeoutMs", { "x-portkey-request-timeout": "2147483648" }, 3_600_000],
    ["infinity is an hour", "requestTimeoutMs", { "x-portkey-request-timeout": "Infinity" }, 3_600_000],
    ["compliance off", "strict", { "x-portkey-strict-open-ai-compliance": "false" }, false],
    ["compliance is on anyway", "strict", { "x-portkey-strict-open-ai-compliance": "true" }, undefined],
    ["only the word false", "strict", { "x-portkey-strict-open-ai-compliance": "False" }, undefined],
    ["names", "forwardHeaders", { "x-portkey-forward-headers": " X-One,x-two ,," }, ["x-one", "x-two"]],
    ["no names", "forwardHeaders", { "x-portkey-forward-headers": "" }, []],
    ["nothing about names", "forwardHeaders", {}, undefined],
  ])("%s", (_name, key, sent, expected) => {
    expect(read(sent)[key]).toEqual(expected);
  });

  test("a negative timeout is refused", () => {
    expect(thrown(() => read({ "x-portkey-request-timeout": "-1" }))).toMatchObject({
      code: "invalid_header",
      param: "x-portkey-request-timeout",
    });
  });
});

describe("the credential", () => {
  test.each<[string, Sent, string | undefined]>([
    ["is a bearer token", { authorization: "Bearer sk-1" }, "sk-1"],
    ["is one in any case", { authorization: "bearer  sk-1 " }, "sk-1"],
    ["may come without a scheme", { authorization: "sk-1" }, "sk-1"],
    ["keeps another scheme", { authorization: "Basic abc" }, "Basic abc"],
    ["may begin like the scheme", { authorization: "BearerKey" }, "BearerKey"],
    ["is not an empty token", { authorization: "Bearer " }, undefined],
    ["is not a scheme alone", { authorization: "Bearer" }, undefined],
    ["may come as x-api-key", { "x-api-key": " sk-2 " }, "sk-2"],
    ["is the bearer token of both", { authorization: "Bearer sk-1", "x-api-key": "sk-2" }, "sk-1"],
    ["is x-api-key beside an empty token", { authorization: "Bearer ", "x-api-key": "sk-2" }, "sk-2"],
    ["is not an empty x-api-key", { "x-api-key": "" }, undefined],
    ["may come as Azure's clients send it", { "api-key": "az-1" }, "az-1"],
    [
      "is no signature of AWS's",
      { authorization: "AWS4-HMAC-SHA256 Credential=A/x, Signature=0" },
      undefined,
    ],
    ["may be missing", {}, undefined],
  ])("%s", (_name, sent, expected) => {
    expect(read(sent).credential).toBe(expected);
  });

  test("is refused when two were sent", () => {
    const headers = new Headers();
    headers.append("authorization", "Bearer a");
    headers.append("authorization", "Bearer b");
    const error = thrown(() => readGatewayHeaders(headers));
    expect(error).toMatchObject({ code: "invalid_header", param: "authorization" });
    expect(error.message).not.toContain("Bearer a");
  });
});

describe("metadata", () => {
  test.each<[string, Sent, unknown]>([
    ["is an object", { "x-portkey-metadata": '{"a":"b","n":{}}' }, { a: "b", n: {} }],
    ["is empty where none was sent", {}, {}],
    ["stays null", { "x-portkey-metadata": "null" }, null],
    ["is empty where it is not JSON", { "x-portkey-metadata": "{" }, {}],
    ["is empty where it is a list", { "x-portkey-metadata": "[1]" }, {}],
    ["is empty where it is a number", { "x-portkey-metadata": "5" }, {}],
    ["is UTF-8", { "x-portkey-metadata": asLatin1('{"a":"ü"}') }, { a: "ü" }],
  ])("%s", (_name, sent, expected) => {
    expect(readMetadata(new Headers(sent))).toEqual(expected as null);
  });
});

describe("the trace id", () => {
  test.each<[string, string, string | undefined]>([
    ["is what was sent", "trace/7", "trace/7"],
    ["is cut where it is too long", "x".repeat(600), "x".repeat(512)],
    ["is not an empty one", "", undefined],
  ])("%s", (_name, sent, expected) => {
    expect(readTraceId(new Headers({ "x-portkey-trace-id": sent }))).toBe(expected);
  });

  test("may be missing", () => expect(readTraceId(new Headers())).toBeUndefined());
});

describe("a provider's option", () => {
  test.each<[string, Sent, string | undefined]>([
    ["is read with the prefix", { "x-portkey-openai-beta": "a" }, "a"],
    ["is not read without it", { "openai-beta": "a" }, undefined],
    ["is not read when empty", { "x-portkey-openai-beta": "" }, undefined],
    ["may be missing", {}, undefined],
  ])("%s", (_name, sent, expected) => {
    expect(readOption(new Headers(sent), "openai_beta")).toBe(expected);
  });
});
