/** What holds of every config, valid or not. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { GatewayError } from "../../src/schema/errors.ts";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import { FACTS, read } from "./config-facts.ts";

const json: fc.Arbitrary<JsonValue> = fc
  .jsonValue()
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);

/** Without the keys that are refused with their path as written, in whichever spelling. */
const harmless = json.filter((value) => !/"(__proto__|constructor|prototype)"/.test(JSON.stringify(value)));
const scalar = fc.oneof(fc.string(), fc.nat(), fc.boolean(), fc.constant(null));

/** Configs that are often valid: known keys with values of the right type, and some unknown keys. */
const option = fc.constantFrom("deployment_id", "openai_beta", "aws_s3_bucket", "some_other_key");
const { node } = fc.letrec<{ node: JsonObject; leaf: JsonObject }>((tie) => ({
  leaf: fc
    .record(
      {
        provider: fc.constantFrom(...FACTS.providers, "claude", "nope"),
        api_key: fc.string(),
        virtual_key: fc.constantFrom("team-openai", "other"),
        weight: fc.integer({ min: 0, max: 9 }),
        request_timeout: fc.double({ min: 0, noNaN: true }),
        strict_open_ai_compliance: fc.boolean(),
        override_params: fc.dictionary(fc.constantFrom("max_tokens", "maxTokens", "stop"), harmless),
        retry: fc.record({ attempts: fc.double({ noNaN: true }), on_status_codes: fc.array(fc.nat()) }),
        cache: fc.record({ mode: fc.constantFrom("simple", "semantic"), max_age: fc.nat() }),
        input_guardrails: fc.array(fc.dictionary(fc.constantFrom("deny", "default.x"), harmless)),
        forward_headers: fc.array(fc.string()),
      },
      { requiredKeys: ["provider", "api_key"] },
    )
    .chain((leaf) => fc.dictionary(option, scalar).map((rest) => ({ ...leaf, ...rest }))),
  node: fc.oneof(
    { maxDepth: 3 },
    tie("leaf"),
    fc.record({
      strategy: fc.record({
        mode: fc.constantFrom("single", "loadbalance", "fallback"),
        on_status_codes: fc.array(fc.nat()),
      }),
      targets: fc.array(tie("node"), { maxLength: 3 }),
    }),
  ),
}));

const camelCase = (key: string): string =>
  key.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());

/** The config with its keys in camelCase, as far as they are the gateway's. */
const camelCased = (value: JsonValue): JsonValue => {
  if (Array.isArray(value)) return value.map((item: JsonValue) => camelCased(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) => {
      if (part === undefined) return [];
      const isVerbatim = ["override_params", "input_guardrails"].includes(key);
      return [[camelCase(key), isVerbatim ? part : camelCased(part)]];
    }),
  );
};

const outcome = (config: string | JsonObject): unknown => {
  try {
    return read(config);
  } catch (error) {
    if (error instanceof GatewayError) return [error.code, error.message, error.errors];
    throw error;
  }
};

describe("for every config", () => {
  test("only a GatewayError is thrown", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          json.map((value) => JSON.stringify(value)),
          fc.string(),
        ),
        (text) => {
          outcome(text);
        },
      ),
    );
  });

  test("of known keys with any values only a GatewayError is thrown", () => {
    const keys = [
      "strategy",
      "targets",
      "provider",
      "retry",
      "cache",
      "weight",
      "mode",
      "conditions",
      "query",
    ];
    const { any } = fc.letrec<{ any: JsonValue }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 5 },
        json,
        fc.dictionary(fc.constantFrom(...keys, "$regex", "$or", "then"), tie("any"), { maxKeys: 4 }),
        fc.array(tie("any"), { maxLength: 3 }),
      ),
    }));
    fc.assert(fc.property(any, (value) => void outcome(JSON.stringify(value))));
  });

  test("the result reads as itself", () => {
    fc.assert(
      fc.property(node, (config) => {
        const first = outcome(config);
        if (!Array.isArray(first)) expect(outcome(first as JsonObject)).toEqual(first);
      }),
    );
  });

  test("both spellings are one config", () => {
    fc.assert(
      fc.property(node, (config) => {
        expect(outcome(camelCased(config) as JsonObject)).toEqual(outcome(config));
      }),
    );
  });
});
