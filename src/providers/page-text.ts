/** What an answer says that is no JSON: a proxy's page without its tags, a plain sentence as it is. */

export const pageText = (text: string): string =>
  text
    .slice(0, 16 * LONGEST) // a page may be large, and what it says is near its top
    .replaceAll(/<(script|style)\b[^>]*>[^]*?<\/\1\s*>/gi, " ")
    .replaceAll(/<[^<>]*>/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim()
    .slice(0, LONGEST);

/** A page is not an explanation: what goes on to the client is as long as one, in characters. */
const LONGEST = 500;
