/** The facts of models are those of their source: the same model by the same names, at the same cost. */
import { describe, expect, test } from "bun:test";
import type { ModelInfo, Provider } from "@pydantic/genai-prices";
import { calcPrice, findProvider } from "@pydantic/genai-prices";
import { modelsFile, PROVIDERS } from "../../scripts/models.ts";
import { createCatalog } from "../../src/providers/catalog.ts";
import written from "../../src/providers/models.json" with { type: "json" };
import { listModels, modelFacts, MODELS_SOURCE } from "../../src/providers/models.ts";
import { costOf } from "../../src/telemetry/cost.ts";

const providerOf = (id: string): Provider => {
  const provider = findProvider({ providerId: id });
  if (provider === undefined) throw new Error(`There is no provider ${id} in the source`);
  return provider;
};

/** Names that a rule takes: what it spells out, longer, in capitals, and dated. */
const namesOf = (match: ModelInfo["match"]): readonly string[] => {
  if ("or" in match) return match.or.flatMap(namesOf);
  if ("and" in match) return match.and.flatMap(namesOf);
  const word = Object.entries(match).find(([rule]) => rule !== "regex")?.[1];
  return typeof word === "string" ? [word, word.toUpperCase(), `${word}-20250514`, `x-${word}-latest`] : [];
};

/** A call of either kind: with an answer, and without one as embeddings are. */
const CALLS = [2000, 0].map((output) => ({
  theirs: { input_tokens: 300_000, cache_read_tokens: 1000, cache_write_tokens: 500, output_tokens: output },
  ours: { input: 300_000, cacheRead: 1000, cacheWrite: 500, output },
}));

/** What the source says of a call; null where it finds no model. */
const sourceOf = (provider: string, model: string, at: Date, usage = CALLS[0]?.theirs ?? {}) =>
  calcPrice(usage, model, { providerId: provider, timestamp: at });

const TIMES = ["2026-11-21T12:00:00Z", "2025-01-02T02:00:00Z"].map((time) => new Date(time));

describe.each(Object.entries(PROVIDERS))("%s", (theirs, [ours = ""]) => {
  const names = [...new Set(providerOf(theirs).models.flatMap(({ id, match }) => [id, ...namesOf(match)]))];

  test("every name leads to the source's model", () => {
    const at = new Date(0);
    const wrong = names.filter((name) => modelFacts(ours, name)?.id !== sourceOf(theirs, name, at)?.model.id);
    expect(wrong).toEqual([]);
  });

  test("a call costs what the source says", () => {
    expect.hasAssertions();
    for (const at of TIMES)
      for (const call of CALLS)
        for (const name of names) {
          const facts = modelFacts(ours, name);
          const cost = facts === undefined ? null : costOf(facts, call.ours, at.getTime());
          if (cost === null) continue;
          const source = sourceOf(theirs, name, at, call.theirs);
          expect([name, cost / 1e6]).toEqual([name, expect.closeTo(source?.total_price ?? NaN, 5)]);
        }
  });
});

test("the file is what the script makes of the source", () => {
  expect(JSON.parse(JSON.stringify(modelsFile(MODELS_SOURCE.date)))).toEqual(written as unknown);
});

test("providers alike have the same facts", () => {
  expect(modelFacts("vertex-ai", "gemini-2.5-pro")).toBe(modelFacts("google", "gemini-2.5-pro"));
  expect(listModels("vertex-ai")).toEqual(listModels("google"));
});

test("a provider that sells others' models has their facts", () => {
  expect(modelFacts("azure-openai", "claude-opus-4-5")?.id).toBe("claude-opus-4-5");
});

test("a compact date is a date with dashes", () => {
  expect(modelFacts("openai", "gpt-4o-20240806")?.id).toBe(
    modelFacts("openai", "gpt-4o-2024-08-06")?.id ?? "",
  );
});

test.each([
  ["openai", "no-such-model"],
  ["no-such-provider", "gpt-4o"],
  ["constructor", "gpt-4o"],
  ["openai", "g".repeat(1000)],
])("nothing is known of %s's %.20s", (provider, model) => {
  expect(modelFacts(provider, model)).toBeUndefined();
  expect(modelFacts(provider, model)).toBeUndefined();
});

test("a price that is not known is null", () => {
  const facts = modelFacts("openai", "text-embedding-3-small");
  expect(facts?.prices[0].prices).toMatchObject({ input: 0.02, output: null, cacheRead: null });
});

test("what is listed is sold today, each model once", () => {
  for (const ours of Object.values(PROVIDERS).flat()) {
    const models = listModels(ours);
    expect(models.length).toBeGreaterThan(0);
    expect(models.filter((model) => model.deprecated)).toEqual([]);
    expect(new Set(models.map((model) => model.id)).size).toBe(models.length);
  }
});

test("plain rows of the catalogue are named as the file names them", () => {
  const { ids } = createCatalog();
  const known = Object.values(PROVIDERS).flat();
  expect(known.filter((id) => ids.includes(id)).length).toBeGreaterThan(10);
});
