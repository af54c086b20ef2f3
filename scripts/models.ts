/** Writes `src/providers/models.json`, what is known of models, out of a package that keeps their prices. */
import { fileURLToPath } from "node:url";
import type { ModelInfo, ModelPrice, Provider } from "@pydantic/genai-prices";
import { findProvider } from "@pydantic/genai-prices";
import manifest from "../package.json" with { type: "json" };
import type { KnownModel, KnownPrices, ModelsFile, ProviderModels } from "../src/providers/models.ts";

export const MODELS_FILE = new URL("../src/providers/models.json", import.meta.url);

const SOURCE = "@pydantic/genai-prices";

/** Our providers by the package's. The first of a list has the models, the others are like it. */
export const PROVIDERS: Readonly<Record<string, readonly string[]>> = {
  anthropic: ["anthropic"],
  aws: ["bedrock"],
  azure: ["azure-openai", "azure-ai"],
  cerebras: ["cerebras"],
  cloudflare: ["workers-ai"],
  cohere: ["cohere"],
  deepseek: ["deepseek"],
  fireworks: ["fireworks-ai"],
  google: ["google", "vertex-ai"],
  groq: ["groq"],
  mistral: ["mistral-ai"],
  modal: ["modal"],
  moonshotai: ["moonshot", "moonshot-ai"],
  novita: ["novita-ai"],
  openai: ["openai"],
  openrouter: ["openrouter"],
  ovhcloud: ["ovhcloud"],
  perplexity: ["perplexity-ai"],
  together: ["together-ai"],
  voyageai: ["voyage"],
  "x-ai": ["x-ai"],
  zai: ["z-ai"],
  zhipuai: ["zhipu"],
};

/** Tokens of these are counted; what is priced by other measures (hours, pages, searches) is left out. */
const PRICE_KEYS = {
  input_mtok: "input",
  output_mtok: "output",
  cache_read_mtok: "cacheRead",
  cache_write_mtok: "cacheWrite",
  cache_write_1h_mtok: "cacheWriteLong",
  input_audio_mtok: "audioInput",
  output_audio_mtok: "audioOutput",
  output_reasoning_mtok: "reasoning",
} as const satisfies Readonly<Record<string, Exclude<keyof KnownPrices, "from" | "between" | "perCall">>>;

/** Dollars per thousand calls are a thousand micro-dollars per call each. */
const MICRO_PER_THOUSANDTH = 1000;

export const modelsFile = (date: string): ModelsFile => ({
  source: `${SOURCE} ${manifest.devDependencies[SOURCE]}`,
  date,
  providers: Object.fromEntries(Object.entries(PROVIDERS).flatMap(([theirs, ours]) => entries(theirs, ours))),
});

const entries = (theirs: string, ours: readonly string[]): readonly (readonly [string, ProviderModels])[] => {
  const provider = findProvider({ providerId: theirs });
  const [first, ...others] = ours;
  if (provider?.id !== theirs || first === undefined) throw new Error(`Cannot write models: no ${theirs}`);
  return [[first, providerModels(provider)], ...others.map((other) => [other, { like: first }] as const)];
};

const providerModels = ({ models, fallback_model_providers: fallbacks = [] }: Provider): ProviderModels => ({
  ...(fallbacks.length === 0
    ? {}
    : { fallbacks: fallbacks.flatMap((theirs) => PROVIDERS[theirs]?.[0] ?? []) }),
  models: models.map(knownModel),
});

const knownModel = ({ id, match, context_window: context, deprecated, prices }: ModelInfo): KnownModel => ({
  id,
  ...("equals" in match && match.equals === id ? {} : { match }),
  ...(context === undefined ? {} : { context }),
  ...(deprecated === true ? { deprecated } : {}),
  prices: Array.isArray(prices)
    ? prices.map(({ constraint, prices }) => ({ ...timeOf(constraint), ...knownPrices(prices) }))
    : [knownPrices(prices)],
});

type Constraint = Extract<ModelInfo["prices"], readonly unknown[]>[number]["constraint"];

const timeOf = (constraint: Constraint): Pick<KnownPrices, "from" | "between"> => {
  if (constraint === undefined) return {};
  if (constraint.type === "start_date") return { from: constraint.start_date };
  return { between: [minuteOf(constraint.start_time), minuteOf(constraint.end_time)] };
};

/** `00:30:00Z` as `00:30`; no source has had seconds or another zone. */
const minuteOf = (time: string): string => {
  const minute = /^(\d\d:\d\d):00Z$/.exec(time)?.[1];
  if (minute === undefined) throw new Error(`Cannot write models: a price begins or ends at ${time}`);
  return minute;
};

const knownPrices = (prices: ModelPrice): KnownPrices => {
  const known: Record<string, KnownPrices["input"]> = {};
  for (const [theirs, ours] of Object.entries(PRICE_KEYS)) {
    const price = prices[theirs];
    if (price !== undefined) known[ours] = knownPrice(price);
  }
  const calls = prices["requests_kcount"];
  return { ...known, ...(typeof calls === "number" ? { perCall: calls * MICRO_PER_THOUSANDTH } : {}) };
};

const knownPrice = (price: Exclude<ModelPrice[string], undefined>): NonNullable<KnownPrices["input"]> =>
  typeof price === "number"
    ? price
    : { base: price.base, tiers: price.tiers.map(({ start, price }) => ({ above: start, price })) };

if (import.meta.main) {
  const file = modelsFile(new Date().toISOString().slice(0, 10));
  await Bun.write(MODELS_FILE, `${JSON.stringify(file)}\n`);
  await Bun.spawn([process.execPath, "fmt", fileURLToPath(MODELS_FILE)], { stdout: "ignore" }).exited;
}
