/**
 * What a compatible provider spells differently, as edits of a body.
 *
 * The same edits are applied to the client's bytes (same dialect) and to a body we wrote ourselves.
 */
import type { JsonEdit } from "../lib/json-splice.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import type { Quirks } from "../schema/provider-row.ts";
import { names } from "./body-fields.ts";
import { cacheMarkEdits } from "./cache-mark-quirks.ts";
import { contentEdits } from "./content-quirks.ts";
import { nearestEffort } from "./efforts.ts";
import { formatEdits } from "./format-quirks.ts";
import { asksFor } from "./idle-values.ts";
import { schemaEdits } from "./kimi-schema.ts";
import { partEdits } from "./part-quirks.ts";
import { forcedChoiceEdits, reminderEdits, wholeAnswerEdits } from "./thinking-quirks.ts";
import { toolChoiceEdits } from "./tool-choice-quirks.ts";
import {
  callIdEdits,
  demotedEdits,
  movingEdits,
  oneByOneEdits,
  prefillEdits,
  turnEdits,
  userEdits,
} from "./turn-quirks.ts";
import { patternOf } from "./patterns.ts";

export interface QuirkEdits {
  readonly edits: readonly JsonEdit[];
  readonly notes: readonly string[];
}

const NONE: QuirkEdits = Object.freeze({ edits: [], notes: [] });

export const quirkEdits = (quirks: Quirks | undefined, body: JsonObject): QuirkEdits => {
  if (quirks === undefined || saysNothing(quirks, body)) return NONE;
  const edits: JsonEdit[] = [];
  const notes: string[] = [];
  for (const step of stepsOf(quirks)) {
    const found = step(quirks, body, edits);
    if (found === undefined) continue;
    edits.push(...found.edits);
    notes.push(...found.notes);
  }
  return edits.length === 0 ? NONE : { edits, notes };
};

/** One thing that vendors spell differently; `earlier` are the edits of the steps before. */
type Step = (quirks: Quirks, body: JsonObject, earlier: readonly JsonEdit[]) => QuirkEdits | undefined;

/** What nobody needs to be told. */
const quiet =
  (edits: (quirks: Quirks, body: JsonObject) => readonly JsonEdit[]): Step =>
  (quirks, body) => {
    const found = edits(quirks, body);
    return found.length === 0 ? undefined : { edits: found, notes: [] };
  };

/** Most rows have a few quirks: which steps these take is found out once. */
const stepsOf = (quirks: Quirks): readonly Step[] => {
  const known = ownSteps.get(quirks);
  if (known !== undefined) return known;
  const steps = STEPS.flatMap(([names, step]) => (names.some((name) => Boolean(quirks[name])) ? [step] : []));
  ownSteps.set(quirks, steps);
  return steps;
};

const ownSteps = new WeakMap<Quirks, readonly Step[]>();

/**
 * By the quirks that they are about, in the order of their edits. All places are those of the body as it came, so what
 * moves messages stands last.
 */
const STEPS: readonly (readonly [readonly (keyof Quirks)[], Step])[] = [
  [["refuses", "refusesBesideTools", "refusesEmptyLists"], (quirks, body) => refusedFields(quirks, body)],
  [["removes"], quiet((quirks, body) => removedFields(quirks, body))],
  [["sets"], quiet((quirks, body) => missingFields(quirks, body))],
  [["values"], quiet((quirks, body) => valueEdits(quirks, body))],
  [["splitsModelAt"], quiet((quirks, body) => modelEdits(quirks, body))],
  [["rename"], quiet((quirks, body) => renames(quirks, body))],
  [["limitNames"], quiet((quirks, body) => limitEdits(quirks, body))],
  [["developerAsSystem"], quiet((_, body) => developerEdits(body))],
  [["refusesInMessages"], (quirks, body) => messageEdits(quirks, body)],
  [["efforts"], (quirks, body) => effortEdits(quirks, body)],
  [["atMost"], (quirks, body) => capEdits(quirks, body)],
  [
    ["toolChoices", "thinking"],
    (quirks, body) => toolChoiceEdits(quirks, body) ?? forcedChoiceEdits(quirks, body),
  ],
  [["kimiSchemas"], schemaEdits],
  [["thinking"], quiet(wholeAnswerEdits)],
  [["streamsAbove"], quiet((quirks, body) => longAnswerEdits(quirks, body))],
  [["systemAsUser"], demotedEdits],
  [["plainCacheMarks"], quiet((_, body) => cacheMarkEdits(body))],
  [["callIdLength"], quiet((quirks, { messages }) => callIdEdits(quirks.callIdLength, messages))],
  [["mistralParts"], quiet((_, { messages }) => partEdits(messages))],
  [["textContent"], (quirks, { messages }) => contentEdits(quirks, messages)],
  [["reasoningField"], quiet(reminderEdits)],
  [["prefillField"], quiet((quirks, { messages }) => prefillEdits(quirks.prefillField, messages))],
  [["alternates"], quiet((_, { messages }) => turnEdits(messages))],
  [["callsOneByOne"], quiet((_, { messages }) => oneByOneEdits(messages))],
  [["needsUser"], (_, { messages }) => userEdits(messages)],
  [["answersTools", "refusesEmpty"], movingEdits],
  [["formats"], formatEdits],
];

const removedFields = ({ removes = [] }: Quirks, body: JsonObject): readonly JsonEdit[] =>
  removes.filter((field) => body[field] !== undefined).map(removed);

const removed = (field: string): JsonEdit => ({ op: "remove", path: [field] });

const refusedFields = (quirks: Quirks, body: JsonObject): QuirkEdits => {
  const listed = [
    ...(quirks.refuses ?? []),
    ...refusedBesideTools(quirks, body),
    ...emptyLists(quirks, body),
  ];
  const refused = listed.filter((field) => body[field] !== undefined);
  return { edits: refused.map(removed), notes: refused.filter((field) => asksFor(field, body[field])) };
};

const missingFields = ({ sets = {} }: Quirks, body: JsonObject): readonly JsonEdit[] =>
  Object.entries(sets).flatMap(([field, value]): JsonEdit[] =>
    body[field] === undefined ? [{ op: "set", path: [field], value }] : [],
  );

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
  const { refuses = [], removes = [], values = {}, rename = {}, atMost = {}, efforts, limitNames } = quirks;
  return Object.keys(quirks).some((name) => !SHALLOW.has(name))
    ? "everything"
    : new Set([
        ...refuses,
        ...removes,
        ...Object.keys(values),
        ...Object.keys(rename),
        ...Object.keys(atMost),
        ...(efforts === undefined ? [] : [EFFORT]),
        ...(limitNames === undefined ? [] : LIMITS),
      ]);
};

const emptyLists = ({ refusesEmptyLists: refused = [] }: Quirks, body: JsonObject): readonly string[] =>
  refused.filter((field) => {
    const list = body[field];
    return isArray(list) && list.length === 0;
  });

const refusedBesideTools = ({ refusesBesideTools: refused = [] }: Quirks, { tools }: JsonObject) =>
  isArray(tools) && tools.length > 0 ? refused : [];

/** Quirks that are about fields alone, or about other things than a body's edits. */
const SHALLOW: ReadonlySet<string> = names(
  "refuses removes values rename atMost efforts takesTopK plainLists reasoningField systemFirst limitNames",
);

/** What is empty says nothing, and is left out without a word. */
const messageEdits = ({ refusesInMessages: refused = [] }: Quirks, { messages }: JsonObject): QuirkEdits => {
  if (refused.length === 0 || !isArray(messages)) return NONE;
  const found = messages.flatMap((message, index) =>
    isObject(message)
      ? refused
          .filter((field) => message[field] !== undefined && !isToolsName(field, message))
          .map((field) => ({ index, field, isAsked: asksFor(field, message[field]) }))
      : [],
  );
  return {
    edits: found.map(({ index, field }): JsonEdit => ({ op: "remove", path: ["messages", index, field] })),
    notes: found.filter(({ isAsked }) => isAsked).map(({ index, field }) => `messages.${index}.${field}`),
  };
};

/** Vendors that know no names of participants take a tool's: `ToolMessage` of mistralai 2.7, console.groq.com/docs/tool-use. */
const isToolsName = (field: string, { role }: JsonObject): boolean => field === "name" && role === "tool";

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

const longAnswerEdits = ({ streamsAbove: most }: Quirks, body: JsonObject): readonly JsonEdit[] => {
  const tokens = body["max_completion_tokens"] ?? body["max_tokens"];
  if (most === undefined || body["stream"] === true || !isNumber(tokens) || tokens <= most) return [];
  return [{ op: "set", path: ["stream"], value: true }];
};

const EFFORT = "reasoning_effort";

/** The vendor's spelling gives way when the client sent both: the client meant the newer field. */
const renames = (quirks: Quirks, body: JsonObject): readonly JsonEdit[] =>
  Object.entries(quirks.rename ?? {}).flatMap(([from, to]): JsonEdit[] => {
    if (body[from] === undefined) return [];
    const rename: JsonEdit = { op: "rename", path: [from], to };
    return body[to] === undefined ? [rename] : [{ op: "remove", path: [to] }, rename];
  });

/** Who says both means the newer name. */
const limitEdits = ({ limitNames = [] }: Quirks, body: JsonObject): readonly JsonEdit[] => {
  const { model } = body;
  if (!isString(model)) return [];
  const to = limitNames.find(({ models }) => patternOf(models).test(model))?.name;
  const from = LIMITS.find((name) => name !== to);
  if (to === undefined || from === undefined || body[from] === undefined) return [];
  const rename: JsonEdit = { op: "rename", path: [from], to };
  if (body[to] === undefined) return [rename];
  const [newer] = LIMITS;
  return to === newer ? [{ op: "remove", path: [from] }] : [{ op: "remove", path: [to] }, rename];
};

const LIMITS = ["max_completion_tokens", "max_tokens"] as const;

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
