/** Puts images and documents in the place of their URLs, for providers that take no URL. */
import { spliceJson } from "../lib/json-splice.ts";
import type { FoundMedia, MediaUrl } from "../providers/media-urls.ts";
import { mediaUrlsIn } from "../providers/media-urls.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Call } from "./call.ts";
import type { Inbound } from "./inbound.ts";
import { withSaid } from "./native.ts";
import { Budget, fetchMedia, unfetched } from "./media-fetch.ts";
import type { ResolvedTarget } from "./target.ts";

/** What has to be fetched before the target can be asked: nothing, for nearly every call. */
export const mediaFor = ({ inbound }: Call, { row }: ResolvedTarget): readonly MediaUrl[] => {
  if (row.fetchesMedia !== true || inbound.ingress.endpoint !== "chat" || inbound.body.kind !== "json")
    return NONE;
  return mediaUrlsIn(inbound.body.value);
};

/** The call with everything in place of its URL. Throws `GatewayError` with the path of what cannot be fetched. */
export const withMedia = async (
  call: Call,
  wanted: readonly MediaUrl[],
  signal: AbortSignal,
): Promise<Call> => {
  const known = fetched.get(call.inbound);
  if (known !== undefined) return { ...call, inbound: known };
  const inbound = replaced(call.inbound, wanted, await fetchAll(call, wanted, signal));
  fetched.set(call.inbound, inbound);
  return { ...call, inbound };
};

const NONE: readonly MediaUrl[] = [];

/** Another attempt of the same call need not fetch it again. */
const fetched = new WeakMap<Inbound, Inbound>();

const replaced = (
  inbound: Inbound,
  wanted: readonly MediaUrl[],
  found: ReadonlyMap<string, FoundMedia>,
): Inbound => {
  if (inbound.body.kind !== "json") return inbound;
  // From the end on, so that no edit has to look through what another has put in.
  const edits = wanted.toReversed().flatMap((media) => {
    const content = found.get(keyOf(media));
    return content === undefined ? [] : media.replaced(content);
  });
  const text = spliceJson(inbound.body.text, edits);
  const value = withSaid(inbound.ingress, JSON.parse(text) as JsonObject); // it was an object before the splice
  return { ...inbound, body: { kind: "json", text, value } };
};

const keyOf = ({ kind, url }: MediaUrl): string => `${kind} ${url}`;

const fetchAll = async (
  call: Call,
  wanted: readonly MediaUrl[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FoundMedia>> => {
  const { maxFetchedMedia, maxFetchedMediaBytes } = call.surroundings.limits;
  const [tooMany] = wanted.slice(maxFetchedMedia);
  if (tooMany !== undefined)
    throw unfetched(tooMany, `no more than ${maxFetchedMedia} are fetched for one call`);
  const budget = new Budget(maxFetchedMediaBytes);
  const others = new AbortController(); // one that fails ends the others
  const all = AbortSignal.any([signal, others.signal]);
  try {
    return new Map(
      await Promise.all(
        [...Map.groupBy(wanted, keyOf).entries()].map(
          async ([key, uses]) => [key, await fetchMedia(call, uses, budget, all)] as const,
        ),
      ),
    );
  } finally {
    others.abort();
  }
};
