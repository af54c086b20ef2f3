/** What hangs below Anthropic's `/v1/messages` (batches): only who has Anthropic's API can be asked for it. */
import { GatewayError } from "../schema/errors.ts";
import type { ProviderRow } from "../schema/provider-row.ts";

/** The path below the base, or undefined for a path that hangs elsewhere. */
export const pathBelowMessages = (row: ProviderRow, pathname: string): string | undefined => {
  if (!pathname.startsWith(MESSAGES)) return undefined;
  const { chat } = row.paths;
  if (row.dialect !== "anthropic-messages" || chat === undefined || !chat.endsWith("/messages"))
    throw unsupported(row, pathname);
  return `${chat}/${pathname.slice(MESSAGES.length)}`;
};

const MESSAGES = "/v1/messages/";

const unsupported = (row: ProviderRow, pathname: string): GatewayError =>
  new GatewayError(
    "unsupported_endpoint",
    `${pathname} is not supported by ${row.id}: it belongs to Anthropic's own API`,
  );
