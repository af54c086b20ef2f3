/**
 * Canonical events written as the chunks of an OpenAI chat stream.
 *
 * Chunks of one answer differ only in their choice, so everything around it is written once and each
 * delta costs one small string.
 */
import type { Reducer } from "../lib/reducer.ts";
import { dataFrame } from "../lib/sse.ts";
import type { BlockStart, ChatEvent, Delta, Usage } from "../schema/chat.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject } from "../schema/json.ts";
import type { ReplyOptions } from "./dialect.ts";
import type { CallSpelling } from "./openai-chat.calls-write.ts";
import { CallsWriter, spelledFinish, spellingFor } from "./openai-chat.calls-write.ts";
import { writeStreamError } from "./openai-chat.errors.ts";
import { choiceMetadata } from "./openai-chat.metadata.ts";
import { isAnnotation, isImage } from "./openai-chat.response.ts";
import { DONE } from "./openai-chat.stream-read.ts";
import { writeFinish, writeUsage } from "./openai-chat.words.ts";

export const streamWriter = (options: ReplyOptions): Reducer<ChunkWriter, ChatEvent, string> => ({
  start: () => new ChunkWriter(options),
  step: (writer, event) => [writer, writer.write(event)],
  end: () => NOTHING,
});

type Text = readonly string[];
type Event<Type extends ChatEvent["type"]> = Extract<ChatEvent, { readonly type: Type }>;

const NOTHING: Text = [];

class ChunkWriter {
  readonly #options: ReplyOptions;
  readonly #spelling: CallSpelling;
  /** What stands before and after the choices of every chunk. */
  #head = "";
  #tail = "";
  #choices = new Map<number, WrittenChoice>();
  #usage: Usage | undefined;
  #isOver = false;

  constructor(options: ReplyOptions) {
    this.#options = options;
    this.#spelling = spellingFor(options);
    this.#tail = options.includeUsage ? `],"usage":null}\n\n` : "]}\n\n"; // null in all chunks but the last
  }

  write(event: ChatEvent): Text {
    if (this.#isOver) return NOTHING;
    switch (event.type) {
      case "start":
        return this.#start(event);
      case "block-start":
        return this.#open(event);
      case "block-delta":
        return this.#delta(event);
      case "block-stop":
        return this.#close(event);
      case "finish":
        return this.#finish(event);
      case "usage":
        this.#usage = event.usage;
        return NOTHING;
      case "end":
        return this.#end();
      case "error":
        this.#isOver = true;
        return [writeStreamError(event.fault)];
    }
  }

  #start(event: Event<"start">): Text {
    const { provider, now } = this.#options;
    const head: JsonObject = {
      id: event.id,
      object: "chat.completion.chunk",
      created: event.created ?? now,
      model: event.model,
      ...(event.serviceTier === undefined ? {} : { service_tier: event.serviceTier }),
      ...(event.native?.dialect === "openai-chat" ? event.native.fields : {}),
      provider,
    };
    this.#head = `data: ${JSON.stringify(head).slice(0, -1)},"choices":[`;
    return this.#opening(0);
  }

  /** The role, once a choice. */
  #opening(choice: number): Text {
    if (this.#choices.has(choice)) return NOTHING;
    this.#choices.set(choice, { calls: new CallsWriter(this.#spelling), isFinished: false });
    return [this.#chunk(choice, `{"role":"assistant","content":""}`)];
  }

  #chunk(choice: number, delta: string, logprobs = "null", finish = "null", beside?: JsonObject): string {
    const more = beside === undefined ? "" : `,${JSON.stringify(beside).slice(1, -1)}`;
    const said = `{"index":${choice},"delta":${delta},"logprobs":${logprobs},"finish_reason":${finish}${more}}`;
    return this.#head + said + this.#tail;
  }

  #open({ choice, block, start }: Event<"block-start">): Text {
    const opening = this.#opening(choice);
    const beside = start.kind === "opaque" && !this.#options.strict ? choiceMetadata(start) : undefined;
    if (beside !== undefined) return [...opening, this.#chunk(choice, "{}", "null", "null", beside)];
    const calls = this.#choices.get(choice)?.calls;
    const delta = start.kind === "tool-call" ? (calls?.open(block, start) ?? "") : this.#opened(block, start);
    return delta === "" ? opening : [...opening, this.#chunk(choice, delta)];
  }

  #opened(block: number, start: BlockStart): string {
    const { strict } = this.#options;
    if (start.kind === "opaque" && isImage(start)) return JSON.stringify(images(block, start.value, strict));
    if (start.kind === "opaque" && start.dialect === "openai-chat" && isObject(start.value["audio"]))
      return JSON.stringify({ audio: start.value["audio"] });
    if (strict) return "";
    if (start.kind === "redacted") return contentBlocks(block, { data: start.data });
    if (start.kind === "opaque" && start.dialect === "anthropic-messages")
      return contentBlocks(block, start.value);
    return ""; // it says nothing yet
  }

  #delta({ choice, block, delta, logprobs }: Event<"block-delta">): Text {
    const calls = this.#choices.get(choice)?.calls;
    const said =
      delta.kind === "arguments" ? (calls?.argue(block, delta.text) ?? "") : this.#said(block, delta);
    if (said === "") return NOTHING;
    return [this.#chunk(choice, said, logprobs === undefined ? "null" : JSON.stringify(logprobs))];
  }

  #said(block: number, delta: Delta): string {
    const { strict, isOwn } = this.#options;
    switch (delta.kind) {
      case "text":
        return strict
          ? `{"content":${JSON.stringify(delta.text)}}`
          : JSON.stringify({
              content: delta.text,
              content_blocks: [{ index: block, delta: { text: delta.text } }],
            });
      case "refusal":
        return JSON.stringify({ refusal: delta.text });
      case "citation":
        if (isAnnotation(delta.citation)) return JSON.stringify({ annotations: [delta.citation] });
        return strict ? "" : contentBlocks(block, { citation: delta.citation });
      default:
        if (!strict) return beyond(block, delta);
        return isOwn === true && delta.kind === "reasoning"
          ? JSON.stringify({ reasoning_content: delta.text })
          : "";
    }
  }

  #close({ choice, block }: Event<"block-stop">): Text {
    const delta = this.#choices.get(choice)?.calls.close(block) ?? "";
    return delta === "" ? NOTHING : [this.#chunk(choice, delta)];
  }

  #finish({ choice, finish, raw }: Event<"finish">): Text {
    const opening = this.#opening(choice);
    const known = this.#choices.get(choice);
    if (known !== undefined) known.isFinished = true;
    const word = spelledFinish(writeFinish(finish, raw, this.#options.strict), this.#spelling);
    return [...opening, this.#chunk(choice, "{}", "null", JSON.stringify(word))];
  }

  #end(): Text {
    this.#isOver = true;
    const missing = [...this.#choices].filter(([, choice]) => !choice.isFinished);
    const written = missing.map(([index]) => this.#chunk(index, "{}", "null", `"stop"`));
    if (this.#options.includeUsage && this.#usage !== undefined)
      written.push(`${this.#head}],"usage":${JSON.stringify(writeUsage(this.#usage))}}\n\n`);
    return [...written, dataFrame(DONE)];
  }
}

interface WrittenChoice {
  readonly calls: CallsWriter;
  isFinished: boolean;
}

/** As in whole replies, images come beside the content, and for loose clients among the blocks too. */
const images = (index: number, image: JsonObject, strict: boolean): JsonObject => ({
  images: [image],
  ...(strict ? {} : { content_blocks: [{ index, delta: image }] }),
});

const contentBlocks = (index: number, delta: JsonObject): string =>
  JSON.stringify({ content_blocks: [{ index, delta }] });

/** What only loose clients get. */
const beyond = (index: number, delta: Delta): string => {
  switch (delta.kind) {
    case "reasoning": {
      const thinking: JsonValue = [{ index, delta: { thinking: delta.text } }];
      return JSON.stringify({ reasoning_content: delta.text, content_blocks: thinking });
    }
    case "signature":
      return contentBlocks(index, { signature: delta.signature });
    case "opaque":
      return contentBlocks(index, delta.value);
    default:
      return "";
  }
};
