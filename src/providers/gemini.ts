/** The dialect of Google's Gemini models, on AI Studio and on Vertex AI (ai.google.dev/api/generate-content). */
import type { UpstreamDialect } from "./dialect.ts";
import { readError } from "./gemini.errors.ts";
import { glance, glanceReply } from "./gemini.glance.ts";
import { ID } from "./gemini.parts.ts";
import { writeRequest } from "./gemini.request.ts";
import { readReply } from "./gemini.response.ts";
import { readStream } from "./gemini.stream-read.ts";

export const gemini: UpstreamDialect = Object.freeze<UpstreamDialect>({
  id: ID,
  writeRequest,
  readReply,
  readStream,
  readError,
  glance,
  glanceReply,
});
