/** Checks a JSON body before it is parsed: how deep it nests, found on the text without recursion. */

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** True when `text` nests arrays and objects more than `limit` deep. Linear in the text's length. */
export const isTooDeep = (text: string, limit: number): boolean =>
  opens(text, "{", limit) + opens(text, "[", limit) > limit && nestsDeeper(text, limit);

/** How often the character stands in the text, strings and all, up to `enough`: a native search. */
const opens = (text: string, character: string, enough: number): number => {
  let count = 0;
  for (let at = text.indexOf(character); at !== -1 && count <= enough; at = text.indexOf(character, at + 1))
    count++;
  return count;
};

const nestsDeeper = (text: string, limit: number): boolean => {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = endOfString(text, index);
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > limit) return true;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
  }
  return false;
};

/** Index of the quote that closes the string opened at `start`, or the last index when none does. */
export const endOfString = (text: string, start: number): number => {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end, start)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length - 1 : end;
};

const isEscaped = (text: string, quote: number, start: number): boolean => {
  let backslashes = 0;
  while (quote - 1 - backslashes > start && text.charCodeAt(quote - 1 - backslashes) === BACKSLASH)
    backslashes++;
  return backslashes % 2 === 1;
};
