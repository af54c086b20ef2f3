/** The models that can be asked for by name: those of the providers the gateway holds a credential for. */
import { describe, expect, test } from "bun:test";
import { knownModels } from "../../src/gateway/models.ts";
import { createCatalog } from "../../src/providers/catalog.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const catalog = createCatalog();

const keys = (options: JsonObject) =>
  new Map([["work", { provider: "anthropic", apiKey: undefined, customHost: undefined, options }]]);

describe("known models", () => {
  test("there are none where nothing is configured", () => {
    expect(knownModels({ catalog, environment: {}, virtualKeys: new Map() })).toEqual([]);
  });

  test("a key in the environment brings its provider's", () => {
    const found = knownModels({ catalog, environment: { GROQ_API_KEY: "k" }, virtualKeys: new Map() });
    expect(found).not.toBeEmpty();
    expect(found.filter((name) => !name.startsWith("groq/"))).toEqual([]);
  });

  test("a virtual key brings its provider's under its own name", () => {
    const found = knownModels({ catalog, environment: {}, virtualKeys: keys({}) });
    expect(found).toContain("@work/claude-opus-4-5");
  });

  test("a virtual key with a list of models has only those", () => {
    expect(knownModels({ catalog, environment: {}, virtualKeys: keys({ models: ["m"] }) })).toEqual([]);
  });
});
