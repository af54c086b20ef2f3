/** What is said to a client when Gemini gives a reason and no answer, and the way back to the reason. */

export const blockedPrompt = (why: string): string => BLOCKED + why;
export const stoppedAnswer = (why: string): string => STOPPED + why;

/** The reason in a text of ours; `undefined` when a model refused in words of its own. */
export const whyBlocked = (text: string): string | undefined => after(BLOCKED, text);
export const whyStopped = (text: string): string | undefined => after(STOPPED, text);

const BLOCKED = "The prompt was blocked: ";
const STOPPED = "The answer was stopped: ";

const after = (start: string, text: string): string | undefined =>
  text.startsWith(start) ? text.slice(start.length) : undefined;
