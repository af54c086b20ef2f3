/**
 * Ids of calls. Those that their provider gave none are unlike those of every other answer, since one conversation may
 * hold many, and short enough for OpenAI, which takes 40 characters
 * (github.com/Portkey-AI/gateway/issues/1062: "Expected a string with maximum length 40").
 */

/** Of the answer's id, whose end says the most. */
const LENGTH = 24;

export const callId = (answer: string, choice: number, index: number): string =>
  `${PREFIX}${answer.replaceAll(/[^\w-]/g, "_").slice(-LENGTH)}_${choice}_${index}`;

/** The id once an answer without one was given its own. */
export const renamedCall = (id: string, answer: string): string =>
  id.replace(NAMELESS, (_, choice: string, index: string) =>
    callId(answer.replaceAll("-", ""), Number(choice), Number(index)),
  );

/** The id, or its hash where it is longer than OpenAI takes: of other providers some are, as in github.com/vercel/ai/issues/5171. */
export const shortCallId = (id: string): string => (id.length > LONGEST ? digestOf(id, LONGEST) : id);

const LONGEST = 40;

/** In place of an id that a vendor does not take: the same for the same, so that results find their calls. */
export const digestOf = (id: string, length: number): string =>
  new Bun.CryptoHasher("sha256").update(id).digest("hex").slice(0, length);

const PREFIX = "call_";

/** Of an answer whose id is empty. */
const NAMELESS = /^call__(\d+)_(\d+)$/;
