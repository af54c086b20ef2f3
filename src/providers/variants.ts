/** A row as it is for one call: some providers speak another dialect, or at another place, for some of theirs. */
import type { ClientDialectId } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import type { OptionMatch, ProviderRow, RowVariant } from "../schema/provider-row.ts";
import { patternOf } from "./patterns.ts";

/** What a variant may ask about. */
export interface Asked {
  readonly model: string | null;
  /** The path of the client's request. */
  readonly pathname: string;
  /** Its query, with the question mark. */
  readonly search?: string;
  readonly option: (name: string) => string | undefined;
  /** The dialect of the client; any where nobody asks. */
  readonly client?: ClientDialectId;
  /** Whether the body says a field. */
  readonly says?: (field: string) => boolean;
  /** The same for an option that is an object. */
  readonly object?: (name: string) => JsonObject | undefined;
  /** What the request, the config or the virtual key says, not what the environment holds. */
  readonly credential?: () => string | undefined;
}

/** By row, too: rows that were copied share their variants. */
const merged = new WeakMap<ProviderRow, Map<RowVariant, ProviderRow>>();

/** The row with the first variant that holds laid over it. */
export const rowFor = (row: ProviderRow, asked: Asked): ProviderRow => {
  const variant = row.variants?.find((candidate) => holds(candidate, asked));
  if (variant === undefined) return row;
  let known = merged.get(row);
  if (known === undefined) merged.set(row, (known = new Map<RowVariant, ProviderRow>()));
  let made = known.get(variant);
  if (made === undefined) known.set(variant, (made = { ...row, ...variant.row }));
  return made;
};

const abroad = new WeakMap<ProviderRow, ProviderRow>();

/** The row as it is for a call to another host than the provider's own. */
export const onOtherHost = (row: ProviderRow): ProviderRow => {
  const { onOtherHosts: more } = row;
  if (more === undefined) return row;
  let known = abroad.get(row);
  if (known === undefined) {
    const { paths, codecs = {} } = row;
    abroad.set(
      row,
      (known = {
        ...row,
        paths: { ...paths, ...more.paths },
        codecs: { ...codecs, ...more.codecs },
        quirks: more.quirks,
      }),
    );
  }
  return known;
};

const native = new WeakMap<ProviderRow, ProviderRow>();

/** Who asks a row for a chat, and what they say of how it is to be asked. */
export interface Speaker {
  readonly client: ClientDialectId;
  readonly model: string | null;
  /** What the option of that name says. */
  readonly api: string | undefined;
  /** Looked for where a model's API depends on it. */
  readonly wishes: () => Wishes;
}

export interface Wishes {
  /** Whether it declares functions. */
  readonly hasTools: boolean;
  /** The effort that it asks for; undefined where it says none, or says it in words of another API. */
  readonly effort: string | undefined;
}

/** `chat` or `responses`: which of OpenAI's two APIs a provider that has both is asked by. */
export const OPENAI_API = "openai_api";

/**
 * The row as it is for a client: where the provider has OpenAI's Responses API itself, a chat of that API's clients is
 * that endpoint's, as is every chat that asks for it. Every other chat is the row's own.
 */
export const speaking = (row: ProviderRow, speaker: Speaker): ProviderRow => {
  const said = speaker.api?.trim();
  if (said !== undefined && said !== "chat" && said !== "responses")
    throw invalidRequest(OPENAI_API, "must be chat or responses");
  if (said === "responses" && row.paths.responses === undefined)
    throw invalidRequest(OPENAI_API, `${row.id} has no Responses API of its own`);
  const asks = said === undefined ? speaker.client === "openai-responses" : said === "responses";
  return asks ? byResponses(row) : row;
};

/** How the provider's own host is asked for what it serves by that API alone, where nobody says otherwise. */
export const speakingAtHome = (row: ProviderRow, speaker: Speaker): ProviderRow =>
  speaker.api === undefined && (isServedBy(row.responsesModels, speaker) || callsByResponses(row, speaker))
    ? byResponses(row)
    : row;

/** Whether it would refuse the tools in a chat. Clients of other APIs are translated in any case. */
const callsByResponses = (row: ProviderRow, speaker: Speaker): boolean => {
  if (!isServedBy(row.responsesTools, speaker)) return false;
  const { hasTools, effort } = speaker.wishes();
  if (!hasTools || speaker.client !== "openai-chat") return hasTools;
  return effort === undefined ? isServedBy(row.thinksUnasked, speaker) : effort !== "none";
};

const isServedBy = (models: string | undefined, { model }: Speaker): boolean =>
  models !== undefined && matches(models, model);

const byResponses = (row: ProviderRow): ProviderRow => {
  const { responses } = row.paths;
  if (responses === undefined || row.dialect === RESPONSES_DIALECT) return row;
  let spoken = native.get(row);
  if (spoken === undefined) {
    const { framing: _, streamPaths: __, quirks: ___, ...rest } = row;
    const quirks = row.endpointQuirks?.responses;
    const paths = { ...row.paths, chat: responses };
    native.set(
      row,
      (spoken = { ...rest, dialect: RESPONSES_DIALECT, paths, ...(quirks === undefined ? {} : { quirks }) }),
    );
  }
  return spoken;
};

const RESPONSES_DIALECT = "openai-responses";

const holds = (variant: RowVariant, asked: Asked): boolean => {
  const { models, pathname, search, option, options, unless } = variant;
  return (
    matches(models, asked.model) &&
    matches(pathname, asked.pathname) &&
    matches(search, asked.search ?? "") &&
    (option === undefined || isSaid(option, asked)) &&
    (options ?? []).every((each) => isSaid(each, asked)) &&
    (unless === undefined || !isSaid(unless, asked)) &&
    isFor(variant, asked) &&
    isKeyAlone(variant, asked)
  );
};

const isSaid = (option: OptionMatch, asked: Asked): boolean =>
  matches(option.matches, asked.option(option.name)?.trim() ?? null);

/** The client speaks one of its dialects, and says nothing that it lacks, and something of what it is about. */
const isFor = ({ clients, lacks = [], says }: RowVariant, asked: Asked): boolean => {
  const { client, says: isSaidBy } = asked;
  const isSent = (field: string): boolean => isSaidBy?.(field) === true;
  return (
    (clients === undefined || (client !== undefined && clients.includes(client))) &&
    !lacks.some(isSent) &&
    (says === undefined || says.some(isSent))
  );
};

/** The credential is of the kind, and none of the options is there that it would do without. */
const isKeyAlone = ({ key, without }: RowVariant, { option, object, credential }: Asked): boolean =>
  (without ?? []).every((name) => option(name) === undefined && object?.(name) === undefined) &&
  (key === undefined || matches(key, credential?.() ?? null));

/** What the provider calls the model that was asked for. */
export const upstreamModel = (row: ProviderRow, model: string | null): string | null => {
  if (row.modelNames === undefined || model === null) return model;
  const spelling = row.modelNames.find(({ pattern }) => patternOf(pattern).test(model));
  return spelling === undefined ? model : model.replace(patternOf(spelling.pattern), spelling.name);
};

/** A variant that does not ask is content with anything. */
const matches = (pattern: string | undefined, value: string | null): boolean =>
  pattern === undefined || (value !== null && patternOf(pattern).test(value));
