/** The dialect of OpenAI's Responses API (developers.openai.com/api/reference/resources/responses). */
import { seal } from "../lib/reducer.ts";
import type { ChatDialect } from "./dialect.ts";
import { prefixError, writeError } from "./openai-chat.errors.ts";
import { readError, writeStreamError } from "./openai-responses.errors.ts";
import { glance, glanceReply, MARKS } from "./openai-responses.glance.ts";
import { readRequest } from "./openai-responses.request-read.ts";
import { writeRequest } from "./openai-responses.request-write.ts";
import { readReply, writeReply } from "./openai-responses.response.ts";
import { streamReader } from "./openai-responses.stream-read.ts";
import { streamWriter } from "./openai-responses.stream-write.ts";
import { ID } from "./openai-responses.words.ts";

export const openaiResponses: ChatDialect = Object.freeze<ChatDialect>({
  id: ID,
  readRequest,
  writeRequest,
  readReply,
  writeReply,
  readStream: () => seal(streamReader),
  writeStream: (options) => seal(streamWriter(options)),
  readError,
  writeError,
  ownError: prefixError,
  writeStreamError,
  saysEnd: true,
  marks: MARKS,
  glance,
  glanceReply,
});
