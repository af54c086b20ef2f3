/**
 * Edits single members of a JSON text and leaves every other byte as it came.
 *
 * A parse and re-serialise changes large integers, `1.0`, repeated keys and order; a splice changes
 * what was meant. The text must be valid JSON (it was parsed before).
 */
import { endOfString } from "./json-guard.ts";

/** `path` names object keys and array indexes from the root; `set` adds a last key that is not there. */
export type JsonEdit =
  | { readonly op: "set"; readonly path: readonly (string | number)[]; readonly value: unknown }
  | { readonly op: "rename"; readonly path: readonly (string | number)[]; readonly to: string }
  | { readonly op: "remove"; readonly path: readonly (string | number)[] };

export const spliceJson = (text: string, edits: readonly JsonEdit[]): string => {
  let edited = text;
  for (const edit of edits) edited = applyEdit(edited, edit);
  return edited;
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
  const found = members.filter((member) => member.key === key); // a repeated key is edited everywhere
  const patches =
    found.length === 0
      ? insertion(text, container, members, edit, key)
      : found.map((member) => patchOf(text, members, member, edit));
  return patched(text, patches);
};

const patchOf = (text: string, members: readonly Member[], member: Member, edit: JsonEdit): Patch => {
  switch (edit.op) {
    case "set":
      return { from: member.valueStart, to: member.valueEnd, text: JSON.stringify(edit.value) };
    case "rename":
      return { from: member.start, to: member.keyEnd, text: JSON.stringify(edit.to) };
    case "remove":
      return { ...withComma(text, members, member), text: "" };
  }
};

/** A removed member takes the comma after it along, or, as the last one, the comma before it. */
const withComma = (
  text: string,
  members: readonly Member[],
  member: Member,
): { readonly from: number; readonly to: number } => {
  const at = members.indexOf(member);
  const next = members[at + 1];
  if (next !== undefined) return { from: member.start, to: next.start };
  const previous = members[at - 1];
  return { from: previous?.valueEnd ?? member.start, to: skipSpace(text, member.valueEnd) };
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
    if (patch.from < at) continue; // two removed neighbours share a comma
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
