/**
 * Which credential goes where.
 *
 * The operator's own only ever go to hosts that the operator (or our table) chose; a key that came with
 * the request goes where the request says.
 */
import { environmentCredential, needsKey } from "../providers/auth.ts";
import { GatewayError } from "../schema/errors.ts";
import type { ProviderRow } from "../schema/provider-row.ts";
import type { VirtualKey } from "../schema/settings.ts";
import type { Call } from "./call.ts";
import { isOperatorsOwn } from "./options.ts";
import type { Place } from "./place.ts";
import type { Target } from "./target.ts";

/** A key that stands for "the credential the gateway has", for clients that must send one. */
const PLACEHOLDER_KEY = "turnpike";

export const findCredential = (
  call: Call,
  target: Target,
  virtualKey: VirtualKey | undefined,
  row: ProviderRow,
  place: Place,
  atHome: boolean,
): string | undefined => {
  checkHost(target, virtualKey, row, place);
  const said = saidCredential(call, target, virtualKey);
  if (said !== undefined || virtualKey !== undefined) return said;
  const held = atHome ? environmentCredential(row, call.surroundings.environment) : undefined;
  if (held !== undefined || !needsKey(row)) return held;
  const sent = isAlone(target) ? sentCredential(call) : undefined;
  if (sent !== undefined || !atHome || call.inbound.ingress.native?.isKeyless === true) return sent;
  throw new GatewayError("missing_credential", missingKeyMessage(row, target));
};

/**
 * The request's own config is one target: a key that came beside it can only be meant for that one. It is asked for
 * last, because SDKs send a key of some kind always.
 */
const isAlone = ({ path, isOperators }: Target): boolean => path === "config" && !isOperators;

/** What the virtual key, the request or its config says, wherever it may go. */
export const saidCredential = (
  call: Call,
  target: Target,
  virtualKey: VirtualKey | undefined,
): string | undefined => {
  if (virtualKey !== undefined) return virtualKey.apiKey?.reveal();
  const sent = target.node.options.provider === undefined ? sentCredential(call) : undefined;
  const own = sent ?? target.node.options.api_key;
  return own === PLACEHOLDER_KEY || own === "" ? undefined : own;
};

const sentCredential = ({ headers: { credential } }: Call): string | undefined =>
  credential === PLACEHOLDER_KEY ? undefined : credential;

/** Keyless targets of the operator's have nothing to lose. */
const checkHost = (
  target: Target,
  virtualKey: VirtualKey | undefined,
  row: ProviderRow,
  place: Place,
): void => {
  if (place.trust === "fixed" || !isOperatorsOwn(target, virtualKey)) return;
  if (virtualKey === undefined && target.node.options.api_key === undefined && row.keyless === true) return;
  throw new GatewayError(
    "host_not_allowed_for_key",
    "A credential that the gateway keeps is not sent to a host that the request chose",
    { param: "custom_host" },
  );
};

const missingKeyMessage = (row: ProviderRow, target: Target): string => {
  const isHeard = target.node.options.provider === undefined || isAlone(target);
  const ways = [
    ...(isHeard ? [`send it as "Authorization: Bearer <key>"`] : []),
    `${isHeard ? "as" : "give it as"} api_key in the config`,
    ...(row.env ?? []).slice(0, 1).map((variable) => `or set ${variable} where the gateway runs`),
  ];
  return `No API key for ${row.id}: ${ways.join(", ")}`;
};
