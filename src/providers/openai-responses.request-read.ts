/**
 * A Responses request read into canonical: everything but the items and the tools.
 *
 * Fields: `ResponseCreateParamsBase` of the OpenAI SDK 7.57.
 */
import { defined } from "../lib/defined.ts";
import type { Chat, Message, Native, Reasoning, ResponseFormat } from "../schema/chat.ts";
import { GatewayError, invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";
import {
  arrayField,
  booleanField,
  names,
  nativeRest,
  numberField,
  objectField,
  stringField,
} from "./body-fields.ts";
import { readSchema } from "./openai-chat.format.ts";
import { readInput } from "./openai-responses.items-read.ts";
import { readTools, readToolChoice } from "./openai-responses.tools.ts";
import { ID } from "./openai-responses.words.ts";

export const readRequest = (request: JsonObject): Chat => {
  const body = updated(request);
  checkState(body);
  const logprobs = includes(body, LOGPROBS) ? true : undefined;
  return {
    model: stringField(body, "model") ?? "",
    messages: [...readInstructions(body), ...readInput(body["input"])],
    stream: booleanField(body, "stream") ?? false,
    includeUsage: true, // streams of this dialect always carry usage
    ...defined({
      tools: readTools(body),
      toolChoice: readToolChoice(body),
      parallelToolCalls: booleanField(body, "parallel_tool_calls"),
      maxTokens: numberField(body, "max_output_tokens"),
      temperature: numberField(body, "temperature"),
      topP: numberField(body, "top_p"),
      logprobs,
      topLogprobs: logprobs && numberField(body, "top_logprobs"),
      format: readFormat(body),
      reasoning: readReasoning(body),
      user: stringField(body, "user") ?? stringField(body, "safety_identifier"),
      serviceTier: stringField(body, "service_tier"),
      native: readNative(body),
    }),
  };
};

/** What the items change of the effort and the format, which holds until they change it again. */
const updated = (request: JsonObject): JsonObject => {
  const { input } = request;
  const updates = (isArray(input) ? input : []).filter(isUpdate);
  return updates.reduce<JsonObject>(
    (body, update) => ({ ...body, ...merged(body, update, "reasoning"), ...merged(body, update, "text") }),
    request,
  );
};

const isUpdate = (item: JsonValue): item is JsonObject =>
  isObject(item) && item["type"] === "configuration_update";

const merged = (body: JsonObject, update: JsonObject, name: string): JsonObject => {
  const [before, after] = [body[name], update[name]];
  return isObject(after) ? { [name]: { ...(isObject(before) ? before : {}), ...after } } : {};
};

/** Request fields that have a canonical word, say something of the answer's shape, or go without loss. */
const KNOWN: ReadonlySet<string> = names(
  "model input instructions tools tool_choice parallel_tool_calls",
  "max_output_tokens temperature top_p top_logprobs include text reasoning",
  "stream stream_options user safety_identifier service_tier metadata",
  "previous_response_id store background conversation truncation",
);

const LOGPROBS = "message.output_text.logprobs";

/** What answers hold anyway, where the provider has it. */
const INCLUDED: ReadonlySet<JsonValue> = new Set(["reasoning.encrypted_content", LOGPROBS]);

/** A summary is all that is ever shown of reasoning. */
const REASONING_FIELDS = names("effort summary generate_summary");
const TEXT_FIELDS = names("format");

const readInstructions = (body: JsonObject): readonly Message[] => {
  const text = stringField(body, "instructions") ?? "";
  return text === "" ? [] : [{ role: "system", blocks: [{ kind: "text", text }] }];
};

const includes = (body: JsonObject, what: string): boolean =>
  (arrayField(body, "include") ?? []).some((included) => included === what);

const formatOf = (body: JsonObject): JsonObject | undefined =>
  objectField(objectField(body, "text") ?? {}, "format", "text");

const readFormat = (body: JsonObject): ResponseFormat | undefined => {
  const format = formatOf(body);
  switch (format?.["type"]) {
    case "text":
      return { kind: "text" };
    case "json_object":
      return { kind: "json" };
    case "json_schema":
      return readSchema(format, "text.format");
    default:
      return undefined;
  }
};

const readReasoning = (body: JsonObject): Reasoning | undefined => {
  const effort = stringField(objectField(body, "reasoning") ?? {}, "effort", "reasoning");
  return effort === undefined ? undefined : { effort };
};

/**
 * A response that is kept here has been put in front of the input before; any other is unknown, which the
 * API says in these words (github.com/router-for-me/CLIProxyAPI/issues/2954 shows its answer).
 */
const checkState = (body: JsonObject): void => {
  booleanField(body, "store");
  const previous = stringField(body, "previous_response_id");
  if (body["conversation"] != null)
    throw invalidRequest(
      "conversation",
      "conversations are not kept for this provider: go on with previous_response_id, or send the whole conversation in input",
    );
  if (previous !== undefined)
    throw new GatewayError(
      "previous_response_not_found",
      `Previous response with id '${previous}' not found.`,
      { param: "previous_response_id" },
    );
};

/** What canonical takes no part of. The answer is kept, or not, by whoever gives it. */
const readNative = (body: JsonObject): Native | undefined => {
  const fields = defined({
    ...rest(body, KNOWN),
    safety_identifier: body["user"] == null ? undefined : (body["safety_identifier"] ?? undefined),
    top_logprobs: includes(body, LOGPROBS) ? undefined : (body["top_logprobs"] ?? undefined),
    background: body["background"] === true ? true : undefined,
    truncation: body["truncation"] === "auto" ? "auto" : undefined,
    include: leftIncludes(body),
    text: rest(objectField(body, "text"), TEXT_FIELDS),
    reasoning: rest(objectField(body, "reasoning"), REASONING_FIELDS),
    tool_choice: readToolChoice(body) === undefined ? (body["tool_choice"] ?? undefined) : undefined,
  });
  return Object.keys(fields).length === 0 ? undefined : { dialect: ID, fields };
};

const leftIncludes = (body: JsonObject): JsonValue | undefined => {
  const included = body["include"];
  const left = isArray(included) ? included.filter((each) => !INCLUDED.has(each)) : [];
  return left.length === 0 ? undefined : left;
};

const rest = (value: JsonValue | undefined, known: ReadonlySet<string>): JsonObject | undefined => {
  if (!isObject(value)) return undefined;
  const stated = Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
  return nativeRest(ID, stated, known)?.fields;
};
