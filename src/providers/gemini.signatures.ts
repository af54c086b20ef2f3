/**
 * Signatures of Gemini's thoughts, told from those of other models.
 *
 * A signature travels to the client on a reasoning block and comes back with the history, which may by
 * then go to another model. Gemini refuses a signature that is not its own, so ours say whose they are.
 */

const MARK = "gemini:";

export const markedSignature = (signature: string): string => MARK + signature;

/** The signature as Gemini made it; `undefined` for one of another model. */
export const bareSignature = (signature: string | undefined): string | undefined =>
  signature?.startsWith(MARK) === true ? signature.slice(MARK.length) : undefined;
