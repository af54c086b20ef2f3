/** What the cross table needs of a client's dialect: the vendor's own SDK, and how to read what it gives. */
import type { ClientDialectId } from "../../../src/schema/chat.ts";
import type { JsonObject } from "../../../src/schema/json.ts";
import type { AskedScene, Ending, Facts } from "./facts.ts";

/** A response as it came over the wire. */
export interface Heard {
  readonly status: number;
  readonly notes: string | null;
  readonly text: string;
}

/** The way through the gateway to one upstream. */
export interface Line {
  readonly url: string;
  readonly key: string;
  readonly headers: Record<string, string>;
  readonly model: string;
  /** A `fetch` that remembers what it heard. */
  readonly fetch: (url: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** Everything that was heard so far. */
  heard(): Promise<readonly Heard[]>;
}

export interface Answer {
  readonly facts: Facts;
  /** The next turn, perhaps elsewhere: the answer as it came, the results of its calls, and a question. */
  goOn(elsewhere?: Line): Promise<Answer>;
}

export interface Client {
  readonly id: ClientDialectId;
  readonly endings: Readonly<Record<Ending, string>>;
  /** What only a whole stream holds. */
  readonly endMarks: readonly string[];
  /** How an error stands in a stream. */
  readonly errorFrame: string;
  /** The body of a refusal for having asked too often. */
  readonly refusal: (message: string) => JsonObject;
  /** What a client of this dialect cannot ask for. */
  readonly lacks: readonly "stop"[];
  ask(line: Line, scene: AskedScene, streamed: boolean): Promise<Answer>;
}

/** The data of every frame of a stream that is JSON. */
export const framesOf = (text: string): readonly JsonObject[] =>
  [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data = "{}"]): JsonObject => JSON.parse(data));
