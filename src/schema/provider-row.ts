/** A provider is a row: the dialect it speaks, where, and how it is signed for. */
import type { DialectId } from "./chat.ts";

/** The kind of work a request asks for. `proxy` is everything without a mapping of its own. */
export type Endpoint = "chat" | "models" | "proxy";

export type Auth =
  /** `Authorization: Bearer <credential>` */
  | { readonly kind: "bearer" }
  /** `<name>: <credential>`; credentials that start with `bearerPrefix` go as bearer tokens. */
  | { readonly kind: "header"; readonly name: string; readonly bearerPrefix?: string }
  | { readonly kind: "none" };

/** A provider option that becomes an upstream header. */
export interface HeaderInput {
  /** The config key, snake_case; as a request header it is `x-portkey-` with dashes. */
  readonly option: string;
  /** The upstream header's name. */
  readonly header: string;
  /** The vendor's clients send the header themselves: it is taken from the request too. */
  readonly bare?: boolean;
  readonly default?: string;
}

/** Differences of an OpenAI-compatible provider from OpenAI's own chat body, each by the vendor's document. */
export interface Quirks {
  /** Field names the vendor spells differently. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Values the vendor spells differently, by (vendor's) field name. */
  readonly values?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Fields the vendor's document says are refused; dropped and reported. */
  readonly refuses?: readonly string[];
  /** The vendor knows no `developer` role. */
  readonly developerAsSystem?: boolean;
}

export interface ProviderRow {
  /** What users write in `x-portkey-provider`. */
  readonly id: string;
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly dialect: DialectId;
  /** Base URL without a trailing slash; null when only the operator knows it (`custom_host`). */
  readonly base: string | null;
  readonly auth: Auth;
  /** Environment variables that may hold the credential, first match wins. */
  readonly env?: readonly string[];
  /** Where the endpoints are, below the base. */
  readonly paths: Readonly<Record<"chat" | "models", string>>;
  readonly inputs?: readonly HeaderInput[];
  readonly quirks?: Quirks;
  /** Answers without a credential (a server on one's own machine). */
  readonly keyless?: boolean;
}
