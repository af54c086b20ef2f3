/**
 * What proves reasoning to its maker, inside `encrypted_content`.
 *
 * Clients of this API give reasoning items back as they came. Another provider's proof travels in the
 * field with a prefix that says whose it is, so that it comes back to where it is understood, and
 * OpenAI's own encrypted reasoning is never taken for it.
 */
import { ID } from "./openai-responses.words.ts";

/** `signature`: of the item's own text. `redacted`: in place of text. `call`: of the tool call that follows. */
export type ProofKind = "signature" | "redacted" | "call";

export interface Proof {
  readonly kind: ProofKind;
  readonly value: string;
}

/** A proof as `encrypted_content`; what came from an upstream of this API goes back as it was. */
export const writeProof = ({ kind, value }: Proof, provider: string): string =>
  encryptedOf(value) ?? `${PREFIX}${provider}:${kind}:${value}`;

/** Another provider's proof; undefined for what a server of this API encrypted itself. */
export const readProof = (encrypted: string): Proof | undefined => {
  const [, kind, value] = PROOF.exec(encrypted) ?? [];
  if (value === undefined) return undefined;
  return kind === "signature" || kind === "redacted" || kind === "call" ? { kind, value } : undefined;
};

/** `encrypted_content` of an upstream of this API as a canonical signature. */
export const signatureOf = (encrypted: string): string => OWN + encrypted;

/**
 * The same with the provider's name: several speak this API, and none reads what another has encrypted ("was not issued
 * to this caller", github.com/anomalyco/opencode/issues/48864).
 */
export const ownedSignature = (signature: string, provider: string): string => {
  const encrypted = encryptedOf(signature);
  return encrypted === undefined ? signature : `${OWN}@${provider}:${encrypted}`;
};

/** The way back; undefined for a signature of another dialect, or of another than the named provider. */
export const encryptedOf = (signature: string, provider?: string): string | undefined => {
  if (!signature.startsWith(OWN)) return undefined;
  const said = signature.slice(OWN.length);
  const [, owner, encrypted] = OWNED.exec(said) ?? [];
  if (encrypted === undefined) return said;
  return provider === undefined || owner === provider ? encrypted : undefined;
};

const OWN = `${ID}:`;
const OWNED = /^@([^:]*):([^]*)$/;
const PREFIX = "turnpike:v1:";
const PROOF = /^turnpike:v1:[^:]*:([a-z]+):([^]*)$/;
