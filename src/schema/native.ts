/** What a vendor's own path says that OpenAI's APIs say elsewhere. */
import type { ClientDialectId, DialectId } from "./chat.ts";
import type { JsonObject } from "./json.ts";
import type { Endpoint } from "./provider-row.ts";

export interface NativePath {
  /** Whose path it is: who is asked where neither the request nor a config names anybody. */
  readonly provider: string;
  /** A passed-through call is understood only by those who speak this. */
  readonly speaks?: DialectId;
  /** Others have a path of this name too: for them it is one that is passed through like any. */
  readonly isShared?: boolean;
  /** Fields that stand in the path and not in the body (`model`, `stream`). */
  readonly said?: JsonObject;
  /** Options of its provider that stand in the path, heard where nothing else says one. */
  readonly options?: Readonly<Record<string, string>>;
  /** The method of the model that is called, for rows that say where theirs are. */
  readonly method?: string;
  /** The path below the provider's base, where no row says otherwise. */
  readonly below: string;
  /** The body and the answer are those of the dialect's chat, though they are only passed on. */
  readonly isChat?: boolean;
  /** They are a model's own, as Bedrock's InvokeModel takes and gives them. */
  readonly isInvoked?: boolean;
  /** Media is sent, in whatever form: it goes below `/upload` at the base. */
  readonly isUpload?: boolean;
  /** Headers of an answer that say where the rest of an upload is to be sent. */
  readonly goesOnAt?: readonly string[];
  /** The query proves enough: no key is needed. */
  readonly isKeyless?: boolean;
  /** A stream is wanted as one JSON array. */
  readonly isArray?: boolean;
  /** Where the vendor's clients put their key, besides `Authorization`. */
  readonly key?: { readonly header: string; readonly query: string };
  /** Names of the query that are for us and go no further. */
  readonly withheld?: readonly string[];
}

/** The kind of work that a vendor's own path asks for. */
export interface NativeCall {
  readonly endpoint: Endpoint;
  /** The dialect that errors and answers are written in. */
  readonly dialect: ClientDialectId;
  readonly native: NativePath;
}
