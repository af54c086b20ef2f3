/** Every path of the API, asked with bodies that nobody should send: a clear error in its dialect, and never a bug. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { JsonValue } from "../../src/schema/json.ts";
import { isObject } from "../../src/schema/json.ts";
import { DATA_PLANE } from "../../src/server/data-plane.ts";
import { type Gateway, killGateways, startGateway } from "../support/gateway.ts";
import { closedUrl } from "../support/upstream.ts";
import { LIMIT_MS, STEP_MS } from "../support/wait.ts";
import { KEY } from "./setup.ts";

let gateway: Gateway;
let nobody: string;
beforeAll(async () => {
  gateway = await startGateway();
  nobody = await closedUrl(); // who asks well is told that there is no upstream
}, LIMIT_MS);
afterAll(() => killGateways());

const PROVIDERS = ["openai", "anthropic", "google", "bedrock", "cohere"];

const AWS = {
  "x-portkey-aws-access-key-id": "AKIAEXAMPLE",
  "x-portkey-aws-secret-access-key": KEY,
  "x-portkey-aws-region": "us-east-1",
  "x-portkey-aws-s3-bucket": "tides",
  "x-portkey-aws-bedrock-model": "amazon.nova-lite-v1:0",
};

const METHODS = ["generateContent", "streamGenerateContent", "countTokens"];

/** One path for every row of the table, those of Gemini's methods spelled out. */
const PATHS = [
  ...new Set(
    DATA_PLANE.filter(({ method }) => method === "POST" || method === "ALL").flatMap(({ path }) =>
      path.startsWith("/v1beta/") || path === "/v1/models/*"
        ? METHODS.map((method) =>
            path.replace("*", path.includes("models") ? `m:${method}` : `models/m:${method}`),
          )
        : [path.replace("*", "x").replace(":id", "resp_1")],
    ),
  ),
];

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

const FIELDS =
  "model messages input contents prompt query documents texts stream tools tool_choice system max_tokens " +
  "previous_response_id store response_format reasoning file instructions generationConfig metadata stop";
const WRONG: readonly JsonValue[] = [null, 5, "x", true, [], [null], [{}], {}, { a: [1] }];

const JSON_TYPE = "application/json";
const FORM_TYPE = "multipart/form-data; boundary=b";
const form = (file: string): string =>
  `--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n${file}\r\n--b--`;

type Odd = readonly [body: string | Uint8Array<ArrayBuffer>, type: string];

const BODIES: readonly Odd[] = [
  ...["", " ", "null", "[]", '"x"', "1", "{}", '{"model":', "{}{}"].map((text): Odd => [text, JSON_TYPE]),
  [new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), JSON_TYPE],
  [`{"model":"m","messages":${nested(20_000)}}`, JSON_TYPE],
  [`{"model":"m","messages":[{"role":"user","content":${nested(100)}}],"input":${nested(100)}}`, JSON_TYPE],
  ['{"model":"m","__proto__":{"stream":true},"constructor":1,"messages":[{"__proto__":[]}]}', JSON_TYPE],
  ["x", "text/plain"],
  ["x", "multipart/form-data"],
  ["x", FORM_TYPE],
  ["--b\r\nno head\r\n\r\nx\r\n--b--", FORM_TYPE],
  [form("{}"), FORM_TYPE],
  [form(`{"custom_id":"a","body":{"messages":${nested(50_000)}}}`), FORM_TYPE],
  [form(`{"recordId":"a","modelInput":${nested(50_000)}}`), FORM_TYPE],
  ...FIELDS.split(" ").flatMap((field) =>
    WRONG.map((value): Odd => [JSON.stringify({ model: "m", [field]: value }), JSON_TYPE]),
  ),
];

/** What the error of each dialect has at least. */
const hasMessage = (value: unknown): boolean => {
  const error = isObject(value) ? value["error"] : undefined;
  return isObject(error) && typeof error["message"] === "string" && error["message"] !== "";
};

const faultOf = async (provider: string, path: string, [body, type]: Odd): Promise<string | undefined> => {
  const response = await fetch(gateway.url + path, {
    method: "POST",
    headers: {
      ...AWS,
      authorization: `Bearer ${KEY}`,
      "x-portkey-provider": provider,
      "x-portkey-custom-host": `${nobody}/v1`,
      "content-type": type,
    },
    body,
    signal: AbortSignal.timeout(STEP_MS),
  });
  const text = await response.text();
  const said = `${path} ${typeof body === "string" ? body.slice(0, 80) : "bytes"}: ${response.status} ${text.slice(0, 200)}`;
  const isOurs = response.status >= 400 && response.status < 500;
  const isUnreached = response.status === 502 && text.includes("connection refused");
  if (response.ok && path.endsWith("/count_tokens")) return undefined; // counted here, where no provider does
  if (!isOurs && !isUnreached) return said;
  return hasMessage(JSON.parse(text)) && !/\.ts:\d|\bat async\b/.test(text) && !text.includes(KEY)
    ? undefined
    : said;
};

describe.each(PROVIDERS)("odd bodies for %s", (provider) => {
  test(
    "are told what is wrong with them, on every path",
    async () => {
      const faults: string[] = [];
      for (const path of PATHS)
        for (const fault of await Promise.all(BODIES.map((odd) => faultOf(provider, path, odd))))
          if (fault !== undefined) faults.push(fault);
      expect(faults).toEqual([]);
    },
    LIMIT_MS,
  );
});

test("none of them was a bug", () => {
  expect(gateway.records.filter(({ event }) => event === "bug")).toEqual([]);
  expect(gateway.stderr()).toBe("");
});
