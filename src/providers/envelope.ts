/** What a provider wants in another place than its dialect has it: in headers what is in the body, or the other way. */
import type { JsonEdit } from "../lib/json-splice.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Note, RequestTarget } from "./dialect.ts";

export interface Enveloped {
  readonly edits: readonly JsonEdit[];
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly notes: readonly Note[];
}

/**
 * `client` is the client's own body, which is `body` unless that was translated. Throws
 * `GatewayError("invalid_request")` with the path of what cannot stand where it has to.
 */
export type Envelope = (body: JsonObject, target: RequestTarget, client: JsonObject) => Enveloped;
