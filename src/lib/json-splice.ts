/**
 * Edits single members of a JSON text and leaves every other byte as it came.
 *
 * A parse and re-serialise changes large integers, `1.0`, repeated keys and order; a splice changes
 * what was meant. The text must be valid JSON (it was parsed before).
 */
import type { Member } from "./json-members.ts";
import { membersOf, skipSpace } from "./json-members.ts";

type Key = string | number;

/**
 * `path` names object keys and array indexes from the root; `set` adds a last key that is not there, `insert` puts an
 * element before the one that is there, whose index and those behind it grow for the edits that follow.
 */
export type JsonEdit =
  | { readonly op: "set"; readonly path: readonly Key[]; readonly value: unknown }
  | { readonly op: "insert"; readonly path: readonly Key[]; readonly value: unknown }
  | { readonly op: "rename"; readonly path: readonly Key[]; readonly to: string }
  | { readonly op: "remove"; readonly path: readonly Key[] };

/** One after the other; those that cannot touch each other share one scan of the text. */
export const spliceJson = (text: string, edits: readonly JsonEdit[]): string => {
  let edited = text;
  let plan = emptyPlace();
  for (const edit of edits) {
    if (takes(plan, edit)) continue;
    edited = applied(edited, plan);
    plan = emptyPlace();
    takes(plan, edit); // there is nothing yet that it could touch
  }
  return applied(edited, plan);
};

/** What is to be done at a place of the text, and below it. */
interface Place {
  edit: JsonEdit | undefined;
  below: Map<Key, Place> | undefined;
  /** What stands here then is not what stands here now. */
  isOther: boolean;
  /** The first element whose index will not be what it is. */
  movedFrom: number;
}

const emptyPlace = (): Place => ({ edit: undefined, below: undefined, isOther: false, movedFrom: Infinity });

/** False where the edit means what earlier ones leave behind. */
const takes = (plan: Place, edit: JsonEdit): boolean => {
  let above = plan;
  let place = plan;
  for (const key of edit.path) {
    if (typeof key === "number" && key >= place.movedFrom) return false;
    above = place;
    place = placeAt(above, key);
    if (place.isOther) return false;
  }
  const last = edit.path.at(-1);
  if (last === undefined) return true; // the root stays
  if (place.below !== undefined) return false;
  place.edit = edit;
  place.isOther = true;
  if (edit.op === "rename") placeAt(above, edit.to).isOther = true;
  if (typeof last === "number" && (edit.op === "insert" || edit.op === "remove"))
    above.movedFrom = Math.min(above.movedFrom, last);
  return true;
};

const placeAt = (above: Place, key: Key): Place => {
  above.below ??= new Map();
  const known = above.below.get(key);
  if (known !== undefined) return known;
  const place = emptyPlace();
  above.below.set(key, place);
  return place;
};

interface Patch {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const applied = (text: string, { below }: Place): string =>
  below === undefined ? text : patched(text, patchesIn(text, skipSpace(text, 0), below));

const patched = (text: string, patches: readonly Patch[]): string => {
  let result = "";
  let at = 0;
  for (const patch of patches) {
    result += text.slice(at, patch.from) + patch.text;
    at = patch.to;
  }
  return result + text.slice(at);
};

/** A removed member takes the comma after it along; those that end the container, the comma before them. */
const patchesIn = (text: string, container: number, below: ReadonlyMap<Key, Place>): readonly Patch[] => {
  const members = membersOf(text, container);
  const lastKept = members.findLastIndex(({ key }) => below.get(key)?.edit?.op !== "remove");
  const lasts = lastPlaces(members, below);
  const patches: Patch[] = [];
  for (let at = 0; at <= lastKept; at++) {
    const member = members[at] as Member; // at is in range
    const place = below.get(member.key);
    if (place?.edit !== undefined) patches.push(...patchesOf(place.edit, member, members[at + 1]));
    // What is said twice means the last, as parsers take it.
    else if (place?.below !== undefined && lasts.get(member.key) === at)
      for (const patch of patchesIn(text, member.valueStart, place.below)) patches.push(patch);
  }
  const end = members[lastKept]?.valueEnd;
  const added = text[container] === "{" ? additions(below, lasts, end === undefined) : "";
  if (added !== "") patches.push({ from: end ?? container + 1, to: end ?? container + 1, text: added });
  const [tail, last] = [members[lastKept + 1], members.at(-1)];
  if (tail !== undefined && last !== undefined)
    patches.push({ from: end ?? tail.start, to: skipSpace(text, last.valueEnd), text: "" });
  return patches;
};

/** Where each key that is looked for stands last. */
const lastPlaces = (members: readonly Member[], below: ReadonlyMap<Key, Place>): ReadonlyMap<Key, number> => {
  const lasts = new Map<Key, number>();
  for (let at = 0; at < members.length; at++) {
    const key = members[at]?.key;
    if (key !== undefined && below.has(key)) lasts.set(key, at);
  }
  return lasts;
};

/** A repeated key is edited everywhere. */
const patchesOf = (edit: JsonEdit, member: Member, next: Member | undefined): readonly Patch[] => {
  const { start, keyEnd, valueStart, valueEnd, key } = member;
  const isElement = typeof key === "number";
  switch (edit.op) {
    case "set":
      return [{ from: valueStart, to: valueEnd, text: JSON.stringify(edit.value) }];
    case "insert":
      return isElement ? [{ from: start, to: start, text: `${JSON.stringify(edit.value)},` }] : [];
    case "rename":
      return isElement ? [] : [{ from: start, to: keyEnd, text: JSON.stringify(edit.to) }];
    case "remove":
      return next === undefined ? [] : [{ from: start, to: next.start, text: "" }];
  }
};

/** Keys that are set and not there. */
const additions = (
  below: ReadonlyMap<Key, Place>,
  known: ReadonlyMap<Key, number>,
  isFirst: boolean,
): string => {
  let text = "";
  for (const [key, { edit }] of below) {
    if (edit?.op !== "set" || typeof key !== "string" || known.has(key)) continue;
    text += `${isFirst && text === "" ? "" : ","}${JSON.stringify(key)}:${JSON.stringify(edit.value)}`;
  }
  return text;
};
