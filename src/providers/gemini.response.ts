/** Whole replies of Gemini's API, read into canonical. */
import type { ChatReply } from "../schema/chat.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";
import { fold } from "./chat-events.ts";
import { ChunkReader } from "./gemini.chunks.ts";
import { errorOf, readInnerError } from "./gemini.errors.ts";
import { objectsIn } from "./gemini.fields.ts";

/** Servers that do not know `alt=sse` answer a stream with the list of its chunks; a candidate goes on in the next. */
export const joined = (body: unknown): JsonObject | undefined => {
  if (!isArray(body) || body.length === 0 || !body.every(isObject)) return undefined;
  const candidates = body.flatMap((chunk) => objectsIn(chunk["candidates"]));
  return { ...Object.assign({}, ...body), ...(candidates.length === 0 ? {} : { candidates }) };
};

/** A reply is one chunk that says everything. */
export const readReply = (body: JsonObject): ChatReply => {
  if (errorOf(body) !== undefined) throw new MalformedReply(readInnerError(body).message, body);
  const reader = new ChunkReader();
  reader.read(body);
  if (!reader.hasChoices) throw new MalformedReply("The reply has no candidates", body);
  reader.end();
  return fold(reader.take());
};
