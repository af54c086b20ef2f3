/** What the cross table needs of an upstream's dialect: truthful replies, and what must arrive there. */
import type { ClientDialectId, DialectId } from "../../../src/schema/chat.ts";
import type { JsonObject } from "../../../src/schema/json.ts";
import type { AskedScene, Ending, Said } from "./facts.ts";

/** A provider that speaks the dialect, and a model of its for a scene. */
export interface Target {
  readonly provider: string;
  readonly model: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Refusal {
  readonly body: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CrossUpstream {
  readonly id: DialectId;
  /** Where one dialect is reached in more than one way. */
  readonly name?: string;
  /** What the stream calls itself. */
  readonly streamType: string;
  /** The vendor's words, which clients that asked for more than OpenAI's are given. */
  readonly endings: Readonly<Record<Ending, string>>;
  /** Whether the vendor says how many tokens were thought. */
  readonly countsThinking: boolean;
  /** Scenes that the vendor's API cannot play. */
  readonly lacks?: readonly AskedScene[];
  target(scene: AskedScene): Target;
  reply(said: Said, model: string): JsonObject;
  frames(said: Said, model: string): readonly (string | Uint8Array)[];
  /** A refusal for having asked too often: 429. */
  refusal(message: string): Refusal;
  /** With which a stream fails that began well. */
  failure(message: string): string | Uint8Array;
  /** What must be in the bodies that arrive, turn by turn. */
  asked(client: ClientDialectId): Readonly<Record<AskedScene, readonly JsonObject[]>>;
}

export const sse = (data: JsonObject): string => `data: ${JSON.stringify(data)}\n\n`;

export const namedSse = (event: string, data: JsonObject): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
