/**
 * Text completions through Bedrock's InvokeModel: a prompt in the words of the model's vendor, which is sent as it
 * is, without a chat's template (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html).
 */
import { table } from "../lib/table.ts";
import type { Finish } from "../schema/chat.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isNumber, isObject, isString } from "../schema/json.ts";
import { chunkJson, chunkText } from "./bedrock-chunk.ts";
import { isFailure, readStreamError } from "./bedrock-converse.errors.ts";
import { countsInHeaders, countsInMetrics, METRICS } from "./bedrock-counts.ts";
import { names } from "./body-fields.ts";
import type { Codec, CodecReply } from "./codec.ts";
import type { Piece } from "./completion-text.ts";
import { completionOf, isOpenaiField, unsaidFields } from "./completion-text.ts";
import type { Written } from "./dialect.ts";
import type { TextFrames } from "./text-stream.ts";
import { textStream } from "./text-stream.ts";

/** What is one vendor's own. */
export interface TextFamily {
  /** The body for a prompt. */
  write(body: JsonObject, provider: string): Written<JsonObject>;
  /** The texts in a reply; undefined when it is none. */
  texts(reply: JsonObject): readonly Piece[] | undefined;
  /** The same of a chunk of a stream; absent where the models are not streamed. */
  chunk?(chunk: JsonObject): readonly Piece[] | undefined;
  /** Tokens read and written, where the reply counts them itself. */
  counts?(reply: JsonObject): readonly [JsonValue | undefined, JsonValue | undefined];
  /** Words for why the text ended. */
  readonly finishes: ReadonlyMap<string, Finish>;
}

export const bedrockCompletions = (family: TextFamily): Codec => ({
  ...wholeCompletions(family),
  ...(family.chunk === undefined ? {} : { readStream: (context) => textStream(framesOf(family), context) }),
});

const wholeCompletions = (family: TextFamily): Pick<Codec, "write" | "read"> => ({
  write: (body, { provider }) => family.write(body, provider),
  read({ json, headers }, context) {
    const pieces = json === undefined ? undefined : family.texts(json);
    if (json === undefined || pieces === undefined || pieces.length === 0)
      throw new MalformedReply("The reply has no text", json);
    const counts = family.counts?.(json) ?? [];
    const choices = pieces.map(({ text, reason }) => ({ text, finish: finishOf(family, json, reason) }));
    return completionOf(choices, usageOf(...counts) ?? counted(headers), context);
  },
});

/** The last chunk has the service's own counts. */
const framesOf = (family: TextFamily): TextFrames => ({
  hear(message) {
    if (isFailure(message.event ?? "")) return { fault: readStreamError(message) };
    const text = chunkText(message);
    if (text === undefined) return {};
    const chunk = chunkJson(text);
    const metrics = chunk[METRICS];
    const pieces = family.chunk?.(chunk)?.map(({ choice = 0, text: said, reason }) => ({
      choice,
      text: said,
      finish: isString(reason) ? finishOf(family, chunk, reason) : undefined,
    }));
    return { pieces, usage: countsInMetrics(metrics), isLast: isObject(metrics) };
  },
});

/**
 * A guardrail that stepped in is told beside the vendor's own fields
 * (docs.aws.amazon.com/bedrock/latest/userguide/guardrails-use-invoke-api.html).
 */
const finishOf = (family: TextFamily, reply: JsonObject, reason: JsonValue | undefined): Finish => {
  if (reply["amazon-bedrock-guardrailAction"] === "INTERVENED") return "content-filter";
  return (isString(reason) ? family.finishes.get(reason) : undefined) ?? "unknown";
};

/** Said in the URL or by every family; a stream is asked for by the URL too. */
const SAID = names("model prompt stream");

/** Of the fields that are left: OpenAI's that ask for something, and those of nobody's. */
export const unsaid = (rest: JsonObject): readonly string[] => {
  const own = Object.keys(rest).filter((name) => !SAID.has(name) && !isOpenaiField(name));
  return [...unsaidFields(rest, SAID), ...own];
};

/** One stop sequence may be said alone. */
export const listed = (stop: JsonValue | undefined): JsonValue | undefined =>
  isString(stop) ? [stop] : stop;

/** Most vendors' words are OpenAI's. */
export const OPENAI_FINISHES = table<Finish>({ stop: "stop", length: "length" });

const usageOf = (input?: JsonValue, output?: JsonValue): JsonObject | undefined =>
  isNumber(input) && isNumber(output)
    ? { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
    : undefined;

/** Where the body has no counts, the service tells them. */
const counted = (headers: CodecReply["headers"]): JsonObject | undefined => {
  const usage = countsInHeaders(headers);
  return usage === undefined ? undefined : usageOf(usage.input, usage.output);
};
