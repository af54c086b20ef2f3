/**
 * Claude on Bedrock by InvokeModel: Anthropic's own body and events, the events in AWS's frames
 * (`InvokeModelWithResponseStreamResponse` of AWS's SDK 3.1163: a chunk holds the bytes of one).
 */
import type { JsonObject } from "../../../src/schema/json.ts";
import { AWS_STREAM, framed, KEYS } from "./aws.ts";
import { framesOf } from "./client.ts";
import { messagesUpstream } from "./upstream.anthropic-messages.ts";
import type { CrossUpstream } from "./upstream.ts";

export const invokeUpstream: CrossUpstream = {
  ...messagesUpstream,
  name: "Claude on Bedrock",
  streamType: AWS_STREAM,
  target: () => ({
    provider: "bedrock",
    model: "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    headers: { ...KEYS, "x-portkey-bedrock-api": "invoke" }, // clients of OpenAI's APIs are led to Converse
  }),
  frames: (said, model) =>
    messagesUpstream.frames(said, model).flatMap((frame) => framesOf(String(frame)).map(chunk)),
  refusal: (message) => ({
    body: { message },
    headers: { "x-amzn-errortype": "ThrottlingException:http://internal.amazon.com/coral/" },
  }),
  failure: (message) => framed("exception", "modelStreamErrorException", { message }),
};

const chunk = (event: JsonObject): Uint8Array =>
  framed("event", "chunk", { bytes: Buffer.from(JSON.stringify(event)).toString("base64") });
