/**
 * Anthropic's body as Bedrock's InvokeModel takes it.
 *
 * The model and the wish for a stream are in the URL, Anthropic's headers in the body
 * (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html;
 * `client.mjs` of @anthropic-ai/bedrock-sdk 1.1.3). What is a field of Converse is a header of InvokeModel
 * (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html).
 */
import { defined } from "../lib/defined.ts";
import type { JsonEdit } from "../lib/json-splice.ts";
import { table } from "../lib/table.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { writeTier } from "./bedrock-converse.request.ts";
import { takenBetas } from "./claude.betas.ts";
import type { Note, RequestTarget } from "./dialect.ts";
import type { Envelope, Enveloped } from "./envelope.ts";

export const bedrockInvoke: Envelope = (body, target, client) => {
  const moving: Moving = { headers: {}, fields: {}, notes: [] };
  for (const [field, move] of MOVES) if (body[field] != null) move(body[field], { ...moving, field, body });
  return enveloped(body, {
    ...moving,
    fields: { ...ownFields(body, target, client, moving.notes), ...moving.fields },
  });
};

/**
 * Not the header's: 2026-10-21 refuses more and answers the same (platform.claude.com/docs/en/api/versioning),
 * and models before Claude 4.7 refuse it here (…/build-with-claude/claude-on-amazon-bedrock-legacy).
 */
const VERSION = "bedrock-2023-05-31";

/** What is a header of Anthropic's own API. */
const ownFields = (
  body: JsonObject,
  { option }: RequestTarget,
  client: JsonObject,
  notes: Note[],
): JsonObject => ({
  anthropic_version: body["anthropic_version"] ?? VERSION,
  anthropic_beta: takenBetas(
    "bedrock",
    [
      client["anthropic_beta"],
      option("anthropic_beta"),
      eagerTools(body).length > 0 ? EAGER_BETA : undefined,
    ],
    notes,
  ),
  user_profile_id: body["user_profile_id"] ?? option("anthropic_user_profile_id"),
});

const EAGER = "eager_input_streaming";
/** What tools say of it elsewhere is a beta here: github.com/BerriAI/litellm-docs/pull/1550 */
const EAGER_BETA = "fine-grained-tool-streaming-2025-05-14";

/** Indexes of the tools that say it: "Extra inputs are not permitted" (github.com/anthropics/claude-code/issues/32820). */
const eagerTools = (
  { tools }: JsonObject,
  isSaid = (said: unknown): boolean => said === true,
): readonly number[] =>
  isArray(tools)
    ? tools.flatMap((tool, index) => (isObject(tool) && isSaid(tool[EAGER]) ? [index] : []))
    : [];

/** What has been found to move so far. */
interface Moving {
  readonly headers: Record<string, string>;
  readonly fields: Record<string, JsonValue | undefined>;
  readonly notes: Note[];
}

interface Place extends Moving {
  /** The field that moves, as the client spells it. */
  readonly field: string;
  readonly body: JsonObject;
}

type Move = (value: JsonValue | undefined, place: Place) => void;

const enveloped = (body: JsonObject, { headers, fields, notes }: Moving): Enveloped => {
  const unsaid = Object.keys(fields).filter((field) => fields[field] === undefined);
  const gone = ["model", "stream", ...MOVES.keys(), ...unsaid].filter((field) => body[field] !== undefined);
  const eager = eagerTools(body, (said) => said !== undefined);
  const said = Object.entries(defined(fields)).filter(([field, value]) => value !== body[field]);
  return {
    edits: [
      ...gone.map((field): JsonEdit => ({ op: "remove", path: [field] })),
      ...eager.map((index): JsonEdit => ({ op: "remove", path: ["tools", index, EAGER] })),
      ...said.map(([field, value]): JsonEdit => ({ op: "set", path: [field], value })),
    ],
    headers,
    notes,
  };
};

const toHeader = (name: string, value: string, path: string, { headers }: Moving): void => {
  if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value))
    throw invalidRequest(path, "must be printable ASCII: it goes into a header");
  headers[name] = value;
};

/** The members of an object, each by a move of its own; what has none is noted. */
const members =
  (moves: ReadonlyMap<string, Move>): Move =>
  (value, place) => {
    if (!isObject(value)) return void place.notes.push(place.field);
    for (const [member, said] of Object.entries(value)) {
      const field = `${place.field}.${member}`;
      const move = moves.get(member);
      if (move !== undefined && isString(said)) move(said, { ...place, field });
      else if (said != null) place.notes.push(field);
    }
  };

const header =
  (name: string, spelled = (value: string): string => value): Move =>
  (value, place) =>
    isString(value) ? toHeader(name, spelled(value), place.field, place) : void place.notes.push(place.field);

const GUARDRAIL = "amazon-bedrock-guardrailConfig";
const MODES = table({ sync: "SYNCHRONOUS", async: "ASYNCHRONOUS" });

/** userguide/guardrails-streaming.html: of streams only, and a field of the body. */
const streamMode: Move = (value, { field, fields, notes, body }) => {
  const streamProcessingMode = isString(value) ? MODES.get(value) : undefined;
  if (streamProcessingMode === undefined || body["stream"] !== true) return void notes.push(field);
  const own = body[GUARDRAIL];
  fields[GUARDRAIL] = { ...(isObject(own) ? own : {}), streamProcessingMode };
};

/** Text in a header is ASCII; JSON can say every character in it. */
const metadata: Move = (value, place) => {
  if (!isObject(value)) return void place.notes.push(place.field);
  const text = JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  toHeader("x-amzn-bedrock-request-metadata", text, place.field, place);
};

/** Anthropic's words for a tier, and Bedrock's own. */
const tier: Move = (value, place) => {
  const written = isString(value) ? writeTier(value, place.notes)?.["type"] : undefined;
  if (isString(written)) toHeader("x-amzn-bedrock-service-tier", written, place.field, place);
};

const guardrail = members(
  table<Move>({
    guardrailIdentifier: header("x-amzn-bedrock-guardrailidentifier"),
    guardrailVersion: header("x-amzn-bedrock-guardrailversion"),
    trace: header("x-amzn-bedrock-trace", (word) => word.toUpperCase()),
    streamProcessingMode: streamMode,
  }),
);
const performance = members(table<Move>({ latency: header("x-amzn-bedrock-performanceconfig-latency") }));

/** Fields that leave the body, in Converse's spelling and with underscores. */
const MOVES: ReadonlyMap<string, Move> = table<Move>({
  guardrailConfig: guardrail,
  guardrail_config: guardrail,
  performanceConfig: performance,
  performance_config: performance,
  requestMetadata: metadata,
  request_metadata: metadata,
  serviceTier: members(table<Move>({ type: header("x-amzn-bedrock-service-tier") })),
  service_tier: tier,
});
