/** What Amazon's two ways to a model share: keys, and the framing of their streams by AWS's own codec. */
import { EventStreamCodec } from "@smithy/eventstream-codec";
import type { JsonObject } from "../../../src/schema/json.ts";

export const KEYS = {
  "x-portkey-aws-access-key-id": "AKIATEST",
  "x-portkey-aws-secret-access-key": "secret",
  "x-portkey-aws-region": "eu-west-1",
} as const;

export const AWS_STREAM = "application/vnd.amazon.eventstream";

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
);

export const framed = (kind: "event" | "exception", name: string, payload: JsonObject): Uint8Array =>
  codec.encode({
    headers: {
      [`:${kind}-type`]: { type: "string", value: name },
      ":content-type": { type: "string", value: "application/json" },
      ":message-type": { type: "string", value: kind },
    },
    body: Buffer.from(JSON.stringify(payload)),
  });
