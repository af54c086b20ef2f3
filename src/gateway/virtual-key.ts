/** The virtual key a target uses: named by its config, by a header, or at the front of the model. */
import type { Inherited } from "../schema/config.ts";
import { GatewayError } from "../schema/errors.ts";
import type { ProviderRow } from "../schema/provider-row.ts";
import type { VirtualKey } from "../schema/settings.ts";
import type { Call } from "./call.ts";

/** An unknown one says nothing where a provider is named beside it, as in the reference, which knows none. */
export const findVirtualKey = (call: Call, { options }: Inherited): VirtualKey | undefined => {
  const { virtualKeys } = call.surroundings;
  const name = options.virtual_key ?? (options.provider === undefined ? headerName(call) : undefined);
  const virtualKey = name === undefined ? undefined : virtualKeys.get(name);
  if (name === undefined || virtualKey !== undefined || options.provider !== undefined) return virtualKey;
  const isMeant = options.virtual_key !== undefined || isOnlyName(call, name);
  return isMeant ? unknownVirtualKey(name) : undefined;
};

const headerName = ({ addressed, headers }: Call): string | undefined =>
  headers.virtualKey ??
  (addressed?.provider.startsWith("@") === true ? addressed.provider.slice(1) : undefined);

/** The request names nobody else, and no provider has that name. */
const isOnlyName = ({ addressed, surroundings }: Call, name: string): boolean =>
  addressed?.provider === `@${name}` && surroundings.catalog.find(name) === undefined;

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
