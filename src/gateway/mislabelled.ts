/** Streams of which their servers say that they are text or JSON: github.com/NEKOparapa/AiNiee/pull/920. */
import type { Bytes } from "../lib/bytes.ts";
import { fold } from "../providers/chat-events.ts";
import type { UpstreamDialect } from "../providers/dialect.ts";
import { framingOf } from "../providers/framings.ts";
import type { ChatReply } from "../schema/chat.ts";
import type { ResolvedTarget } from "./target.ts";

/** The answer that a stream makes; undefined where the bytes are none. */
export const readMislabelled = (
  { row }: ResolvedTarget,
  dialect: UpstreamDialect,
  bytes: Bytes,
): ChatReply | undefined => {
  if ((row.framing ?? "sse") !== "sse" || !BEGINNING.test(utf8.decode(bytes.subarray(0, LOOKED_AT))))
    return undefined;
  const reader = dialect.readStream();
  const events = framingOf("sse").decode().push(bytes);
  return fold([...events.flatMap((event) => reader.push(event)), ...reader.close()]);
};

const BEGINNING = /^\s*(?:data|event|id|retry)?:/;
const LOOKED_AT = 64;
const utf8 = new TextDecoder();
