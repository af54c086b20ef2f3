/** The dialect of Google's Gemini models, on AI Studio and on Vertex AI (ai.google.dev/api/generate-content). */
import type { ChatDialect } from "./dialect.ts";
import { writeReply, writeStream } from "./gemini.answer-write.ts";
import { ownError, writeError, writeStreamError } from "./gemini.errors-write.ts";
import { readError } from "./gemini.errors.ts";
import { glance, glanceReply, MARKS } from "./gemini.glance.ts";
import { ID } from "./gemini.parts.ts";
import { readRequest } from "./gemini.request-read.ts";
import { writeRequest } from "./gemini.request.ts";
import { joined, readReply } from "./gemini.response.ts";
import { readStream } from "./gemini.stream-read.ts";

export const gemini: ChatDialect = Object.freeze<ChatDialect>({
  id: ID,
  readRequest,
  writeRequest,
  readReply,
  joined,
  writeReply,
  readStream,
  writeStream,
  readError,
  writeError,
  ownError,
  writeStreamError,
  // The Python SDK reads every line that is not blank as JSON (google/genai/_api_client.py, `_iter_response_stream`).
  pause: "\n\n",
  marks: MARKS,
  glance,
  glanceReply,
});
