/** The dialect of Anthropic's Messages API (platform.claude.com/docs/en/api/messages). */
import { ID } from "./anthropic-messages.blocks.ts";
import { readError, writeError, writeStreamError } from "./anthropic-messages.errors.ts";
import { foreignThinking } from "./anthropic-messages.foreign.ts";
import { glance, glanceReply, MARKS } from "./anthropic-messages.glance.ts";
import { readRequest } from "./anthropic-messages.request-read.ts";
import { writeRequest } from "./anthropic-messages.request.ts";
import { readReply, writeReply } from "./anthropic-messages.response.ts";
import { writeStream } from "./anthropic-messages.stream-write.ts";
import { readStream } from "./anthropic-messages.stream-read.ts";
import type { ChatDialect } from "./dialect.ts";

export const anthropicMessages: ChatDialect = Object.freeze<ChatDialect>({
  id: ID,
  readRequest,
  writeRequest,
  withoutForeign: foreignThinking,
  readReply,
  writeReply,
  readStream,
  writeStream,
  readError,
  writeError,
  ownError: (body) => (body["type"] === "error" ? "as-is" : undefined),
  writeStreamError,
  saysEnd: true,
  marks: MARKS,
  glance,
  glanceReply,
});
