/** What came in: the request with its body, read once and parsed only when somebody asks. */
import type { Bytes } from "../lib/bytes.ts";
import type { FormBytes } from "../lib/form-bytes.ts";
import type { HeaderFields } from "../lib/header-fields.ts";
import type { JsonObject } from "../schema/json.ts";
import type { ClientDialectId } from "../schema/chat.ts";
import type { NativePath } from "../schema/native.ts";
import type { Endpoint } from "../schema/provider-row.ts";
import type { ResourceFamily } from "../schema/resource.ts";

/** Where a request came in: one row of the data plane's table. */
export interface Ingress {
  readonly endpoint: Endpoint;
  /** The dialect that errors and answers are written in. */
  readonly dialect: ClientDialectId;
  /** A conversation is to be made shorter. */
  readonly compacts?: true;
  /** What is kept at the provider is asked for, by OpenAI's paths; some providers have an adapter for it. */
  readonly resource?: ResourceFamily;
  /** A vendor's own path, and what it says. */
  readonly native?: NativePath;
}

/** Where the path tells more than its route does. */
export type ReadIngress = (request: Request) => Ingress;

export type InboundBody =
  | { readonly kind: "none" }
  | { readonly kind: "json"; readonly text: string; readonly value: JsonObject }
  /** Kept whole, so it can be sent again. */
  | { readonly kind: "bytes"; readonly bytes: Bytes }
  /** The same of a form whose fields are an API's parameters; `value` are those that are texts. */
  | { readonly kind: "form"; readonly form: FormBytes; readonly value: JsonObject }
  /** Too large to keep: can be sent once. */
  | { readonly kind: "stream"; readonly stream: ReadableStream<Bytes> };

export interface Inbound {
  readonly request: Request;
  readonly method: string;
  readonly headers: HeaderFields;
  readonly pathname: string;
  readonly search: string;
  /** The client's credential, where a vendor's own API has a place of its own for it. */
  readonly key?: string | undefined;
  readonly ingress: Ingress;
  readonly body: InboundBody;
}

/** What the body says, or an empty object where it is not read; with what a vendor's own path says laid over it. */
export const bodyJson = ({ body, ingress }: Inbound): JsonObject =>
  body.kind === "json" || body.kind === "form" ? body.value : (ingress.native?.said ?? {});
