/** Looks at a chat that is only passed on, for what the record says of it; its bytes go on whatever is found. */
import type { Bytes } from "../lib/bytes.ts";
import type { UpstreamDialect } from "../providers/dialect.ts";
import { upstreamDialect } from "../providers/dialects.ts";
import type { Framing } from "../providers/framings.ts";
import { framingOf } from "../providers/framings.ts";
import { isObject } from "../schema/json.ts";
import type { Recorder } from "../telemetry/recorder.ts";
import type { Call } from "./call.ts";
import { noteGlance } from "./relayed.ts";
import type { Reply } from "./reply-head.ts";

export interface BodyTap {
  take(chunk: Bytes): void;
  end(): void;
}

export const tapOf = (call: Call, { status, headers, target }: Reply): BodyTap => {
  const { native } = call.inbound.ingress;
  if (native?.isChat !== true || native.speaks === undefined || status !== 200) return NONE;
  const framing = framingOf(call.surroundings.catalog.find(target.row.id)?.framing);
  const dialect = upstreamDialect(native.speaks);
  const type = headers.get("content-type") ?? "";
  if (type.startsWith(framing.contentType)) return streamTap(call.recorder, dialect, framing);
  if (!type.startsWith("application/json")) return NONE;
  return replyTap(call.recorder, dialect, call.surroundings.limits.maxReplyBytes);
};

const NONE: BodyTap = Object.freeze<BodyTap>({ take: () => undefined, end: () => undefined });

const streamTap = (recorder: Recorder, dialect: UpstreamDialect, framing: Framing): BodyTap => {
  const decoder = framing.decode();
  let isReadable = true;
  recorder.stream = true;
  return {
    take(chunk) {
      if (!isReadable) return;
      try {
        for (const event of decoder.push(chunk)) noteGlance(recorder, dialect.glance(event));
      } catch {
        isReadable = false; // no stream of this framing: the client will see it for what it is
      }
    },
    end: () => undefined,
  };
};

const replyTap = (recorder: Recorder, dialect: UpstreamDialect, limit: number): BodyTap => {
  let chunks: Bytes[] = [];
  let size = 0;
  return {
    take(chunk) {
      size += chunk.byteLength;
      if (size > limit) chunks = [];
      else chunks.push(chunk);
    },
    end() {
      const value = size > limit ? undefined : parsed(Buffer.concat(chunks));
      if (isObject(value)) noteGlance(recorder, dialect.glanceReply(value));
    },
  };
};

const parsed = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined; // handed on as it is
  }
};
