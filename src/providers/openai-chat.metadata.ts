/** What Gemini says of an answer beside its words: loose clients find it on the choice, by Gemini's names. */
import type { BlockStart } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isString } from "../schema/json.ts";

type Opaque = Pick<Extract<BlockStart, { readonly kind: "opaque" }>, "dialect" | "value">;

/** Fields of a `Candidate` (ai.google.dev/api/generate-content). */
const FIELDS: ReadonlySet<string> = new Set(["groundingMetadata", "urlContextMetadata", "safetyRatings"]);

/** The choice's fields that hold it; undefined for anything else. */
export const choiceMetadata = ({ dialect, value }: Opaque): JsonObject | undefined => {
  const { type } = value;
  if (dialect !== "gemini" || !isString(type) || !FIELDS.has(type)) return undefined;
  const said = value[type];
  return said === undefined ? undefined : { [type]: said };
};

/** Whether a loose client gets the block: as it is, as a content block of Anthropic's, or on the choice. */
export const isShown = (block: Opaque): boolean =>
  block.dialect === "openai-chat" ||
  block.dialect === "anthropic-messages" ||
  choiceMetadata(block) !== undefined;
