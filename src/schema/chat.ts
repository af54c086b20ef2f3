/**
 * The canonical chat: the one shape between dialects.
 *
 * It is made of ordered blocks, so nothing that one dialect can say has to be lost on the way to
 * another. What only one dialect has a word for travels in `native` (fields) or as an `opaque`
 * block: a writer of that dialect puts it back, every other writer reports it as not carried.
 */
import type { JsonObject, JsonValue } from "./json.ts";

/** Dialects that clients speak to us. */
export type ClientDialectId = "openai-chat" | "anthropic-messages" | "openai-responses" | "gemini";

/** Dialects that upstreams speak. */
export type DialectId = ClientDialectId | "bedrock-converse" | "cohere" | "oracle";

/** Fields that only `dialect` knows, verbatim. */
export interface Native {
  readonly dialect: DialectId;
  readonly fields: JsonObject;
}

/** A prompt-cache breakpoint, verbatim: `{type: "ephemeral", ttl?: "5m" | "1h"}`. */
export type CacheMark = JsonObject;

export type MediaSource =
  /** `mediaType` where who sent it says what is there. */
  | { readonly kind: "url"; readonly url: string; readonly mediaType?: string }
  /** `data` is base64 without a data-URI prefix. */
  | { readonly kind: "data"; readonly mediaType: string; readonly data: string }
  /** A file that was uploaded to the provider before. */
  | { readonly kind: "id"; readonly id: string }
  /** A document given as plain text. */
  | {
      readonly kind: "text";
      readonly mediaType: string;
      readonly text: string;
    };

interface Marked {
  readonly cache?: CacheMark;
  readonly native?: Native;
}

export interface TextBlock extends Marked {
  readonly kind: "text";
  readonly text: string;
  /** Citations in the shape of the dialect that made them. */
  readonly citations?: readonly JsonValue[];
}
export interface RefusalBlock extends Marked {
  readonly kind: "refusal";
  readonly text: string;
}
export interface ReasoningBlock extends Marked {
  readonly kind: "reasoning";
  readonly text: string;
  /** The provider's proof that the text is its own; must come back unchanged on the next turn. */
  readonly signature?: string;
}
export interface RedactedBlock extends Marked {
  readonly kind: "redacted";
  readonly data: string;
}
export interface ImageBlock extends Marked {
  readonly kind: "image";
  readonly source: MediaSource;
  readonly detail?: string;
}
export interface AudioBlock extends Marked {
  readonly kind: "audio";
  /** Base64. */
  readonly data: string;
  readonly format: string;
}
export interface FileBlock extends Marked {
  readonly kind: "file";
  readonly source: MediaSource;
  readonly name?: string;
}
export interface ToolCallBlock extends Marked {
  readonly kind: "tool-call";
  readonly id: string;
  readonly name: string;
  /** JSON text as the model wrote it (a `custom` tool's input is free text). */
  readonly arguments: string;
  readonly custom?: boolean;
  /** Gemini's thought signature, where a call carries one. */
  readonly signature?: string;
}
export interface ToolResultBlock extends Marked {
  readonly kind: "tool-result";
  readonly callId: string;
  readonly content: readonly Block[];
  readonly isError?: boolean;
}
/** A block that only `dialect` has: server-tool calls and results, search results, containers. */
export interface OpaqueBlock extends Marked {
  readonly kind: "opaque";
  readonly dialect: DialectId;
  readonly value: JsonObject;
}

export type Block =
  | TextBlock
  | RefusalBlock
  | ReasoningBlock
  | RedactedBlock
  | ImageBlock
  | AudioBlock
  | FileBlock
  | ToolCallBlock
  | ToolResultBlock
  | OpaqueBlock;

export type Role = "system" | "developer" | "user" | "assistant" | "tool";

/** A `tool` message holds only tool results. */
export interface Message {
  readonly role: Role;
  readonly blocks: readonly Block[];
  readonly name?: string;
  readonly native?: Native;
}

export type Tool =
  | {
      readonly kind: "function";
      readonly name: string;
      readonly description?: string;
      /** JSON Schema, verbatim. */
      readonly parameters?: JsonObject;
      readonly strict?: boolean;
      readonly cache?: CacheMark;
      readonly native?: Native;
    }
  | {
      readonly kind: "opaque";
      readonly dialect: DialectId;
      readonly value: JsonObject;
    };

export type ToolChoice =
  | { readonly mode: "auto" | "none" | "required" }
  | { readonly mode: "tool"; readonly name: string }
  /** Only some of the declared tools; `required` says whether one of them must be called. */
  | {
      readonly mode: "allowed";
      readonly names: readonly string[];
      readonly required: boolean;
    };

export type ResponseFormat =
  | { readonly kind: "text" }
  | { readonly kind: "json" }
  | {
      readonly kind: "schema";
      readonly name?: string;
      readonly description?: string;
      readonly schema: JsonObject;
      readonly strict?: boolean;
    };

/** How much to think. `effort` is the wire's word (`none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`). */
export interface Reasoning {
  readonly effort?: string;
  readonly budgetTokens?: number;
  readonly mode?: "enabled" | "disabled" | "adaptive";
  /** The dialect's own thinking object, when it said more than the fields above. */
  readonly native?: Native;
}

/** One request for a chat answer. A field that is absent was not said. */
export interface Chat {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly stream: boolean;
  /** Whether a streaming client asked for usage (`stream_options.include_usage`). */
  readonly includeUsage: boolean;
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly logitBias?: JsonObject;
  readonly logprobs?: boolean;
  readonly topLogprobs?: number;
  /** How many answers (`n`). */
  readonly candidates?: number;
  readonly format?: ResponseFormat;
  readonly reasoning?: Reasoning;
  /** The end user's id: OpenAI's `user` (or `safety_identifier`), Anthropic's `metadata.user_id`. */
  readonly user?: string;
  readonly serviceTier?: string;
  /** Request fields without a canonical word. */
  readonly native?: Native;
}

/** Why generation ended. `raw` on the choice keeps the provider's own word. */
export type Finish =
  | "stop"
  | "stop-sequence"
  | "length"
  | "tool-calls"
  | "content-filter"
  | "refusal"
  | "pause"
  | "context-length"
  | "unknown";

/**
 * Token counts. `input` is everything that was read, cached or not; `cacheRead` and `cacheWrite` are
 * parts of it, and `cacheWriteLong` (kept for an hour) is part of `cacheWrite`. `reasoning` is part of `output`.
 */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly cacheWriteLong?: number;
  readonly reasoning?: number;
  readonly audioInput?: number;
  readonly audioOutput?: number;
  /** What rerankers bill that count no tokens: a query with up to so many documents. */
  readonly searchUnits?: number;
  /** The provider's usage object, verbatim, for what the counts above cannot say. */
  readonly native?: Native;
}

export interface Choice {
  readonly index: number;
  readonly blocks: readonly Block[];
  readonly finish: Finish;
  /** The provider's own finish word. */
  readonly raw?: string;
  readonly stopSequence?: string;
  /** OpenAI's logprobs object, verbatim. */
  readonly logprobs?: JsonValue;
}

export interface ChatReply {
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970. */
  readonly created?: number;
  readonly choices: readonly Choice[];
  readonly usage?: Usage;
  readonly serviceTier?: string;
  readonly native?: Native;
}

/** What an upstream said went wrong, in no dialect. `null` where it said nothing. */
export interface Fault {
  readonly status: number;
  readonly message: string;
  readonly type: string | null;
  readonly param: string | null;
  readonly code: string | null;
}

/** The block a stream opens; its content follows as deltas. */
export type BlockStart =
  | { readonly kind: "text" }
  | { readonly kind: "refusal" }
  | { readonly kind: "reasoning" }
  | { readonly kind: "redacted"; readonly data: string }
  | {
      readonly kind: "tool-call";
      readonly id: string;
      readonly name: string;
      readonly custom?: boolean;
      readonly signature?: string;
    }
  | {
      readonly kind: "opaque";
      readonly dialect: DialectId;
      readonly value: JsonObject;
    };

export type Delta =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "refusal"; readonly text: string }
  | { readonly kind: "reasoning"; readonly text: string }
  | { readonly kind: "signature"; readonly signature: string }
  | { readonly kind: "arguments"; readonly text: string }
  | { readonly kind: "citation"; readonly citation: JsonValue }
  /** A delta of an opaque block, verbatim. */
  | { readonly kind: "opaque"; readonly value: JsonObject };

/**
 * A chat answer as it happens. `block` numbers the blocks of one choice from 0 in order of opening;
 * `choice` is the choice's index. A stream is complete only after `end`.
 */
export type ChatEvent =
  | {
      readonly type: "start";
      readonly id: string;
      readonly model: string;
      readonly created?: number;
      readonly serviceTier?: string;
      readonly native?: Native;
    }
  | {
      readonly type: "block-start";
      readonly choice: number;
      readonly block: number;
      readonly start: BlockStart;
    }
  | {
      readonly type: "block-delta";
      readonly choice: number;
      readonly block: number;
      readonly delta: Delta;
      readonly logprobs?: JsonValue;
    }
  | {
      readonly type: "block-stop";
      readonly choice: number;
      readonly block: number;
    }
  | {
      readonly type: "finish";
      readonly choice: number;
      readonly finish: Finish;
      readonly raw?: string;
      readonly stopSequence?: string;
    }
  /** The running total so far; a later one replaces it. */
  | { readonly type: "usage"; readonly usage: Usage }
  | { readonly type: "end" }
  | { readonly type: "error"; readonly fault: Fault };
