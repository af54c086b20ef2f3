/** The envelopes, by the name a row gives them. */
import type { Envelope } from "./envelope.ts";
import { bedrockInvoke } from "./envelope.bedrock-invoke.ts";

const ENVELOPES: ReadonlyMap<string, Envelope> = new Map([["bedrock-invoke", bedrockInvoke]]);

export const envelopeOf = (id: string): Envelope => {
  const envelope = ENVELOPES.get(id);
  if (envelope === undefined) throw new Error(`There is no envelope ${id}`); // a row that no test has seen
  return envelope;
};
