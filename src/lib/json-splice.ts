/**
 * Edits single members of a JSON text and leaves every other byte as it came.
 *
 * A parse and re-serialise changes large integers, `1.0`, repeated keys and order; a splice changes
 * what was meant. The text must be valid JSON (it was parsed before).
 */
import { endOfString } from "./json-guard.ts";

/**
 * `path` names object keys and array indexes from the root; `set` adds a last key that is not there, `insert` puts an
 * element before the one that is there, whose index and those behind it grow for the edits that follow.
 */
export type JsonEdit =
  | { readonly op: "set"; readonly path: readonly (string | number)[]; readonly value: unknown }
  | { readonly op: "insert"; readonly path: readonly (string | number)[]; readonly value: unknown }
  | { readonly op: "rename"; readonly path: readonly (string | number)[]; readonly to: string }
  | { readonly op: "remove"; readonly path: readonly (string | number)[] };

export const spliceJson = (text: string, edits: readonly JsonEdit[]): string => {
  let edited = text;
  for (let at = 0; at < edits.length;) {
    const run = deepSets(edits, at);
    edited = run.length > 1 ? applySets(edited, run) : applyEdit(edited, edits[at] as JsonEdit); // at is in range
    at += Math.max(1, run.length);
  }
  return edited;
};

type SetEdit = Extract<JsonEdit, { readonly op: "set" }>;

/** Sets from `at` on that lie in elements of arrays: they cannot touch each other, so one scan serves them all. */
const deepSets = (edits: readonly JsonEdit[], at: number): readonly SetEdit[] => {
  const run: SetEdit[] = [];
  for (let index = at; index < edits.length; index++) {
    const edit = edits[index];
    if (edit?.op !== "set" || edit.path.length !== 3 || typeof edit.path[1] !== "number") break;
    run.push(edit);
  }
  return run;
};

const applySets = (text: string, edits: readonly SetEdit[]): string => {
  const cache = new Map<number, readonly Member[]>();
  const cached = (container: number): readonly Member[] => {
    const members = cache.get(container) ?? membersOf(text, container);
    cache.set(container, members);
    return members;
  };
  const patches = edits.flatMap(({ path: [list, index, key], value }) => {
    const array = cached(skipSpace(text, 0)).findLast((member) => member.key === list);
    const element = array === undefined ? undefined : cached(array.valueStart)[Number(index)];
    const members = element === undefined ? [] : cached(element.valueStart);
    return members
      .filter((member) => member.key === key)
      .map((member) => ({ from: member.valueStart, to: member.valueEnd, text: JSON.stringify(value) }));
  });
  return patched(text, patches);
};

interface Member {
  readonly key: string | number;
  /** Where the key (or, in an array, the value) starts. */
  readonly start: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

interface Patch {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const applyEdit = (text: string, edit: JsonEdit): string => {
  const container = locate(text, edit.path.slice(0, -1));
  const key = edit.path.at(-1);
  if (container === undefined || key === undefined) return text;
  const members = membersOf(text, container);
  const found = patchesOf(text, members, edit); // a repeated key is edited everywhere
  return patched(text, found.length === 0 ? insertion(text, container, members, edit, key) : found);
};

const patchesOf = (text: string, members: readonly Member[], edit: JsonEdit): readonly Patch[] => {
  const key = edit.path.at(-1);
  if (edit.op === "remove") return removals(text, members, key);
  return members.flatMap((member): Patch[] => {
    if (member.key !== key) return [];
    if (edit.op === "insert")
      return [{ from: member.start, to: member.start, text: `${JSON.stringify(edit.value)},` }];
    return edit.op === "set"
      ? [{ from: member.valueStart, to: member.valueEnd, text: JSON.stringify(edit.value) }]
      : [{ from: member.start, to: member.keyEnd, text: JSON.stringify(edit.to) }];
  });
};

/** A removed member takes the comma after it along; those that end the container, the comma before them. */
const removals = (
  text: string,
  members: readonly Member[],
  key: string | number | undefined,
): readonly Patch[] => {
  const lastKept = members.findLastIndex((member) => member.key !== key);
  const inner = members.slice(0, lastKept + 1).flatMap((member, at): Patch[] => {
    const next = members[at + 1];
    return member.key === key && next !== undefined ? [{ from: member.start, to: next.start, text: "" }] : [];
  });
  const [tail, end] = [members[lastKept + 1], members.at(-1)];
  if (tail === undefined || end === undefined) return inner;
  const from = members[lastKept]?.valueEnd ?? tail.start;
  return [...inner, { from, to: skipSpace(text, end.valueEnd), text: "" }];
};

const insertion = (
  text: string,
  container: number,
  members: readonly Member[],
  edit: JsonEdit,
  key: string | number,
): readonly Patch[] => {
  if (edit.op !== "set" || typeof key !== "string" || text[container] !== "{") return [];
  const last = members.at(-1);
  const at = last?.valueEnd ?? container + 1;
  const comma = last === undefined ? "" : ",";
  return [{ from: at, to: at, text: `${comma}${JSON.stringify(key)}:${JSON.stringify(edit.value)}` }];
};

const patched = (text: string, patches: readonly Patch[]): string => {
  let result = "";
  let at = 0;
  for (const patch of patches) {
    result += text.slice(at, patch.from) + patch.text;
    at = patch.to;
  }
  return result + text.slice(at);
};

/** Where the value at `path` starts. */
const locate = (text: string, path: readonly (string | number)[]): number | undefined => {
  let at: number | undefined = skipSpace(text, 0);
  for (const key of path) {
    if (at === undefined) return undefined;
    at = membersOf(text, at).findLast((member) => member.key === key)?.valueStart;
  }
  return at;
};

const membersOf = (text: string, container: number): readonly Member[] => {
  const isObject = text[container] === "{";
  if (!isObject && text[container] !== "[") return [];
  const close = isObject ? "}" : "]";
  const members: Member[] = [];
  let at = skipSpace(text, container + 1);
  while (at < text.length && text[at] !== close) {
    const member: Member = isObject ? objectMember(text, at) : arrayElement(text, at, members.length);
    members.push(member);
    at = skipSpace(text, member.valueEnd);
    if (text[at] === ",") at = skipSpace(text, at + 1);
  }
  return members;
};

const objectMember = (text: string, start: number): Member => {
  const keyEnd = endOfString(text, start) + 1;
  const key: unknown = JSON.parse(text.slice(start, keyEnd));
  const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
  return { key: String(key), start, keyEnd, valueStart, valueEnd: endOfValue(text, valueStart) };
};

const arrayElement = (text: string, start: number, index: number): Member => ({
  key: index,
  start,
  keyEnd: start,
  valueStart: start,
  valueEnd: endOfValue(text, start),
});

const endOfValue = (text: string, start: number): number => {
  const first = text[start];
  if (first === '"') return endOfString(text, start) + 1;
  if (first === "{" || first === "[") return endOfContainer(text, start);
  let at = start;
  while (at < text.length && !",}] \n\r\t".includes(text.charAt(at))) at++;
  return at;
};

const endOfContainer = (text: string, start: number): number => {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === "{" || character === "[") depth++;
    else if ((character === "}" || character === "]") && --depth === 0) return at + 1;
  }
  return text.length;
};

const skipSpace = (text: string, start: number): number => {
  let at = start;
  while (at < text.length && text.charCodeAt(at) <= 32) at++;
  return at;
};
