/**
 * What a compatible provider spells differently, as edits of a body.
 *
 * The same edits are applied to the client's bytes (same dialect) and to a body we wrote ourselves.
 */
import type { JsonEdit } from "../lib/json-splice.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import type { Quirks } from "../schema/provider-row.ts";
import { scopeEdits } from "./cache-quirks.ts";
import { nearestEffort } from "./efforts.ts";
import { asksFor } from "./idle-values.ts";
import { partEdits } from "./part-quirks.ts";
import { bridgeEdits, callIdEdits, turnsAfterTools } from "./turn-quirks.ts";

export interface QuirkEdits {
  readonly edits: readonly JsonEdit[];
  readonly notes: readonly string[];
}

const NONE: QuirkEdits = Object.freeze({ edits: [], notes: [] });

export const quirkEdits = (quirks: Quirks | undefined, body: JsonObject): QuirkEdits => {
  if (quirks === undefined || saysNothing(quirks, body)) return NONE;
  const refused = (quirks.refuses ?? []).filter((field) => body[field] !== undefined);
  const messages = messageEdits(quirks, body);
  const effort = effortEdits(quirks, body);
  const capped = capEdits(quirks, body);
  const bridged = quirks.answersTools === true ? turnsAfterTools(body["messages"]) : [];
  const edits = [
    ...[...refused, ...(quirks.removes ?? [])]
      .filter((field) => body[field] !== undefined)
      .map((field): JsonEdit => ({ op: "remove", path: [field] })),
    ...Object.entries(quirks.sets ?? {}).flatMap(([field, value]): JsonEdit[] =>
      body[field] === undefined ? [{ op: "set", path: [field], value }] : [],
    ),
    ...valueEdits(quirks, body),
    ...modelEdits(quirks, body),
    ...renames(quirks, body),
    ...(quirks.developerAsSystem === true ? developerEdits(body) : []),
    ...messages.edits,
    ...effort.edits,
    ...capped.edits,
    ...callIdEdits(quirks.callIdLength, body["messages"]),
    ...(quirks.mistralParts === true ? partEdits(body["messages"]) : []),
    ...(quirks.removesScopes === true ? scopeEdits(body) : []),
    ...bridgeEdits(bridged), // last: indexes move
  ];
  if (edits.length === 0) return NONE;
  const missing = refused.filter((field) => asksFor(field, body[field]));
  const added = bridged.map((at) => `messages.${at} (an assistant's turn is put before it)`);
  const notes = [...missing, ...messages.notes, ...effort.notes, ...capped.notes, ...added];
  return { edits, notes };
};

/** Most bodies hold nothing of it, which is found out once for a row and in one pass for a body. */
const saysNothing = (quirks: Quirks, body: JsonObject): boolean => {
  let watched = watchedFields.get(quirks);
  if (watched === undefined) {
    watched = fieldsWatched(quirks);
    watchedFields.set(quirks, watched);
  }
  if (watched === "everything") return false;
  for (const field in body) if (watched.has(field)) return false;
  return true;
};

const watchedFields = new WeakMap<Quirks, ReadonlySet<string> | "everything">();

/** The fields without which no edit is due; "everything" where one may be due whatever the body says. */
const fieldsWatched = (quirks: Quirks): ReadonlySet<string> | "everything" => {
  const { refuses = [], removes = [], values = {}, rename = {}, atMost = {}, efforts } = quirks;
  const looksDeeper =
    quirks.sets !== undefined ||
    quirks.splitsModelAt !== undefined ||
    quirks.refusesInMessages !== undefined ||
    quirks.callIdLength !== undefined ||
    quirks.answersTools === true ||
    quirks.mistralParts === true ||
    quirks.removesScopes === true ||
    quirks.developerAsSystem === true;
  return looksDeeper
    ? "everything"
    : new Set([
        ...refuses,
        ...removes,
        ...Object.keys(values),
        ...Object.keys(rename),
        ...Object.keys(atMost),
        ...(efforts === undefined ? [] : [EFFORT]),
      ]);
};

/** What is empty says nothing, and is left out without a word. */
const messageEdits = ({ refusesInMessages: refused = [] }: Quirks, { messages }: JsonObject): QuirkEdits => {
  if (refused.length === 0 || !isArray(messages)) return NONE;
  const found = messages.flatMap((message, index) =>
    isObject(message)
      ? refused
          .filter((field) => message[field] !== undefined)
          .map((field) => ({ index, field, isAsked: asksFor(field, message[field]) }))
      : [],
  );
  return {
    edits: found.map(({ index, field }): JsonEdit => ({ op: "remove", path: ["messages", index, field] })),
    notes: found.filter(({ isAsked }) => isAsked).map(({ index, field }) => `messages.${index}.${field}`),
  };
};

const effortEdits = ({ efforts = [] }: Quirks, body: JsonObject): QuirkEdits => {
  const nearest = nearestEffort(efforts, body);
  if (nearest === undefined) return NONE;
  return {
    edits: [{ op: "set", path: [EFFORT], value: nearest }],
    notes: [`${EFFORT} (${nearest})`],
  };
};

const capEdits = ({ atMost = {} }: Quirks, body: JsonObject): QuirkEdits => {
  const above = Object.entries(atMost).filter(([field, most]) => {
    const value = body[field];
    return isNumber(value) && value > most;
  });
  return {
    edits: above.map(([field, value]): JsonEdit => ({ op: "set", path: [field], value })),
    notes: above.map(([field, most]) => `${field} (clamped to ${most})`),
  };
};

const EFFORT = "reasoning_effort";

/** The vendor's spelling gives way when the client sent both: the client meant the newer field. */
const renames = (quirks: Quirks, body: JsonObject): readonly JsonEdit[] =>
  Object.entries(quirks.rename ?? {}).flatMap(([from, to]): JsonEdit[] => {
    if (body[from] === undefined) return [];
    const rename: JsonEdit = { op: "rename", path: [from], to };
    return body[to] === undefined ? [rename] : [{ op: "remove", path: [to] }, rename];
  });

const valueEdits = (quirks: Quirks, body: JsonObject): readonly JsonEdit[] =>
  Object.entries(quirks.values ?? {}).flatMap(([field, spellings]): JsonEdit[] => {
    const value = body[field];
    if (!isString(value) || !Object.hasOwn(spellings, value)) return [];
    return [{ op: "set", path: [field], value: spellings[value] }];
  });

const modelEdits = ({ splitsModelAt: mark }: Quirks, { model }: JsonObject): readonly JsonEdit[] => {
  if (mark === undefined || !isString(model)) return [];
  const at = model.indexOf(mark);
  return [{ op: "set", path: ["model"], value: at === -1 ? "" : model.slice(at + mark.length) }];
};

const developerEdits = (body: JsonObject): readonly JsonEdit[] => {
  const messages = body["messages"];
  if (!isArray(messages)) return [];
  return messages.flatMap((message, index): JsonEdit[] =>
    isObject(message) && message["role"] === "developer"
      ? [{ op: "set", path: ["messages", index, "role"], value: "system" }]
      : [],
  );
};
