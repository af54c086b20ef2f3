/** Whole replies of the Responses API, both ways. */
import { present } from "../lib/defined.ts";
import type { Block, ChatReply } from "../schema/chat.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray } from "../schema/json.ts";
import { fold, unfold } from "./chat-events.ts";
import type { Note, ReplyOptions, Written } from "./dialect.ts";
import { writeCitation } from "./openai-responses.citations.ts";
import { errorIn } from "./openai-responses.errors.ts";
import { OutputReader } from "./openai-responses.output-read.ts";
import { ResponseWriter } from "./openai-responses.output-write.ts";
import { kindOf } from "./openai-responses.parts.ts";
import { ID } from "./openai-responses.words.ts";

/** A reply is its items, whole. */
export const readReply = (body: JsonObject): ChatReply => {
  const fault = errorIn(body);
  if (fault !== undefined) throw new MalformedReply(fault.message, body);
  if (!isArray(body["output"])) throw new MalformedReply("The reply has no output", body);
  if (UNFINISHED.has(body["status"])) throw new MalformedReply("The response is not finished", body);
  const reader = new OutputReader();
  reader.end(body);
  return fold(reader.take());
};

/** What the stream of the same answer would end with. */
export const writeReply = (reply: ChatReply, options: ReplyOptions): Written<JsonObject> => {
  const writer = new ResponseWriter(options);
  for (const event of unfold(reply)) writer.write(event);
  return { body: writer.response, notes: notesOf(reply) };
};

const UNFINISHED = new Set<unknown>(["in_progress", "queued", "cancelled"]);

const notesOf = (reply: ChatReply): readonly Note[] => {
  const blocks = reply.choices[0]?.blocks ?? [];
  const native = reply.native === undefined || reply.native.dialect === ID ? {} : reply.native.fields;
  return [
    ...blocks.flatMap((block, at) => blockNotes(block, `output.${at}`)),
    ...(reply.choices.length > 1 ? ["n"] : []),
    ...Object.keys(native).filter((name) => native[name] != null),
  ];
};

const blockNotes = (block: Block, path: string): readonly Note[] => {
  switch (block.kind) {
    case "text": {
      const citations = block.citations ?? [];
      return present(citations.map(writeCitation)).length < citations.length ? [`${path}.citations`] : [];
    }
    case "opaque":
      return block.dialect === ID ? [] : [`${path} (${kindOf(block)})`];
    case "image":
    case "audio":
    case "file":
    case "tool-result":
      return [`${path} (${block.kind})`];
    default:
      return [];
  }
};
