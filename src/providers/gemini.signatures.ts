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

/** What another model wants back unchanged: the proof of its thoughts, or thoughts that it keeps to itself. */
export type ForeignKind = "signature" | "redacted";

/** Clients of this API take a signature for bytes and may spell its base64 anew, so a foreign one goes as bytes. */
export const wrapForeign = (kind: ForeignKind, value: string): string =>
  Buffer.from(`${FOREIGN[kind]}${value}`, "utf8").toString("base64");

/** The way back, from either alphabet of base64; `undefined` for a signature of Gemini's own. */
export const unwrapForeign = (
  signature: string,
): { readonly kind: ForeignKind; readonly value: string } | undefined => {
  const text = Buffer.from(signature, "base64").toString("utf8");
  for (const kind of KINDS)
    if (text.startsWith(FOREIGN[kind])) return { kind, value: text.slice(FOREIGN[kind].length) };
  return undefined;
};

const FOREIGN: Readonly<Record<ForeignKind, string>> = Object.freeze({
  signature: "turnpike:signature:",
  redacted: "turnpike:redacted:",
});

const KINDS: readonly ForeignKind[] = ["signature", "redacted"];
