/** Where a target's calls go: the request's word, the config's, the virtual key's, or the row's. */
import { baseOption, filledBase } from "../providers/url.ts";
import { GatewayError } from "../schema/errors.ts";
import type { ProviderRow } from "../schema/provider-row.ts";
import type { VirtualKey } from "../schema/settings.ts";
import type { Call } from "./call.ts";
import type { ReadOption } from "./options.ts";
import { operatorsOptions } from "./options.ts";
import type { Target } from "./target.ts";

export interface Place {
  readonly base: string;
  readonly trust: "fixed" | "caller";
}

/** The header wins over every target's own host, as the reference's users rely on. */
export const findPlace = (
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
  if (named !== undefined) return namedPlace(row, named, option, operatorsOptions(row, target, virtualKey));
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
