/** The virtual key a target uses: named by its config, by a header, or at the front of the model. */
import type { Inherited } from "../schema/config.ts";
import { GatewayError } from "../schema/errors.ts";
import type { ProviderRow } from "../schema/provider-row.ts";
import type { VirtualKey } from "../schema/settings.ts";
import type { Call } from "./call.ts";

export const findVirtualKey = (call: Call, node: Inherited): VirtualKey | undefined => {
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

/** A credential never goes to another provider than the one it was kept for. */
export const checkKeyOwner = (owner: ProviderRow | undefined, row: ProviderRow): void => {
  if (owner === undefined || owner.id === row.id) return;
  throw new GatewayError("invalid_provider", `This virtual key is not one for ${row.id}`, {
    param: "virtual_key",
  });
};
