/** Models as a client's own API lists them, whichever vendor lists them: the URL and the answer. */
import {
  isForeignList,
  readModel,
  readModelList,
  wholeListQuery,
  writeModel,
  writeModelList,
} from "../providers/model-lists.ts";
import { mappedUrl, proxiedUrl } from "../providers/url.ts";
import type { ClientDialectId } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Call } from "./call.ts";
import type { ResolvedTarget } from "./target.ts";

/** Whose client asks: Anthropic's say their API's version, or bring their key in a header of its own. */
export const listDialect = (headers: Headers): ClientDialectId =>
  headers.has("anthropic-version") || (headers.has("x-api-key") && !headers.has("authorization"))
    ? "anthropic-messages"
    : "openai-chat";

/** The answer has to be written for the client. */
export const isTranslatedList = (call: Call, { row }: ResolvedTarget): boolean =>
  isForeignList(row, call.inbound.ingress.dialect);

/** What follows `/v1/models` in a path: nothing, or a slash and a model's name as it was sent. */
export const modelInPath = (pathname: string): string =>
  pathname.slice(pathname.indexOf(LIST_PATH) + LIST_PATH.length).replace(/\/$/, "");

export const modelsUrl = (call: Call, target: ResolvedTarget): string => {
  const { pathname } = call.inbound;
  const { row, base, option, object } = target;
  const model = modelInPath(pathname);
  const search = searchOf(call, target, model);
  if (model !== "" && row.paths.models === undefined)
    return proxiedUrl(row, base, LIST_PATH + model, { search, option });
  const url = mappedUrl(row, base, "models", { model: target.model, stream: false, search, option, object });
  const query = url.indexOf("?");
  return query === -1 ? url + model : url.slice(0, query) + model + url.slice(query);
};

/** A foreign list, or one model of it, in the client's shape; undefined where the reply is neither. */
export const translatedList = (
  call: Call,
  { row }: ResolvedTarget,
  body: unknown,
): JsonObject | undefined => {
  const { pathname, search, ingress } = call.inbound;
  if (modelInPath(pathname) !== "") {
    const model = readModel(row, body);
    return model === undefined ? undefined : writeModel(ingress.dialect, model);
  }
  const list = readModelList(row, body);
  if (list === undefined) return undefined;
  if (list.hasMore) call.recorder.note(`models (${row.id} has more than it tells at once)`);
  return writeModelList(ingress.dialect, list.models, search);
};

const LIST_PATH = "/v1/models";

/** A client's pages are cut from the whole list: its own words for them mean nothing there. */
const searchOf = (call: Call, target: ResolvedTarget, model: string): string => {
  if (!isTranslatedList(call, target)) return call.inbound.search;
  return model === "" ? wholeListQuery(target.row) : "";
};
