/** Resolves a leaf of the config against the call: which provider, where, with which credential. */
import { environmentCredential, needsKey } from "../providers/auth.ts";
import { baseOption, filledBase } from "../providers/url.ts";
import { rowFor } from "../providers/variants.ts";
import type { Inherited } from "../schema/config.ts";
import { GatewayError } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import type { ProviderRow } from "../schema/provider-row.ts";
import type { VirtualKey } from "../schema/settings.ts";
import type { Call } from "./call.ts";
import { readOption } from "./headers.ts";
import { bodyJson } from "./inbound.ts";

/** A leaf of the compiled plan. */
export interface Target {
  /** `config.targets[0]`… */
  readonly path: string;
  /** What the config says of it, its ancestors heard. */
  readonly node: Inherited;
  /** The operator wrote it, so its hosts are the operator's choice. */
  readonly isOperators: boolean;
}

export interface ResolvedTarget {
  readonly path: string;
  readonly row: ProviderRow;
  readonly base: string;
  /** Who chose the host: `fixed` is our table or the operator, `caller` is checked at every use. */
  readonly trust: "fixed" | "caller";
  readonly credential: string | undefined;
  readonly node: Inherited;
  readonly requestTimeoutMs: number | undefined;
  readonly forwardHeaders: readonly string[];
  readonly strict: boolean;
  /** The model that is asked for upstream. */
  readonly model: string | null;
  /** The host is the provider's own, so the gateway's own credentials may go there. */
  readonly atHome: boolean;
  /** What the request or the config says for a provider option, by its snake_case name. */
  readonly option: ReadOption;
  /** The same for an option that is an object. */
  readonly object: (name: string) => JsonObject | undefined;
}

/** A key that stands for "the credential the gateway has", for clients that must send one. */
const PLACEHOLDER_KEY = "turnpike";

export const resolveTarget = (call: Call, target: Target): ResolvedTarget => {
  const { node } = target;
  const virtualKey = findVirtualKey(call, node);
  const found = findRow(call, node.options.provider ?? virtualKey?.provider ?? call.addressed?.provider);
  const option = optionsOf(found, callersOptions(call, target, virtualKey));
  const asked = requestModel(call, node);
  const row = rowFor(found, { model: asked, pathname: call.inbound.pathname, option });
  checkKeyOwner(call, virtualKey, row);
  const model = optionModel(call, row, asked, option) ?? asked;
  const place = findPlace(call, target, virtualKey, row, option);
  const atHome = place.trust === "fixed" && place.base === row.base;
  return {
    path: target.path,
    row,
    model,
    base: atHome ? filledBase(row, place.base, option) : place.base,
    trust: place.trust,
    atHome,
    credential: findCredential(call, target, virtualKey, row, place, atHome),
    node,
    requestTimeoutMs: call.headers.requestTimeoutMs ?? node.request_timeout,
    forwardHeaders: call.headers.forwardHeaders ?? node.forward_headers ?? [],
    strict: (call.headers.strict ?? node.strict_open_ai_compliance) !== false,
    option,
    object: (name) => asObject(node.options[name] ?? virtualKey?.options[name] ?? option(name)),
  };
};

/** The overrides' model, what is left of an addressed one, or the client's. */
const requestModel = (call: Call, node: Inherited): string | null => {
  const addressed = node.options.provider === undefined ? call.addressed?.model : undefined;
  const model = node.override_params["model"] ?? addressed ?? bodyJson(call.inbound)["model"];
  return isString(model) && model !== "" ? model : null;
};

/** The model that an option names. A passed-through body without a model gets none: it may not ask for one. */
const optionModel = (
  call: Call,
  row: ProviderRow,
  asked: string | null,
  option: ReadOption,
): string | undefined => {
  if (row.modelOption === undefined) return undefined;
  return asked === null && call.inbound.ingress.endpoint === "proxy" ? undefined : option(row.modelOption);
};

type ReadOption = (name: string) => string | undefined;

/** Headers speak for targets that the request itself named; a config's target has its own options. */
const callersOptions = (call: Call, { node }: Target, virtualKey: VirtualKey | undefined): ReadOption => {
  const { headers } = call.inbound;
  return (name) =>
    (node.options.provider === undefined ? readOption(headers, name) : undefined) ??
    asText(node.options[name]) ??
    asText(virtualKey?.options[name]);
};

/** What the operator says of an option, whatever the request does. */
const operatorsOptions =
  ({ node, isOperators }: Target, virtualKey: VirtualKey | undefined): ReadOption =>
  (name) =>
    (isOperators ? asText(node.options[name]) : undefined) ?? asText(virtualKey?.options[name]);

/** An option by any of its spellings. */
const optionsOf = (row: ProviderRow, spelled: ReadOption): ReadOption => {
  if (row.aka === undefined) return spelled;
  return (name) => {
    for (const spelling of [name, ...(row.aka?.[name] ?? [])]) {
      const value = spelled(spelling);
      if (value !== undefined) return value;
    }
    return undefined;
  };
};

/** A credential never goes to another provider than the one it was kept for. */
const checkKeyOwner = (call: Call, virtualKey: VirtualKey | undefined, row: ProviderRow): void => {
  if (virtualKey === undefined || findRow(call, virtualKey.provider).id === row.id) return;
  throw new GatewayError("invalid_provider", `This virtual key is not one for ${row.id}`, {
    param: "virtual_key",
  });
};

const asText = (value: JsonValue | undefined): string | undefined =>
  isString(value) && value !== "" ? value : undefined;

/** An object, or the JSON text of one, as a header carries it. */
const asObject = (value: JsonValue | undefined): JsonObject | undefined => {
  if (isObject(value)) return value;
  if (!isString(value)) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
};

const findVirtualKey = (call: Call, node: Inherited): VirtualKey | undefined => {
  const named = call.addressed?.provider;
  const name =
    node.options.virtual_key ??
    (node.options.provider === undefined
      ? (call.headers.virtualKey ?? (named?.startsWith("@") === true ? named.slice(1) : undefined))
      : undefined);
  if (name === undefined) return undefined;
  const virtualKey = call.surroundings.virtualKeys.get(name);
  if (
    virtualKey === undefined &&
    node.options.virtual_key === undefined &&
    node.options.provider === undefined
  )
    return named?.startsWith("@") === true ? undefined : unknownVirtualKey(name);
  return virtualKey ?? (node.options.provider === undefined ? unknownVirtualKey(name) : undefined);
};

const unknownVirtualKey = (name: string): never => {
  throw new GatewayError("invalid_provider", `There is no virtual key named ${JSON.stringify(name)} here`, {
    param: "virtual_key",
  });
};

const findRow = (call: Call, name: string | undefined): ProviderRow => {
  if (name === undefined)
    throw new GatewayError(
      "missing_provider",
      "Either x-portkey-provider needs to be passed. Or the x-portkey-config header should have a valid config with provider details in it.",
    );
  const row = call.surroundings.catalog.find(name.replace(/^@/, ""));
  if (row === undefined) throw new GatewayError("invalid_provider", "Invalid provider passed");
  return row;
};

interface Place {
  readonly base: string;
  readonly trust: "fixed" | "caller";
}

/** The header wins over every target's own host, as the reference's users rely on. */
const findPlace = (
  call: Call,
  target: Target,
  virtualKey: VirtualKey | undefined,
  row: ProviderRow,
  option: ReadOption,
): Place => {
  if (call.headers.customHost !== undefined) return { base: call.headers.customHost.trim(), trust: "caller" };
  if (target.node.custom_host)
    return { base: target.node.custom_host.trim(), trust: target.isOperators ? "fixed" : "caller" };
  if (virtualKey?.customHost !== undefined) return { base: virtualKey.customHost, trust: "fixed" };
  const named = baseOption(row);
  if (named !== undefined)
    return namedPlace(row, named, option, optionsOf(row, operatorsOptions(target, virtualKey)));
  if (row.base !== null) return { base: row.base, trust: "fixed" };
  throw new GatewayError(
    "missing_input",
    `Provider ${row.id} needs to know its host: send x-portkey-custom-host, or custom_host in the config`,
    { param: "custom_host" },
  );
};

/** A base that is an option's value is the choice of whoever gave it: the operator, or the request. */
const namedPlace = (row: ProviderRow, name: string, option: ReadOption, operators: ReadOption): Place => {
  const template = `{${name}}`;
  const value = option(name);
  return value !== undefined && value === operators(name)
    ? { base: template, trust: "fixed" }
    : { base: filledBase(row, template, option), trust: "caller" };
};

/**
 * Keys of the gateway's own only ever go to the host they belong to; a key that came with the
 * request goes where the request says.
 */
const findCredential = (
  call: Call,
  target: Target,
  virtualKey: VirtualKey | undefined,
  row: ProviderRow,
  place: Place,
  atHome: boolean,
): string | undefined => {
  const sent = target.node.options.provider === undefined ? call.headers.credential : undefined;
  const given = sent === PLACEHOLDER_KEY ? undefined : sent;
  if (virtualKey !== undefined) return virtualKeyCredential(virtualKey, place);
  const own = given ?? target.node.options.api_key;
  if (own !== undefined && own !== PLACEHOLDER_KEY) return own;
  const held = atHome ? environmentCredential(row, call.surroundings.environment) : undefined;
  if (held !== undefined || !needsKey(row)) return held;
  throw new GatewayError("missing_credential", missingKeyMessage(row, atHome));
};

const virtualKeyCredential = (virtualKey: VirtualKey, place: Place): string | undefined => {
  if (place.trust === "fixed") return virtualKey.apiKey?.reveal();
  throw new GatewayError(
    "host_not_allowed_for_key",
    "A virtual key's credential is not sent to a host that the request chose",
    { param: "custom_host" },
  );
};

const missingKeyMessage = (row: ProviderRow, atHome: boolean): string => {
  const variable = atHome ? row.env?.[0] : undefined;
  const environment =
    variable === undefined
      ? " (any value, if the host asks for none)"
      : `, or set ${variable} where the gateway runs`;
  return `No API key for ${row.id}: send it as "Authorization: Bearer <key>", as api_key in the config${environment}`;
};
