/** The OpenAI chat completions dialect, which most providers speak too. */
import { seal } from "../lib/reducer.ts";
import type { ChatDialect } from "./dialect.ts";
import { prefixError, readError, writeError, writeStreamError } from "./openai-chat.errors.ts";
import { glance, glanceReply, MARKS } from "./openai-chat.glance.ts";
import { readRequest, writeRequest } from "./openai-chat.request.ts";
import { readReply, writeReply } from "./openai-chat.response.ts";
import { streamReader } from "./openai-chat.stream-read.ts";
import { streamWriter } from "./openai-chat.stream-write.ts";

export const openaiChat: ChatDialect = Object.freeze<ChatDialect>({
  id: "openai-chat",
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
  marks: MARKS,
  glance,
  glanceReply,
});
