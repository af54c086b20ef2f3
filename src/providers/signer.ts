/** What a signer is given, and what it is. */
import type { HttpResponse } from "../lib/http.ts";
import type { Auth } from "../schema/provider-row.ts";

/** One call of a signer's own, to a token endpoint; through the egress guard like every other. */
export type TokenFetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    /** Ends the call earlier than the call that it is made for. */
    readonly signal?: AbortSignal;
  },
) => Promise<HttpResponse>;

export interface SignRequest {
  readonly method: string;
  readonly url: string;
  /** Lower-case names; the signer adds to them. */
  readonly headers: Record<string, string>;
  readonly body: BodyInit | null;
  /** The plain credential, where there is one. */
  readonly credential: string | undefined;
  /** A provider option by its snake_case name: the request's, the config's or the virtual key's. */
  readonly option: (name: string) => string | undefined;
  /** An option whose value is an object (a service account). */
  readonly object: (name: string) => Readonly<Record<string, unknown>> | undefined;
  /** Whether the host is the provider's own; credentials of the gateway's environment only go there. */
  readonly atHome: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fetch: TokenFetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Throws `GatewayError("missing_input")` that names the header and the config key of what is missing. */
export type Signer = (request: SignRequest, auth: Auth) => void | Promise<void>;
