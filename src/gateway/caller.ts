/** Who asks, as far as the gateway can tell: whoever has the credential that came with the request. */
import type { HeaderFields } from "../lib/header-fields.ts";
import type { JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { readGatewayHeaders } from "./headers.ts";
import { asObject } from "./options.ts";

/** Who brings no credential of its own. */
const ANONYMOUS = "anonymous";

/** Where clients of other vendors carry a key. */
const KEY_HEADERS = ["x-goog-api-key", "x-portkey-api-key"];

/** A name that says nothing of the credential it was made from. */
export const callerOf = (fields: HeaderFields): string => {
  const { credential, config } = readGatewayHeaders(fields);
  const brought = credential ?? otherKey(fields) ?? configKeys(config);
  if (brought === undefined) return ANONYMOUS;
  return new Bun.CryptoHasher("sha256").update(brought).digest("hex");
};

const otherKey = (fields: HeaderFields): string | undefined =>
  KEY_HEADERS.map((name) => fields.get(name)?.trim()).find(Boolean);

/** The keys in a config that the request brings itself. */
const configKeys = (config: string | undefined): string | undefined => {
  const keys = [...new Set(keysIn(asObject(config)))];
  return keys.length === 0 ? undefined : JSON.stringify(keys);
};

const keysIn = (node: JsonValue | undefined): readonly string[] => {
  if (!isObject(node)) return [];
  const { api_key: snake, apiKey: camel, targets } = node;
  const own = [snake, camel].filter(isString);
  return [...own, ...(isArray(targets) ? targets.flatMap(keysIn) : [])];
};
