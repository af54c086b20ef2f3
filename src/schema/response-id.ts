/**
 * Ids of the responses that the gateway keeps, and of the items in them.
 *
 * A provider's own ids are hexadecimal behind their prefix; ours have a mark there, so nobody looks here
 * for what is kept elsewhere. An item's id holds that of its response, and leads back to it.
 */
import { randomHex } from "../lib/random-id.ts";

const MARK = "tp";
/** 160 bits. */
const RANDOM_BYTES = 20;
const STEM = `${MARK}[0-9a-f]{${RANDOM_BYTES * 2}}`;
const RESPONSE = new RegExp(`^resp_${STEM}$`);
const ITEM = new RegExp(`^[a-z]+_(${STEM})_`);

export const newResponseId = (): string => `resp_${MARK}${randomHex(RANDOM_BYTES)}`;

export const isOwnResponseId = (id: string): boolean => RESPONSE.test(id);

/** The response that an item of ours stands in. */
export const responseOfItem = (itemId: string): string | undefined => {
  const stem = ITEM.exec(itemId)?.[1];
  return stem === undefined ? undefined : `resp_${stem}`;
};

/** The id of the item at `place` of what a response was made from. */
export const inputItemId = (responseId: string, prefix: string, place: number): string =>
  `${prefix}_${responseId.slice("resp_".length)}_in${place}`;
