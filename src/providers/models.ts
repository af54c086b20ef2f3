/** What is known of models, by provider: found by the rules under which their source keeps them. */
import type { ModelFacts, ModelPrices, TimedPrices } from "../schema/model-facts.ts";
import written from "./models.json" with { type: "json" };

/** A rule on a model's name. Letters' case does not count, but in patterns. */
export type ModelMatch =
  | { readonly or: readonly ModelMatch[] }
  | { readonly and: readonly ModelMatch[] }
  | { readonly equals: string }
  | { readonly starts_with: string }
  | { readonly ends_with: string }
  | { readonly contains: string }
  | { readonly regex: string };

export type KnownPrices = Omit<TimedPrices, "prices"> & {
  readonly [K in keyof ModelPrices]?: NonNullable<ModelPrices[K]>;
};

export interface KnownModel {
  readonly id: string;
  /** The id itself when absent. */
  readonly match?: ModelMatch;
  readonly context?: number;
  readonly deprecated?: boolean;
  readonly prices: readonly KnownPrices[];
}

/** The models of a provider, or the one whose models they are. `fallbacks` sell their models here too. */
export type ProviderModels =
  | { readonly like: string }
  | { readonly fallbacks?: readonly string[]; readonly models: readonly KnownModel[] };

export interface ModelsFile {
  readonly source: string;
  readonly date: string;
  readonly providers: Readonly<Record<string, ProviderModels>>;
}

// The script that writes the file makes exactly this; its types would be thousands of literals.
const FILE = written as unknown as ModelsFile;

/** Where the facts come from, and when they were taken. */
export const MODELS_SOURCE = Object.freeze({ source: FILE.source, date: FILE.date });

/** What is known of a provider's model, under any name the provider takes for it. */
export const modelFacts = (providerId: string, model: string): ModelFacts | undefined => {
  if (model.length > LONGEST_NAME) return undefined;
  const names = namesOf(providerId);
  const remembered = names.get(model);
  if (remembered !== undefined) return remembered === NOTHING_KNOWN ? undefined : remembered;
  const facts = lookUp(providerId, model.toLowerCase().trim());
  if (names.size >= MAX_NAMES) names.clear();
  names.set(model, facts ?? NOTHING_KNOWN);
  return facts;
};

/** The models of a provider that are sold today, in the file's order. */
export const listModels = (providerId: string): readonly ModelFacts[] =>
  (modelsOf(providerId)?.models ?? []).filter((model) => model.deprecated !== true).map(factsOf);

const LONGEST_NAME = 256;

/** Names come from callers: only so many of a provider's are remembered. */
const MAX_NAMES = 1000;
const NOTHING_KNOWN = Symbol("a model that nothing is known of");
const found = new Map<string, Map<string, ModelFacts | typeof NOTHING_KNOWN>>();

const namesOf = (providerId: string): Map<string, ModelFacts | typeof NOTHING_KNOWN> => {
  const known = found.get(providerId);
  if (known !== undefined) return known;
  const names = new Map<string, ModelFacts | typeof NOTHING_KNOWN>();
  found.set(providerId, names);
  return names;
};

const lookUp = (providerId: string, name: string): ModelFacts | undefined => {
  const model = find(providerId, name) ?? find(providerId, dashedDate(name));
  return model === undefined ? undefined : factsOf(model);
};

const find = (providerId: string, name: string): KnownModel | undefined => {
  const known = modelsOf(providerId);
  if (known === undefined) return undefined;
  const own = known.models.find((model) => matches(model.match ?? { equals: model.id }, name));
  if (own !== undefined) return own;
  for (const fallback of known.fallbacks ?? []) {
    const model = find(fallback, name);
    if (model !== undefined) return model;
  }
  return undefined;
};

const modelsOf = (providerId: string): Exclude<ProviderModels, { like: string }> | undefined => {
  const known = Object.hasOwn(FILE.providers, providerId) ? FILE.providers[providerId] : undefined;
  return known !== undefined && "like" in known ? modelsOf(known.like) : known;
};

const matches = (match: ModelMatch, name: string): boolean => {
  if ("or" in match) return match.or.some((one) => matches(one, name));
  if ("and" in match) return match.and.every((one) => matches(one, name));
  if ("equals" in match) return name === match.equals.toLowerCase();
  if ("starts_with" in match) return name.startsWith(match.starts_with.toLowerCase());
  if ("ends_with" in match) return name.endsWith(match.ends_with.toLowerCase());
  if ("contains" in match) return name.includes(match.contains.toLowerCase());
  return new RegExp(match.regex).test(name); // ours, written in the file
};

/** `gpt-4o-20241120` is `gpt-4o-2024-11-20` elsewhere. */
const dashedDate = (name: string): string =>
  name.replaceAll(/-(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g, "-$1-$2-$3");

const factsOf = (model: KnownModel): ModelFacts => {
  const known = made.get(model);
  if (known !== undefined) return known;
  const [first = {}, ...later] = model.prices;
  const facts: ModelFacts = {
    id: model.id,
    contextWindow: model.context ?? null,
    deprecated: model.deprecated ?? false,
    prices: [timed(first), ...later.map(timed)],
  };
  made.set(model, facts);
  return facts;
};

const made = new WeakMap<KnownModel, ModelFacts>();

const timed = ({ from, between, ...known }: KnownPrices): TimedPrices => ({
  ...(from === undefined ? {} : { from }),
  ...(between === undefined ? {} : { between }),
  prices: { ...UNKNOWN, ...known },
});

const UNKNOWN: ModelPrices = Object.freeze({
  input: null,
  output: null,
  cacheRead: null,
  cacheWrite: null,
  cacheWriteLong: null,
  audioInput: null,
  audioOutput: null,
  reasoning: null,
  perCall: null,
});
