/** What the scripted upstream needs of a vendor's wire, whichever it is. */
import type { JsonObject } from "../../src/schema/json.ts";
import type { Answer, Prompt } from "./model.ts";

export interface VendorFault {
  readonly body: JsonObject;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Wire {
  readPrompt(body: JsonObject): Prompt;
  /** The whole reply as one JSON body. `serial` makes ids differ. */
  reply(prompt: Prompt, answer: Answer, serial: number): JsonObject;
  /** The reply as stream frames, each the text of one whole event. */
  frames(prompt: Prompt, answer: Answer, serial: number): Iterable<string>;
  fault(status: number): VendorFault;
  /** The frame with which the vendor reports an overload inside a stream. */
  errorFrame(): string;
  /** Headers that the vendor puts on every response. */
  headers(serial: number): Readonly<Record<string, string>>;
  models(): JsonObject;
}
