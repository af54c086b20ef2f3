/** A provider is a row: the dialect it speaks, how its streams are cut, where it is, and how it is signed for. */
import type { ClientDialectId, DialectId } from "./chat.ts";
import type { ResourceFamily } from "./resource.ts";

/** The kind of work a request asks for. `proxy` is everything without a mapping of its own. */
export const ENDPOINTS = [
  "chat",
  "completions",
  "embeddings",
  "images",
  "image_edits",
  "image_variations",
  "speech",
  "transcriptions",
  "translations",
  "models",
  "moderations",
  "rerank",
  /** OpenAI's Responses API, where the provider speaks it itself. */
  "responses",
  /** OpenAI's Realtime API: a WebSocket. Its request is the query of the URL. */
  "realtime",
  /** Anthropic's: what a chat would read, without asking it. Estimated where the provider does not count. */
  "count_tokens",
  "proxy",
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];
export type MappedEndpoint = Exclude<Endpoint, "proxy">;

/** How a stream is cut into frames. */
export type FramingId = "sse" | "aws-eventstream" | "bedrock-messages" | "ndjson";

export type Auth =
  /** `Authorization: Bearer <credential>` */
  | { readonly kind: "bearer" }
  /** `<name>: <credential>`; credentials that start with `bearerPrefix` go as bearer tokens. */
  | {
      readonly kind: "header";
      readonly name: string;
      readonly bearerPrefix?: string;
      readonly scheme?: string;
    }
  | { readonly kind: "none" }
  /** A signer with a file of its own; what it needs are the row's options. */
  | { readonly kind: "google" | "oci" }
  /** A key or a token of Microsoft Entra ID. Keys go in `keyHeader`; without one they are bearer tokens too. */
  | { readonly kind: "azure"; readonly keyHeader?: string }
  | { readonly kind: "sigv4"; readonly service: string };

/** A provider option that becomes an upstream header. */
export interface HeaderInput {
  /** The config key, snake_case; as a request header it is `x-portkey-` with dashes. */
  readonly option: string;
  /** The upstream header's name. */
  readonly header: string;
  /** The vendor's clients send the header themselves: it is taken from the request too. */
  readonly bare?: boolean;
  readonly default?: string;
  /** It lists betas of Anthropic's: those that this host refuses are left out, reported. */
  readonly betasAt?: BetaHost;
}

/** Clouds that serve Claude and take some of its betas only. */
export type BetaHost = "bedrock" | "vertex";

/** A provider option that stands in the base or in a path, as `{option}`. */
export interface PlaceInput {
  readonly option: string;
  /**
   * `label`: one DNS label. `path`: path segments, encoded. `segment`: one path segment, its slashes and
   * colons encoded too (for the option `model`). `url`: an absolute URL, judged as a custom host. `word`: one
   * of `words`, whose spelling stands there. `domain`: the end of a host's name, which only the operator's
   * environment may say.
   */
  readonly kind: "label" | "path" | "segment" | "url" | "word" | "domain";
  readonly words?: Readonly<Record<string, string>>;
  /** A field of the body that says the same, for clients that cannot send the option. */
  readonly field?: string;
  /** Regular expression whose group is what the name of the model says of it, where the option itself is not given. */
  readonly inModel?: string;
  /** Variables of the operator's environment that say it in a base where nothing else does. */
  readonly env?: readonly string[];
  readonly default?: string;
  /** Any value names machines of the vendor's own, where a key is good for its own account and nothing else. */
  readonly isRegion?: boolean;
  /** Values for which the base is another one altogether. */
  readonly bases?: Readonly<Record<string, string>>;
  /** An option that is an object, and its field that says the same where the option itself does not. */
  readonly within?: { readonly option: string; readonly field: string };
}

/** Options that a config has to say for the provider: all of one of the sets. */
export interface OptionNeed {
  readonly anyOf: readonly (readonly string[])[];
  /** Regular expression on an `api_key` that needs none of them. */
  readonly orKey?: string;
  /** What is said of a config that lacks them. */
  readonly fault: string;
}

/** How users spell a model, and what the provider calls it. */
export interface ModelName {
  /** Regular expression on the request model. */
  readonly pattern: string;
  /** What stands in its place, `$1` for its groups. */
  readonly name: string;
}

/** Differences of a provider from its dialect's own body, each by the vendor's document. */
export interface Quirks {
  /** Field names the vendor spells differently. */
  readonly rename?: Readonly<Record<string, string>>;
  /** What models call the limit of an answer where they take one name alone; first match wins. */
  readonly limitNames?: readonly LimitName[];
  /** Values the vendor spells differently, by (vendor's) field name. */
  readonly values?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The largest number that a field takes; what is above gives way to it, reported. */
  readonly atMost?: Readonly<Record<string, number>>;
  /** Fields the vendor's document says are refused; dropped and reported. */
  readonly refuses?: readonly string[];
  /** The same, where there are tools. */
  readonly refusesBesideTools?: readonly string[];
  /** Lists of these names that are empty are refused; left out without a word. */
  readonly refusesEmptyLists?: readonly string[];
  /** The same of fields of messages. */
  readonly refusesInMessages?: readonly string[];
  /** Schemas are of Kimi's flavour. Reported where a tool's is not the same then. */
  readonly kimiSchemas?: boolean;
  /** Ids of calls are that many letters and digits; any other is replaced, alike in call and result. */
  readonly callIdLength?: number;
  /** Documents and sounds are parts of another spelling than OpenAI's. */
  readonly mistralParts?: boolean;
  /** Anthropic's cache marks stand on blocks alone, without a scope. */
  readonly plainCacheMarks?: boolean;
  /** Results of tools are answered by the assistant: where a user goes on at once, it is made to say a word. Reported. */
  readonly answersTools?: boolean;
  /** Contents of texts alone are one string; `always`: so are those that are missing. */
  readonly textContent?: "parts" | "always";
  /** The field of a last message that says it is the beginning of the assistant's answer. */
  readonly prefillField?: string;
  /** A turn in which the assistant says nothing is refused, and left out. */
  readonly refusesEmpty?: boolean;
  /** A turn that calls several tools is one for each call, with its result behind it. */
  readonly callsOneByOne?: boolean;
  /** A conversation of the system alone is refused: its last word is then the user's. Reported. */
  readonly needsUser?: boolean;
  /** Users and the assistant speak by turns, behind all that the system says. */
  readonly alternates?: boolean;
  /** Clients of other APIs say things as the system amid a conversation, which are put before it. */
  readonly systemFirst?: boolean;
  /** The choices of tools it takes: the model's alone, or those that are a word. */
  readonly toolChoices?: "auto" | "words";
  /** The forms of an answer it takes beside text: an object of any kind, or one of a schema. */
  readonly formats?: "object" | "schema";
  /** `top_k` is one of its fields, for clients of APIs that have it too. */
  readonly takesTopK?: boolean;
  /** The most tokens of an answer that comes as a whole: a longer one is asked for as a stream, and put together. */
  readonly streamsAbove?: number;
  /** Fields that are said elsewhere (the model in the URL); dropped without a word. */
  readonly removes?: readonly string[];
  /** Fields that must be there; the client's own value stays. */
  readonly sets?: Readonly<Record<string, string | number | boolean>>;
  /** The field of an assistant's message in which the vendor wants its reasoning back; the models that think unasked refuse to be without it. */
  readonly reasoningField?: string;
  /** The words of `reasoning_effort` that models take, first match wins; others give way to the nearest, reported. */
  readonly efforts?: readonly KnownEfforts[];
  /** How a model is told to think or not, where that is more than an effort. */
  readonly thinking?: ThinkingWords;
  /** What a model's name says before this mark stands in the path, what it says behind it in the body. */
  readonly splitsModelAt?: string;
  /** In forms, lists are fields of the same name, without OpenAI's `[]` behind it. */
  readonly plainLists?: boolean;
  /** Regular expression on models that take no system's turn amid the conversation: it is the user's there. Reported. */
  readonly systemAsUser?: string;
  /** The vendor knows no `developer` role. */
  readonly developerAsSystem?: boolean;
}

/**
 * A vendor's own words for thinking, for clients of other APIs: `thinking` is an object with a `type`,
 * `enable_thinking` a flag beside a `thinking_budget`, `reasoning` an object with `enabled` or `max_tokens`.
 */
export interface ThinkingWords {
  readonly field: "thinking" | "enable_thinking" | "reasoning";
  /** Regular expression on models that can be told to think. */
  readonly on: string;
  /** The same on those that can be told not to. */
  readonly off?: string;
  /** The same on those that think unasked, and refuse meanwhile what `thinking-quirks.ts` lists. */
  readonly unasked?: string;
  /** The same on those that think unasked and then answer in streams only. */
  readonly inStreams?: string;
  /** It can be told how many tokens that may take. */
  readonly takesBudget?: boolean;
}

export interface LimitName {
  /** Regular expression on the request model. */
  readonly models: string;
  readonly name: "max_tokens" | "max_completion_tokens";
}

export interface KnownEfforts {
  /** Regular expression on the request model. */
  readonly models: string;
  /** From the least to the most. */
  readonly words: readonly string[];
}

/** A regular expression on a provider option's value; what is not given does not match. */
export interface OptionMatch {
  readonly name: string;
  readonly matches: string;
}

/** What a row says differently for some calls; everything that a variant asks for must hold. */
export interface RowVariant {
  /** Regular expression on the request model. */
  readonly models?: string;
  /** Regular expression on the path of the client's request. */
  readonly pathname?: string;
  readonly option?: OptionMatch;
  /** Further ones, all of which must match. */
  readonly options?: readonly OptionMatch[];
  /** One that must not. */
  readonly unless?: OptionMatch;
  /** Dialects of the clients it is for. */
  readonly clients?: readonly ClientDialectId[];
  /** Body fields that it has no way to say: a client that sends one of them is not for it. */
  readonly lacks?: readonly string[];
  /** Body fields of which one must be sent. */
  readonly says?: readonly string[];
  /** Options of which none may be given. */
  readonly without?: readonly string[];
  /** Regular expression on the credential that was sent or kept for the call. */
  readonly key?: string;
  /** Regular expression on the query of the client's request. */
  readonly search?: string;
  readonly row: Partial<Omit<ProviderRow, "id" | "name" | "aliases" | "variants">>;
}

export interface ProviderRow {
  /** What users write in `x-portkey-provider`. */
  readonly id: string;
  readonly name: string;
  readonly aliases?: readonly string[];
  /** The dialect of its chat endpoint. */
  readonly dialect: DialectId;
  /** How its chat streams are cut; `sse` when absent. */
  readonly framing?: FramingId;
  /** Base URL without a trailing slash, with `{option}` for labels; null when only the operator knows it (`custom_host`). */
  readonly base: string | null;
  readonly auth: Auth;
  /** Environment variables that may hold the credential, first match wins. */
  readonly env?: readonly string[];
  /** Where each endpoint is below the base; `{model}` and `{option}` are filled in. An endpoint without a path is not offered. */
  readonly paths: Readonly<Partial<Record<MappedEndpoint, string>>>;
  /** The same for streams, where the path says whether the answer is one. */
  readonly streamPaths?: Readonly<Partial<Record<MappedEndpoint, string>>>;
  /** Regular expression on models that the vendor serves by its Responses API alone, whatever a client's API is. */
  readonly responsesModels?: string;
  /** The same on models that call functions by that API alone while they think, which they do where they are asked to. */
  readonly responsesTools?: string;
  /** And on those of them that think unasked. */
  readonly thinksUnasked?: string;
  /** Where the methods of a model are below the base, `{method}` for the name of one: for calls on vendors' own paths. */
  readonly methodPath?: string;
  /** Where passed-through calls go below the base, in place of `{path}`, the client's own; options are filled in. */
  readonly proxyPath?: string;
  /** They go below the root of the base's host, not below the base. */
  readonly proxyRoot?: boolean;
  /** The option that names the model to ask for, where it is given. */
  readonly modelOption?: string;
  /** What moves between body and headers where the provider wants it elsewhere than its dialect has it. */
  readonly envelope?: string;
  /** Its paths are its own, and take no query of the client's API. */
  readonly takesNoQuery?: boolean;
  /** Takes images and documents as bytes only: what a client names by URL is fetched first. */
  readonly fetchesMedia?: boolean;
  /** The dialect of its errors, where it is not that of its answers. */
  readonly errors?: DialectId;
  /** How it lists its models, where it is not as its dialect's vendor does. */
  readonly modelList?: "cloudflare";
  /** How the bodies of endpoints other than chat are mapped, where they are not OpenAI's. */
  readonly codecs?: Readonly<Partial<Record<MappedEndpoint, string>>>;
  /** How files, batches and fine-tuning jobs are asked for, where it is not OpenAI's way. */
  readonly adapters?: Readonly<Partial<Record<ResourceFamily, string>>>;
  /** Bases of other machines of the provider that adapters ask, by a name of theirs. */
  readonly hosts?: Readonly<Record<string, string>>;
  readonly inputs?: readonly HeaderInput[];
  readonly places?: readonly PlaceInput[];
  /** Options that the vendor's clients also send as headers without the prefix: `anthropic_beta` as `anthropic-beta`. */
  readonly bareOptions?: readonly string[];
  readonly quirks?: Quirks;
  /** The same for endpoints other than chat. */
  readonly endpointQuirks?: Readonly<Partial<Record<MappedEndpoint, Quirks>>>;
  /** Other spellings of an option in a config or as a header: `azure_resource_name` is also `resource_name`. */
  readonly aka?: Readonly<Record<string, readonly string[]>>;
  readonly variants?: readonly RowVariant[];
  /** What servers on other hosts offer besides that speak this provider's API, and what differs of them. */
  readonly onOtherHosts?: Required<Pick<ProviderRow, "paths" | "codecs" | "quirks">>;
  /** Spellings of models; the first that matches is replaced, in URL and body. */
  readonly modelNames?: readonly ModelName[];
  readonly needs?: OptionNeed;
  /** Options that only the operator may say where the operator's credentials are used. */
  readonly operatorsOnly?: readonly string[];
  /** Answers without a credential (a server on one's own machine). */
  readonly keyless?: boolean;
}
