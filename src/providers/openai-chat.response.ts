/** Whole replies of the OpenAI chat API, both ways. */
import { defined } from "../lib/defined.ts";
import type { Block, BlockStart, ChatReply, Choice } from "../schema/chat.ts";
import { MalformedReply } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { fold } from "./chat-events.ts";
import type { Note, ReplyOptions, Written } from "./dialect.ts";
import { spelledFinish, spellingFor, writeCalls } from "./openai-chat.calls-write.ts";
import { ChunkReader } from "./openai-chat.chunks.ts";
import { readError } from "./openai-chat.errors.ts";
import { failureOf } from "./openai-chat.failures.ts";
import { choiceMetadata, isShown } from "./openai-chat.metadata.ts";
import { typeOf } from "./openai-chat.pieces.ts";
import { writeFinish, writeUsage } from "./openai-chat.words.ts";

/** A reply is one chunk that says everything, and the end. */
export const readReply = (body: JsonObject): ChatReply => {
  const error = body["error"] ? body : failureOf(body);
  if (error !== undefined) throw new MalformedReply(readError(502, error).message, body);
  if (!isArray(body["choices"])) throw new MalformedReply("The reply has no choices", body);
  const reader = new ChunkReader();
  reader.read(body);
  reader.end();
  return fold(reader.take());
};

export const writeReply = (reply: ChatReply, options: ReplyOptions): Written<JsonObject> => {
  const notes = new Set<Note>();
  const body = defined({
    id: reply.id,
    object: "chat.completion",
    created: reply.created ?? options.now,
    model: reply.model,
    ...writeNative(reply, notes),
    choices: reply.choices.map((choice) => writeChoice(choice, options, notes)),
    usage: reply.usage === undefined ? undefined : writeUsage(reply.usage),
    service_tier: reply.serviceTier,
    provider: options.provider,
  });
  return { body, notes: [...notes] };
};

/** A citation that OpenAI has a word for: `ChatCompletionMessage.Annotation`. */
export const isAnnotation = (citation: JsonValue): boolean =>
  isObject(citation) && citation["type"] === "url_citation";

const writeNative = ({ native }: ChatReply, notes: Set<Note>): JsonObject => {
  if (native === undefined) return {};
  if (native.dialect === "openai-chat") return native.fields;
  for (const [name, value] of Object.entries(native.fields)) if (value != null) notes.add(name);
  return {};
};

const writeChoice = (choice: Choice, options: ReplyOptions, notes: Set<Note>): JsonObject => ({
  index: choice.index,
  message: writeMessage(choice.blocks, options, notes),
  logprobs: choice.logprobs ?? null,
  finish_reason: spelledFinish(writeFinish(choice.finish, choice.raw, options.strict), spellingFor(options)),
  ...(options.strict ? {} : metadataOf(choice.blocks)),
});

const metadataOf = (blocks: readonly Block[]): JsonObject =>
  Object.assign({}, ...blocks.map((block) => (block.kind === "opaque" ? choiceMetadata(block) : {})));

const writeMessage = (blocks: readonly Block[], options: ReplyOptions, notes: Set<Note>): JsonObject => {
  noteUnsaid(blocks, options, notes);
  const text = joined(blocks, "text");
  const refusal = joined(blocks, "refusal");
  const calls = blocks.filter((block) => block.kind === "tool-call");
  const annotations = citationsOf(blocks).filter(isAnnotation);
  return {
    role: "assistant",
    content: text === "" && (calls.length > 0 || refusal !== "") ? null : text,
    refusal: refusal === "" ? null : refusal,
    ...(annotations.length === 0 ? {} : { annotations }),
    ...writeMedia(blocks),
    ...writeCalls(calls, spellingFor(options), notes),
    ...(options.strict ? {} : writeBeyond(blocks)),
    ...(options.strict && options.isOwn !== true ? {} : writeThoughts(blocks)),
  };
};

/** Images ride as the parts that OpenAI's compatible servers give. */
export const isImage = ({ dialect, value }: Extract<BlockStart, { readonly kind: "opaque" }>): boolean =>
  dialect === "openai-chat" && value["type"] === "image_url";

const joined = (blocks: readonly Block[], kind: "text" | "refusal" | "reasoning"): string =>
  blocks.map((block) => (block.kind === kind ? block.text : "")).join("");

const citationsOf = (blocks: readonly Block[]): readonly JsonValue[] =>
  blocks.flatMap((block) => (block.kind === "text" ? (block.citations ?? []) : []));

const noteUnsaid = (blocks: readonly Block[], { strict, isOwn }: ReplyOptions, notes: Set<Note>): void => {
  for (const block of blocks) {
    switch (block.kind) {
      case "text":
        if (strict && !(block.citations ?? []).every(isAnnotation)) notes.add("citations");
        break;
      case "reasoning":
        if (strict && isOwn !== true) notes.add("reasoning");
        break;
      case "redacted":
        if (strict) notes.add("reasoning");
        break;
      case "opaque":
        if (strict ? block.dialect !== "openai-chat" : !isShown(block)) notes.add(typeOf(block.value));
        break;
      case "tool-call":
        if (strict && block.signature !== undefined) notes.add("tool_calls (signature)");
        break;
      case "refusal":
        break;
      default:
        notes.add(block.kind); // no answer of this API holds one
    }
  }
};

/** Opaque blocks of this dialect: spoken answers, and images of compatible servers. */
const writeMedia = (blocks: readonly Block[]): JsonObject => {
  const values = blocks.flatMap((block) =>
    block.kind === "opaque" && block.dialect === "openai-chat" ? [block.value] : [],
  );
  const audio = joinAudio(values.flatMap(({ audio }) => (isObject(audio) ? [audio] : [])));
  const images = values.filter((value) => value["type"] === "image_url");
  return { ...defined({ audio }), ...(images.length === 0 ? {} : { images }) };
};

/** Pieces of a spoken answer, each of which is whole in base64. */
const joinAudio = (pieces: readonly JsonObject[]): JsonObject | undefined => {
  if (pieces.length < 2) return pieces[0];
  const bytes = pieces.flatMap(({ data }) => (isString(data) ? [Buffer.from(data, "base64")] : []));
  return { ...pieces[0], data: Buffer.concat(bytes).toString("base64") };
};

/** What loose clients get on top: every block in Anthropic's spelling. */
const writeBeyond = (blocks: readonly Block[]): JsonObject => {
  const contentBlocks = blocks.flatMap(contentBlock);
  return contentBlocks.length === 0 ? {} : { content_blocks: contentBlocks };
};

/** The reasoning as text, as most of those who show it say it. */
const writeThoughts = (blocks: readonly Block[]): JsonObject => {
  const reasoning = joined(blocks, "reasoning");
  return reasoning === "" ? {} : { reasoning_content: reasoning };
};

const contentBlock = (block: Block): readonly JsonObject[] => {
  switch (block.kind) {
    case "text": {
      const citations = block.citations?.filter((citation) => !isAnnotation(citation)) ?? [];
      return [{ type: "text", text: block.text, ...(citations.length === 0 ? {} : { citations }) }];
    }
    case "reasoning":
      return [{ type: "thinking", thinking: block.text, ...defined({ signature: block.signature }) }];
    case "redacted":
      return [{ type: "redacted_thinking", data: block.data }];
    case "opaque":
      return block.dialect === "anthropic-messages" || isImage(block) ? [block.value] : [];
    default:
      return [];
  }
};
