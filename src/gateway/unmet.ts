/**
 * What a config asks for that this version does not do.
 *
 * A check that must be able to deny cannot be passed over: such a config is refused. The rest goes on,
 * and is named in the response and in the record.
 */
import type { HeaderFields } from "../lib/header-fields.ts";
import type { ConfigNode } from "../schema/config.ts";
import { GatewayError } from "../schema/errors.ts";
import type { JsonValue } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";

const CHECKS = [
  "before_request_hooks",
  "after_request_hooks",
  "input_guardrails",
  "output_guardrails",
  "input_mutators",
  "output_mutators",
] as const;

/** Checks for every target of whatever config: JSON lists, as in a config. */
const CHECK_HEADERS = ["x-portkey-default-input-guardrails", "x-portkey-default-output-guardrails"] as const;

/** The same of what comes as headers. */
export const unmetByHeaders = (headers: HeaderFields): readonly string[] => {
  let unmet = NOTHING;
  for (const name of CHECK_HEADERS) {
    const text = headers.get(name);
    if (text !== null && text !== "" && hasChecks(listIn(name, text), [name])) unmet = [...unmet, name];
  }
  return unmet;
};

const NOTHING: readonly string[] = [];

const listIn = (name: string, text: string): JsonValue => {
  const list = parsed(text);
  if (list === null || isArray(list)) return list;
  throw new GatewayError("invalid_header", `${name} must be a JSON array`, { param: name });
};

const parsed = (text: string): JsonValue | undefined => {
  try {
    return JSON.parse(text) as JsonValue; // what JSON's parser gives is JSON
  } catch {
    return undefined;
  }
};

export const unmet = (config: ConfigNode): readonly string[] => [...new Set(unmetBy(config, []))];

const unmetBy = (node: ConfigNode, path: readonly (string | number)[]): readonly string[] => [
  ...CHECKS.filter((key) => hasChecks(node[key], [...path, key])),
  ...(node.cache === undefined ? [] : ["cache"]),
  ...(node.targets ?? []).flatMap((child, index) => unmetBy(child, [...path, "targets", index])),
];

const hasChecks = (checks: JsonValue | undefined, path: readonly (string | number)[]): boolean => {
  if (!isArray(checks) || checks.length === 0) return false;
  if (checks.some((check) => isObject(check) && check["deny"] === true))
    throw new GatewayError("invalid_config", "Invalid config passed", {
      errors: [
        `path: ${path.join(",")}, message: Checks that deny are not available in this version, and are not passed over`,
      ],
    });
  return true;
};
