/**
 * The output of a batch for Bedrock: its rows, one at a time, as the rows of OpenAI's
 * (docs.aws.amazon.com/bedrock/latest/userguide/batch-inference-results.html).
 */
import type { Bytes } from "../lib/bytes.ts";
import type { Line } from "../lib/lines.ts";
import { linesOf } from "../lib/lines.ts";
import { streamOf } from "../lib/stream-of.ts";
import type { ClientDialectId } from "../schema/chat.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { named } from "./answer-name.ts";
import type { UpstreamDialect } from "./dialect.ts";
import { clientDialect, upstreamDialect } from "./dialects.ts";
import { s3UriOf, textOf } from "./resource.bedrock-jobs.ts";
import { embeddingsOf } from "./resource.bedrock-embeddings.ts";
import { dialectOf } from "./resource.bedrock-lines.ts";
import type { ResourceAnswer, ResourceCall } from "./resource.ts";
import { UpstreamRefused } from "./resource.ts";
import type { S3Object } from "./s3.ts";
import { folderOf, headOf, objectOf, s3Send } from "./s3.ts";

const MAX_ROW_BYTES = 32 * 1024 * 1024;

/** Where a job's answers are: in a folder of the job's name, under the name of its input. */
export const outputOf = (call: ResourceCall | undefined, job: JsonObject): S3Object | undefined => {
  const folder = s3UriOf(job["outputDataConfig"]);
  const input = s3UriOf(job["inputDataConfig"]);
  const arn = textOf(job["jobArn"]);
  if (folder === undefined || input === undefined || arn === undefined || input.endsWith("/"))
    return undefined;
  const last = (text: string): string => text.slice(text.lastIndexOf("/") + 1);
  const uri = `${folder.replace(/\/+$/, "")}/${last(arn)}/${last(input)}.out`;
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(uri) ?? [];
  return call === undefined ? { bucket, key } : folderOf(call, uri, "id");
};

export const rowsOf = async (
  call: ResourceCall,
  job: JsonObject,
  place: S3Object,
): Promise<ResourceAnswer> => {
  const dialect = await askedIn(call, job);
  const { body } = await s3Send(call, place);
  const writing: Writing = { call, dialect, model: textOf(job["modelId"]) ?? "" };
  return {
    headers: { "content-type": "application/jsonl" },
    body: streamOf(written(body ?? new ReadableStream({ start: (made) => made.close() }), writing)),
  };
};

/** The file's own head knows which API its lines asked; whoever may not read it gets OpenAI's chat. */
const askedIn = async (call: ResourceCall, job: JsonObject): Promise<ClientDialectId> => {
  try {
    const input = objectOf(call, s3UriOf(job["inputDataConfig"]) ?? "", "input_file_id");
    return dialectOf((await headOf(call, input)).meta("endpoint") ?? "") ?? "openai-chat";
  } catch (error) {
    if (error instanceof UpstreamRefused) return "openai-chat"; // the file may be gone by now
    throw error;
  }
};

interface Writing {
  readonly call: ResourceCall;
  readonly dialect: ClientDialectId;
  readonly model: string;
}

async function* written(body: ReadableStream<Bytes>, writing: Writing): AsyncGenerator<Bytes> {
  const encoder = new TextEncoder();
  for await (const line of linesOf(body, MAX_ROW_BYTES))
    yield encoder.encode(`${JSON.stringify(writeRow(parsed(line), writing))}\n`);
}

/** A row that cannot be read ends the answer visibly: what follows it may be anything. */
const parsed = ({ number, text }: Line): JsonObject => {
  const value: unknown = JSON.parse(text);
  if (!isObject(value)) throw new MalformedReply(`line ${number} of the output is no JSON object`);
  return value;
};

const writeRow = (row: JsonObject, writing: Writing): JsonObject => {
  const recordId = isString(row["recordId"]) ? row["recordId"] : "";
  const [status_code, body] = answerOf(row, recordId, writing);
  const id = `batch_req_${recordId}`;
  return { id, custom_id: recordId, response: { status_code, request_id: id, body }, error: null };
};

const answerOf = (
  { modelInput, modelOutput, error }: JsonObject,
  recordId: string,
  writing: Writing,
): readonly [number, JsonObject] => {
  try {
    if (isObject(modelOutput)) {
      const { call, model } = writing;
      const asked = isObject(modelInput) ? modelInput : {};
      const vectors = embeddingsOf(modelOutput, asked, { ...call, model });
      return [200, vectors ?? chatOf(modelOutput, recordId, writing)];
    }
  } catch (thrown) {
    if (!(thrown instanceof MalformedReply)) throw thrown;
    return failed(502, thrown.message, writing); // the rows after it are whole
  }
  const { errorCode, errorMessage } = isObject(error) ? error : {};
  const status = isNumber(errorCode) ? errorCode : 500;
  return failed(status, textOf(errorMessage) ?? "The record has no output", writing);
};

const failed = (
  status: number,
  message: string,
  { call, dialect }: Writing,
): readonly [number, JsonObject] => {
  const fault = { status, message, type: null, param: null, code: null };
  return [status, clientDialect(dialect).writeError(fault, call.provider)];
};

/** The answer in the client's dialect; what is no chat either is the model's own, as it is. */
const chatOf = (output: JsonObject, recordId: string, { call, dialect, model }: Writing): JsonObject => {
  const upstream = speaker(output);
  if (upstream === undefined) return output;
  const reply = named(upstream.readReply(output), { id: recordId, model });
  const { strict, now, provider } = call;
  return clientDialect(dialect).writeReply(reply, { provider, strict, now, includeUsage: true }).body;
};

const speaker = (output: JsonObject): UpstreamDialect | undefined => {
  const { output: said, type, content } = output;
  if (isObject(said) && isObject(said["message"])) return upstreamDialect("bedrock-converse");
  if (type === "message" && isArray(content)) return upstreamDialect("anthropic-messages");
  return undefined;
};
