/**
 * Items of answers that we gave, for a server of this API that has never seen them.
 *
 * Such a server looks up what has an id, and cannot read another provider's proofs.
 */
import { present } from "../lib/defined.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { responseOfItem } from "../schema/response-id.ts";
import type { Note, Written } from "./dialect.ts";
import { readProof } from "./openai-responses.proofs.ts";
import { summaryOf, summaryText } from "./openai-responses.summary.ts";

export const writeStrangers = (input: JsonValue | undefined): Written<JsonValue | undefined> => {
  if (!isArray(input)) return { body: input, notes: [] };
  const notes: Note[] = [];
  const items = input.map((item, at) => (isObject(item) ? writeStranger(item, `input.${at}`, notes) : item));
  return { body: present(items), notes };
};

/** Whether there is anything of ours in an input. */
export const holdsStrangers = (input: JsonValue | undefined): boolean =>
  isArray(input) && input.some((item) => isObject(item) && isStranger(item));

const isStranger = (item: JsonObject): boolean =>
  isNamedByUs(item) || isProof(item) || summaryOf(item) !== undefined;

const writeStranger = (item: JsonObject, path: string, notes: Note[]): JsonObject | undefined => {
  if (!isStranger(item)) return item;
  const summary = summaryOf(item);
  if (summary !== undefined) return { type: "message", role: "user", content: summaryText(summary) };
  const { id: _, ...rest } = item;
  if (item["type"] !== "reasoning") return rest;
  notes.push(`${path} (reasoning)`);
  return undefined;
};

const isNamedByUs = ({ id }: JsonObject): boolean => isString(id) && responseOfItem(id) !== undefined;

const isProof = ({ type, encrypted_content: encrypted }: JsonObject): boolean =>
  type === "reasoning" && isString(encrypted) && readProof(encrypted) !== undefined;
