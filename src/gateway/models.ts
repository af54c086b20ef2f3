/** `GET /v1/models` without a provider: what can be asked for by name here. */
import { environmentCredential } from "../providers/auth.ts";
import type { ListedModel } from "../providers/model-lists.ts";
import { writeModel, writeModelList } from "../providers/model-lists.ts";
import { listModels, modelFacts } from "../providers/models.ts";
import type { ClientDialectId } from "../schema/chat.ts";
import { GatewayError } from "../schema/errors.ts";
import { isObject, isString } from "../schema/json.ts";
import type { JsonObject } from "../schema/json.ts";
import type { Gateway } from "./assemble.ts";
import type { Surroundings } from "./call.ts";
import { modelInPath } from "./model-list.ts";
import { render } from "./refuse.ts";

/** The answer, or undefined when the request names a provider, whose own list is wanted. */
export const modelCatalogue = (
  gateway: Gateway,
  request: Request,
  dialect: ClientDialectId,
): Response | undefined => {
  if (namesProvider(request.headers)) return undefined;
  try {
    return Response.json(catalogued(gateway, request, dialect));
  } catch (error) {
    if (error instanceof GatewayError) return render(error, dialect, {});
    throw error;
  }
};

const NAMING = ["x-portkey-provider", "x-portkey-config", "x-portkey-virtual-key", "x-portkey-custom-host"];

/** Whether the headers say whose answer is wanted. */
export const namesProvider = (headers: Headers): boolean =>
  NAMING.some((name) => (headers.get(name) ?? "") !== "");

const catalogued = (gateway: Gateway, request: Request, dialect: ClientDialectId): JsonObject => {
  const { pathname, search } = new URL(request.url);
  const model = decoded(modelInPath(pathname).slice(1));
  if (model === "") return writeModelList(dialect, gateway.models.map(listed), search);
  if (!gateway.models.includes(model)) throw noSuchModel(model);
  return writeModel(dialect, listed(model));
};

const noSuchModel = (id: string): GatewayError =>
  new GatewayError("not_found", `model: ${JSON.stringify(id)} is not configured here`, { param: "model" });

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign of its own, which no name here has
  }
};

const listed = (id: string): ListedModel => {
  const [owner = "turnpike", ...model] = id.replace(/^@/, "").split("/");
  const maxInput = id.startsWith("@") ? null : (modelFacts(owner, model.join("/"))?.contextWindow ?? null);
  return { id, owner, ...(maxInput === null ? {} : { maxInput }) };
};

/** Model names that the operator's configs and virtual keys mention, addressed as a client would. */
export const configuredModels = (
  configs: Readonly<Record<string, JsonObject>>,
  virtualKeys: Iterable<readonly [string, { readonly options: JsonObject }]>,
): readonly string[] => {
  const found = new Set<string>();
  for (const config of Object.values(configs))
    for (const id of modelsOfNode(config, undefined)) found.add(id);
  for (const [name, key] of virtualKeys)
    for (const model of textsOf(key.options["models"])) found.add(`@${name}/${model}`);
  return [...found].sort();
};

/** Models that are known of every provider the gateway holds a credential for. */
export const knownModels = ({
  catalog,
  environment,
  virtualKeys,
}: Pick<Surroundings, "catalog" | "environment" | "virtualKeys">): readonly string[] => [
  ...catalog.rows
    .filter((row) => environmentCredential(row, environment) !== undefined)
    .flatMap((row) => listModels(row.id).map(({ id }) => `${row.id}/${id}`)),
  ...[...virtualKeys]
    .filter(([, key]) => key.options["models"] === undefined) // a list of the operator's own says it all
    .flatMap(([name, key]) =>
      listModels(catalog.find(key.provider)?.id ?? "").map(({ id }) => `@${name}/${id}`),
    ),
];

const modelsOfNode = (node: JsonObject, above: string | undefined): readonly string[] => {
  const provider = nameOf(node) ?? above;
  const overrides = node["override_params"];
  const model = isObject(overrides) ? overrides["model"] : undefined;
  const own = isString(model) && provider !== undefined ? [`${provider}/${model}`] : [];
  const targets = node["targets"];
  const below = Array.isArray(targets)
    ? targets.filter(isObject).flatMap((child) => modelsOfNode(child, provider))
    : [];
  return [...own, ...below];
};

const nameOf = (node: JsonObject): string | undefined => {
  const { virtual_key: virtualKey, provider } = node;
  if (isString(virtualKey)) return `@${virtualKey}`;
  return isString(provider) ? provider : undefined;
};

const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter(isString) : []);
