/** The dialect of Bedrock's Converse API (docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference.html). */
import { ID } from "./bedrock-converse.blocks.ts";
import { readError } from "./bedrock-converse.errors.ts";
import { writeRequest } from "./bedrock-converse.request.ts";
import { glanceReply, readReply } from "./bedrock-converse.response.ts";
import { glance, readStream } from "./bedrock-converse.stream.ts";
import type { UpstreamDialect } from "./dialect.ts";

export const bedrockConverse: UpstreamDialect = Object.freeze<UpstreamDialect>({
  id: ID,
  writeRequest,
  readReply,
  readStream,
  readError,
  glance,
  glanceReply,
});
