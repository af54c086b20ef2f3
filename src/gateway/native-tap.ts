/** Looks at an answer that is only passed on, for what the record says of it; its bytes go on whatever is found. */
import type { Bytes } from "../lib/bytes.ts";
import type { HeaderFields } from "../lib/header-fields.ts";
import type { SseEvent } from "../lib/sse.ts";
import * as bedrockInvoke from "../providers/bedrock-invoke.glance.ts";
import type { Glance } from "../providers/dialect.ts";
import { upstreamDialect } from "../providers/dialects.ts";
import type { Framing } from "../providers/framings.ts";
import { framingOf } from "../providers/framings.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject } from "../schema/json.ts";
import type { Recorder } from "../telemetry/recorder.ts";
import type { Call } from "./call.ts";
import type { Ingress } from "./inbound.ts";
import { noteGlance } from "./relayed.ts";
import type { Reply } from "./reply-head.ts";

export interface BodyTap {
  take(chunk: Bytes): void;
  end(): void;
}

/** Who can read what passes. */
interface Reader {
  readonly glanceHead?: (headers: HeaderFields) => Glance;
  /** `isCounted` when it was told before what was used. */
  readonly glance: (frame: SseEvent, isCounted: boolean) => Glance;
  readonly glanceReply: (body: JsonObject) => Glance;
}

export const tapOf = (call: Call, { status, headers, target }: Reply): BodyTap => {
  const reader = readerOf(call.inbound.ingress);
  if (reader === undefined || status !== 200) return NONE;
  if (reader.glanceHead !== undefined) noteGlance(call.recorder, reader.glanceHead(headers));
  const framing = framingOf(call.surroundings.catalog.find(target.row.id)?.framing);
  const type = headers.get("content-type") ?? "";
  if (type.startsWith(framing.contentType)) return streamTap(call.recorder, reader, framing);
  if (!type.startsWith("application/json")) return NONE;
  return replyTap(call.recorder, reader, call.surroundings.limits.maxReplyBytes);
};

const readerOf = ({ native, endpoint }: Ingress): Reader | undefined => {
  if (endpoint === "completions") return upstreamDialect("openai-chat"); // that of chat, in all that is looked for
  if (native?.isInvoked === true) return bedrockInvoke;
  if (native?.isChat !== true || native.speaks === undefined) return undefined;
  return upstreamDialect(native.speaks);
};

const NONE: BodyTap = Object.freeze<BodyTap>({ take: () => undefined, end: () => undefined });

const streamTap = (recorder: Recorder, reader: Reader, framing: Framing): BodyTap => {
  const decoder = framing.decode();
  let isReadable = true;
  recorder.stream = true;
  const hear = (next: () => readonly SseEvent[]): void => {
    if (!isReadable) return;
    try {
      for (const event of next()) noteGlance(recorder, reader.glance(event, recorder.usage !== null));
    } catch {
      isReadable = false; // no stream of this framing: the client will see it for what it is
    }
  };
  return {
    take: (chunk) => hear(() => decoder.push(chunk)),
    end: () => hear(() => decoder.close()),
  };
};

const replyTap = (recorder: Recorder, reader: Reader, limit: number): BodyTap => {
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
      if (isObject(value)) noteGlance(recorder, reader.glanceReply(value));
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
