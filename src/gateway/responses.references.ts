/**
 * Puts items that are kept here in the place of references to them.
 *
 * A reference is short and what it means may be long, and the same may be meant often: what comes out is
 * held to what a request may be, and only so many responses are looked into.
 */
import { GatewayError, invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { responseOfItem } from "../schema/response-id.ts";
import { listed } from "./responses.items.ts";
import type { Kept, Responses } from "./responses.state.ts";

/** The input with the items of ours that it refers to in the place of the references. */
export const resolved = async (
  responses: Responses,
  owner: string,
  input: JsonValue | undefined,
  maxBytes: number,
): Promise<JsonValue | undefined> => {
  if (!isArray(input)) return input;
  const ids = new Set(input.map(referredTo).filter((id) => id !== undefined));
  const items = ids.size === 0 ? NOTHING : await itemsOf(responses, owner, ids);
  if (items.size === 0) return input;
  const room = new Room(maxBytes);
  return input.map((item) => {
    const meant = items.get(referredTo(item) ?? "");
    return meant === undefined ? item : room.take(meant);
  });
};

/** Everything that was said up to a response, and in it. */
export const everySaid = ({ input, response }: Kept): readonly JsonObject[] => [
  ...input,
  ...listed(response["output"]),
];

const NOTHING: ReadonlyMap<string, JsonObject> = new Map();

/** The newest response of a conversation holds what came before it, so most others need no look. */
const MAX_LOOKS = 256;

const itemsOf = async (
  responses: Responses,
  owner: string,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, JsonObject>> => {
  const items = new Map<string, JsonObject>();
  const seen = new Set<string>();
  for (const id of [...ids].toReversed()) {
    const home = items.has(id) ? undefined : responseOfItem(id);
    if (home === undefined || seen.has(home)) continue;
    if (seen.size === MAX_LOOKS)
      throw invalidRequest("input", `refers to items of more than ${MAX_LOOKS} responses`);
    seen.add(home);
    for (const [known, item] of wantedOf(await responses.find(owner, home), ids)) items.set(known, item);
  }
  return items;
};

const wantedOf = (
  kept: Kept | undefined,
  ids: ReadonlySet<string>,
): readonly (readonly [string, JsonObject])[] =>
  (kept === undefined ? [] : everySaid(kept)).flatMap((item) => {
    const { id } = item;
    return isString(id) && ids.has(id) ? [[id, item] as const] : [];
  });

/** The id in an item that is nothing but a reference; it may leave its type out. */
const referredTo = (item: JsonValue): string | undefined => {
  if (!isObject(item)) return undefined;
  const { type, id, role } = item;
  const isReference = type === "item_reference" || (type == null && role === undefined);
  return isReference && isString(id) ? id : undefined;
};

/** What may still be put in. */
class Room {
  readonly #limit: number;
  readonly #lengths = new Map<JsonObject, number>();
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  take(item: JsonObject): JsonObject {
    this.#taken += this.#lengthOf(item);
    if (this.#taken <= this.#limit) return item;
    throw new GatewayError(
      "request_too_large",
      `The request with the items that it refers to is larger than ${this.#limit} bytes`,
      { param: "input" },
    );
  }

  #lengthOf(item: JsonObject): number {
    const known = this.#lengths.get(item);
    if (known !== undefined) return known;
    const length = Buffer.byteLength(JSON.stringify(item));
    this.#lengths.set(item, length);
    return length;
  }
}
