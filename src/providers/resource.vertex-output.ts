/** The output of a batch for Vertex AI: its makers' rows, one at a time, as the rows of OpenAI's. */
import type { Bytes } from "../lib/bytes.ts";
import type { HttpResponse } from "../lib/http.ts";
import type { Line } from "../lib/lines.ts";
import { linesOf } from "../lib/lines.ts";
import { streamOf } from "../lib/stream-of.ts";
import type { ClientDialectId } from "../schema/chat.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { named } from "./answer-name.ts";
import { codecOf } from "./codecs.ts";
import type { UpstreamDialect } from "./dialect.ts";
import { clientDialect, upstreamDialect } from "./dialects.ts";
import type { GcsObject } from "./gcs.ts";
import { gcsSend, headOf, keysBelow, objectOf } from "./gcs.ts";
import { objectOf as fieldsOf, textOf } from "./resource.fields.ts";
import type { ResourceAnswer, ResourceCall } from "./resource.ts";
import { UpstreamRefused } from "./resource.ts";
import { dialectOf, madeModel, ROW_ID } from "./resource.vertex-lines.ts";

const MAX_ROW_BYTES = 32 * 1024 * 1024;

export interface JobOutput {
  readonly folder: GcsObject;
  /** The file that was asked. */
  readonly input: string | undefined;
  readonly model: string;
}

export const rowsOf = async (call: ResourceCall, job: JobOutput): Promise<ResourceAnswer> => {
  const dialect = await askedIn(call, job.input);
  const first = await openOutput(call, job.folder);
  const writing: Writing = { call, dialect, model: madeModel(job.model).name };
  return { headers: { "content-type": "application/jsonl" }, body: streamOf(written(first, writing)) };
};

/** The file's own head knows which API its lines asked; whoever may not read it gets OpenAI's chat. */
const askedIn = async (call: ResourceCall, input: string | undefined): Promise<ClientDialectId> => {
  if (input === undefined) return "openai-chat";
  try {
    const head = await headOf(call, objectOf(call, input, "input_file_id"));
    return dialectOf(head.meta("endpoint") ?? "") ?? "openai-chat";
  } catch (error) {
    if (error instanceof UpstreamRefused) return "openai-chat"; // the file may be gone by now
    throw error;
  }
};

type Pieces = AsyncGenerator<ReadableStream<Bytes>>;

/** Mostly one file, of a known name; larger jobs have some that are numbered, and files of errors. */
const openOutput = async (call: ResourceCall, folder: GcsObject): Promise<Pieces> => {
  const path = folder.key.replace(/\/+$/, "");
  const file = (key: string): GcsObject => ({ bucket: folder.bucket, key });
  try {
    const whole = await gcsSend(call, file(`${path}/predictions.jsonl`));
    return bodies(call, [], whole);
  } catch (error) {
    if (!(error instanceof UpstreamRefused) || error.response.status !== 404) throw error;
    const keys = (await keysBelow(call, file(`${path}/`))).filter((key) => key.endsWith(".jsonl"));
    const [first, ...rest] = keys.map(file);
    if (first === undefined) throw error;
    return bodies(call, rest, await gcsSend(call, first));
  }
};

async function* bodies(call: ResourceCall, rest: readonly GcsObject[], first: HttpResponse): Pieces {
  if (first.body !== null) yield first.body;
  for (const object of rest) {
    const { body } = await gcsSend(call, object);
    if (body !== null) yield body;
  }
}

interface Writing {
  readonly call: ResourceCall;
  readonly dialect: ClientDialectId;
  readonly model: string;
}

async function* written(pieces: Pieces, writing: Writing): AsyncGenerator<Bytes> {
  const encoder = new TextEncoder();
  for await (const piece of pieces)
    for await (const line of linesOf(piece, MAX_ROW_BYTES))
      yield encoder.encode(`${JSON.stringify(writeRow(parsed(line), writing))}\n`);
}

/** A row that cannot be read ends the answer visibly: what follows it may be anything. */
const parsed = ({ number, text }: Line): JsonObject => {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new MalformedReply(`line ${number} of the output is no JSON object`);
  return value;
};

/** One row of the output, as OpenAI's. */
export const writeRow = (row: JsonObject, writing: Writing): JsonObject => {
  const id = idOf(row);
  const [status_code, body] = answerOf(row, id, writing);
  return {
    id: `batch_req_${id}`,
    custom_id: id,
    response: { status_code, request_id: id, body },
    error: null,
  };
};

/** Where the row's id was put, or where the vendor's own examples put one. */
const idOf = (row: JsonObject): string => {
  const places = [row[ROW_ID], row["custom_id"], fieldsOf(row["instance"])[ROW_ID], row["key"]];
  return places.find(isString) ?? "";
};

const answerOf = (row: JsonObject, id: string, writing: Writing): readonly [number, JsonObject] => {
  const { response, predictions } = row;
  try {
    if (isArray(predictions)) return [200, embedded(row, writing)];
    if (isObject(response) && Object.keys(response).length > 0) return [200, chatOf(response, id, writing)];
  } catch (error) {
    if (!(error instanceof MalformedReply)) throw error;
    return failed(502, error.message, writing);
  }
  const [status, message] = faultOf(row["status"] ?? row["error"]);
  return failed(status, message, writing);
};

const failed = (
  status: number,
  message: string,
  { call, dialect }: Writing,
): readonly [number, JsonObject] => {
  const fault = { status, message, type: null, param: null, code: null };
  return [status, clientDialect(dialect).writeError(fault, call.provider)];
};

/** A text like `Bad Request: {"error": …}`, or an object with a code. */
const faultOf = (status: JsonValue | undefined): readonly [number, string] => {
  if (isObject(status)) {
    const { code, message } = status;
    return [httpStatus(code), textOf(message) ?? "The row has no answer"];
  }
  const text = textOf(status);
  if (text === undefined) return [500, "The row has no answer"];
  const [, json] = /(\{.*\})\s*$/s.exec(text) ?? [];
  const error = fieldsOf(objectIn(json)["error"]);
  return [httpStatus(error["code"]), textOf(error["message"]) ?? text];
};

const objectIn = (text: string | undefined): JsonObject => {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
};

/** Codes of Google's that are no status of HTTP's are its own numbers, of which 3 is a bad argument. */
const httpStatus = (code: JsonValue | undefined): number => {
  if (!isNumber(code)) return 500;
  if (code >= 400 && code < 600) return code;
  return code === 3 ? 400 : 500;
};

const embedded = (row: JsonObject, { call, model }: Writing): JsonObject =>
  codecOf("vertex-embeddings").read(
    { contentType: "application/json", bytes: new Uint8Array(), json: row },
    { ...call, request: {}, model },
  );

/** The answer in the client's dialect; an answer of OpenAI's shape is unwrapped first. */
const chatOf = (response: JsonObject, id: string, { call, dialect, model }: Writing): JsonObject => {
  const answer = isObject(response["body"]) ? response["body"] : response;
  const upstream = speaker(answer);
  if (upstream === undefined || (upstream.id === "openai-chat" && dialect === "openai-chat")) return answer;
  const reply = named(upstream.readReply(answer), { id, model });
  const { strict, now, provider } = call;
  return clientDialect(dialect).writeReply(reply, { provider, strict, now, includeUsage: true }).body;
};

const speaker = (answer: JsonObject): UpstreamDialect | undefined => {
  if (answer["type"] === "message" && isArray(answer["content"]))
    return upstreamDialect("anthropic-messages");
  if (isArray(answer["choices"])) return upstreamDialect("openai-chat");
  const isGeminis = isArray(answer["candidates"]) || answer["usageMetadata"] !== undefined;
  return isGeminis ? upstreamDialect("gemini") : undefined;
};
