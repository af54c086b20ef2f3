/** Provider options: what the operator, the request's headers and the config say of one, and who is heard first. */
import type { HeaderFields } from "../lib/header-fields.ts";
import { GatewayError } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import type { ProviderRow } from "../schema/provider-row.ts";
import type { VirtualKey } from "../schema/settings.ts";
import type { Call } from "./call.ts";
import { readOption } from "./headers.ts";
import type { Target } from "./target.ts";

/** An option by its snake_case name. */
export type ReadOption = (name: string) => string | undefined;

/** Credentials of the operator's are in play: a virtual key, or a config of the operator's own. */
export const isOperatorsOwn = ({ node, isOperators }: Target, virtualKey: VirtualKey | undefined): boolean =>
  virtualKey !== undefined || (isOperators && node.options.provider !== undefined);

/** What the operator says of an option, whatever the request does. */
export const operatorsOptions = (
  row: ProviderRow,
  { node, isOperators }: Target,
  virtualKey: VirtualKey | undefined,
): ReadOption =>
  spelled(
    row,
    (name) => (isOperators ? asText(node.options[name]) : undefined) ?? asText(virtualKey?.options[name]),
  );

/**
 * The request's headers are heard first (for targets that the request itself named), then the config,
 * then the virtual key. Where a call goes with the operator's credentials is the operator's to say alone.
 */
export const optionsOf = (
  row: ProviderRow,
  call: Call,
  target: Target,
  virtualKey: VirtualKey | undefined,
): ReadOption => {
  const { headers, ingress } = call.inbound;
  const { node } = target;
  const inPath = ingress.native?.options;
  if (isPlain(row, target, virtualKey))
    return (name) =>
      (node.options.provider === undefined ? readOption(headers, name) : undefined) ??
      asText(node.options[name]) ??
      inPath?.[name];
  const callers = spelled(
    row,
    (name) =>
      (node.options.provider === undefined ? readOption(headers, name) : undefined) ??
      asText(node.options[name]) ??
      bareOption(row, headers, name),
  );
  const operators = operatorsOptions(row, target, virtualKey);
  const isOwn = isOperatorsOwn(target, virtualKey);
  return (name) => {
    const asked = callers(name);
    const kept = operators(name);
    if (!isOwn || !saysWhere(row, name) || asked === undefined || asked === kept)
      return asked ?? kept ?? inPath?.[name];
    throw new GatewayError(
      "host_not_allowed_for_key",
      `${name}: where a credential of the gateway's goes is not the request's to say`,
      { param: name },
    );
  };
};

/** Nothing but the request and its config has a say: most calls. */
const isPlain = (row: ProviderRow, target: Target, virtualKey: VirtualKey | undefined): boolean =>
  virtualKey === undefined && !target.isOperators && row.aka === undefined && row.bareOptions === undefined;

/** A header that the vendor's own clients send. */
const bareOption = (row: ProviderRow, headers: HeaderFields, name: string): string | undefined =>
  row.bareOptions?.includes(name) === true
    ? (headers.get(name.replaceAll("_", "-")) ?? undefined)
    : undefined;

/** The option decides whose account or machine is called: it stands in the row's base, or the row says so. */
const saysWhere = (row: ProviderRow, name: string): boolean =>
  row.operatorsOnly?.includes(name) === true ||
  (row.base?.includes(`{${name}}`) === true &&
    row.places?.find(({ option }) => option === name)?.isRegion !== true);

/** An option by any of its spellings. */
const spelled = (row: ProviderRow, read: ReadOption): ReadOption => {
  if (row.aka === undefined) return read;
  return (name) => {
    for (const spelling of [name, ...(row.aka?.[name] ?? [])]) {
      const value = read(spelling);
      if (value !== undefined) return value;
    }
    return undefined;
  };
};

const asText = (value: JsonValue | undefined): string | undefined =>
  isString(value) && value !== "" ? value : undefined;

/** An object, or the JSON text of one, as a header carries it. */
export const asObject = (value: JsonValue | undefined): JsonObject | undefined => {
  if (isObject(value)) return value;
  if (!isString(value)) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
};
