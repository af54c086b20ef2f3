/** Resolves a leaf of the config against the call: which provider, where, with which credential. */
import { filledBase } from "../providers/url.ts";
import {
  OPENAI_API,
  onOtherHost,
  rowFor,
  speaking,
  speakingAtHome,
  upstreamModel,
} from "../providers/variants.ts";
import type { Wishes } from "../providers/variants.ts";
import type { Inherited } from "../schema/config.ts";
import { GatewayError } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import type { ProviderRow } from "../schema/provider-row.ts";
import type { Call } from "./call.ts";
import { findCredential, saidCredential } from "./credential.ts";
import { bodyJson } from "./inbound.ts";
import type { ReadOption } from "./options.ts";
import { asObject, isOperatorsOwn, optionsOf } from "./options.ts";
import { findPlace } from "./place.ts";
import { checkKeyOwner, findVirtualKey } from "./virtual-key.ts";

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
  /** A virtual key or a config of the operator's is used: what it opens is not the request's to choose. */
  readonly isOperators: boolean;
  /** What the request or the config says for a provider option, by its snake_case name. */
  readonly option: ReadOption;
  /** The same for an option that is an object. */
  readonly object: (name: string) => JsonObject | undefined;
}

export const resolveTarget = (call: Call, target: Target): ResolvedTarget => {
  const { node } = target;
  const virtualKey = findVirtualKey(call, node);
  const found = findRow(call, node.options.provider ?? virtualKey?.provider ?? call.addressed?.provider);
  const option = optionsOf(found, call, target, virtualKey);
  const asked = requestModel(call, node);
  const { ingress, pathname, search } = call.inbound;
  const client = ingress.dialect;
  const says = (field: string): boolean => saysField(call, node, field);
  const object = (name: string): JsonObject | undefined =>
    asObject(node.options[name] ?? virtualKey?.options[name] ?? option(name));
  const credential = (): string | undefined => saidCredential(call, target, virtualKey);
  const about = { model: asked, pathname, search, option, object, credential, client, says };
  const speaker = { client, model: asked, api: option(OPENAI_API), wishes: () => wishesOf(call, node) };
  const row = speaking(rowFor(found, about), speaker);
  checkKeyOwner(virtualKey === undefined ? undefined : findRow(call, virtualKey.provider), row);
  const model = upstreamModel(row, optionModel(call, row, asked, option) ?? asked);
  const place = findPlace(call, target, virtualKey, row, option);
  const atHome = place.trust === "fixed" && place.base === row.base;
  return {
    path: target.path,
    row: atHome ? speakingAtHome(row, speaker) : onOtherHost(row),
    model,
    base: atHome ? filledBase(row, place.base, option, call.surroundings.environment, model) : place.base,
    trust: place.trust,
    atHome,
    isOperators: isOperatorsOwn(target, virtualKey),
    credential: findCredential(call, target, virtualKey, row, place, atHome),
    node,
    requestTimeoutMs: call.headers.requestTimeoutMs ?? node.request_timeout,
    forwardHeaders: call.headers.forwardHeaders ?? node.forward_headers ?? [],
    strict: (call.headers.strict ?? node.strict_open_ai_compliance) !== false,
    option,
    object,
  };
};

/** The overrides' model, what is left of an addressed one, or the client's. */
const requestModel = (call: Call, node: Inherited): string | null => {
  const addressed = node.options.provider === undefined ? call.addressed?.model : undefined;
  const said = node.override_params["model"] ?? addressed ?? bodyJson(call.inbound)["model"];
  if (!isString(said)) return null;
  const model = call.inbound.ingress.dialect === "anthropic-messages" ? withoutWindow(said) : said;
  return model === "" ? null : model;
};

/**
 * The name without what Claude Code puts behind it for a window of a million tokens. That is between it and its user,
 * and yet some of its requests have it: github.com/Wei-Shaw/sub2api/pull/4505, github.com/decolua/9router/issues/2531.
 */
const withoutWindow = (model: string): string => {
  let end = model.length;
  while (model.slice(Math.max(0, end - WINDOW.length), end).toLowerCase() === WINDOW) end -= WINDOW.length;
  return model.slice(0, end);
};

const WINDOW = "[1m]";

const wishesOf = (call: Call, node: Inherited): Wishes => {
  const effort = fieldOf(call, node, "reasoning_effort");
  const isChat = call.inbound.ingress.dialect === "openai-chat";
  const declares = (field: string): boolean => {
    const tools = fieldOf(call, node, field);
    return isArray(tools) && tools.some((tool) => !(isChat && isFreeText(tool)));
  };
  return {
    hasTools: declares("tools") || declares("functions"),
    effort: isString(effort) ? effort : undefined,
  };
};

/** A custom tool of OpenAI's chat is no function, and is called by either API. */
const isFreeText = (tool: JsonValue): boolean => isObject(tool) && tool["type"] === "custom";

const fieldOf = (call: Call, node: Inherited, field: string): JsonValue | undefined =>
  node.override_params[field] ?? bodyJson(call.inbound)[field];

const saysField = (call: Call, node: Inherited, field: string): boolean => fieldOf(call, node, field) != null;

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
