/** Where the members of a container stand in a JSON text, which must be valid (it was parsed before). */
import { endOfString } from "./json-guard.ts";

export interface Member {
  readonly key: string | number;
  /** Where the key (or, in an array, the value) starts. */
  readonly start: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** Of an object or an array that starts there; none of anything else. */
export const membersOf = (text: string, container: number): readonly Member[] => {
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

export const skipSpace = (text: string, start: number): number => {
  let at = start;
  while (at < text.length && text.charCodeAt(at) <= 32) at++;
  return at;
};
