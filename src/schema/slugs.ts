/**
 * Targets as Portkey's documents write them: `provider: "@slug"`, or the slug at the front of the model
 * (portkey.ai/docs/portkey-features/ai-gateway/fallbacks-on-llms). Here a slug is a virtual key's name or a provider's.
 */
import { isObject, isString, type JsonObject, type JsonValue } from "./json.ts";

export interface Slugs {
  readonly isVirtualKey: (name: string) => boolean;
  readonly isProvider: (name: string) => boolean;
}

/** `node` with slugs replaced by what they stand for; those that stand for nothing stay. */
export const withoutSlugs = (node: JsonObject, slugs: Slugs): JsonObject => {
  if (node.strategy !== undefined) return node;
  return fromModel(fromProvider(node, slugs), slugs);
};

const fromProvider = (node: JsonObject, slugs: Slugs): JsonObject => {
  const slug = slugOf(node.provider);
  if (slug === undefined || !slugs.isVirtualKey(slug)) return node;
  const { provider: _, ...rest } = node;
  return { virtual_key: slug, ...rest };
};

const fromModel = (node: JsonObject, slugs: Slugs): JsonObject => {
  const { provider, virtual_key: key, override_params: overrides } = node;
  const [slug, model] = isObject(overrides) ? splitModel(overrides.model) : [];
  if (slug === undefined || !isObject(overrides)) return node;
  const named = key ?? slugOf(provider) ?? provider;
  if (named !== undefined && named !== slug) return node;
  const whose = named === undefined ? namedBy(slug, slugs) : {};
  return whose === undefined ? node : { ...node, ...whose, override_params: { ...overrides, model } };
};

const namedBy = (slug: string, slugs: Slugs): JsonObject | undefined => {
  if (slugs.isVirtualKey(slug)) return { virtual_key: slug };
  return slugs.isProvider(slug) ? { provider: slug } : undefined;
};

const slugOf = (provider: JsonValue | undefined): string | undefined =>
  isString(provider) && provider.startsWith("@") ? provider.slice(1) : undefined;

/** `@slug/model`; a model's own name may begin like that, too (`@cf/meta/llama-3`). */
const splitModel = (text: JsonValue | undefined): readonly string[] =>
  isString(text) ? (/^@([^/]+)\/(.+)$/s.exec(text)?.slice(1) ?? []) : [];
