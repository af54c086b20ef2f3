/**
 * What a config asks for that this version does not do.
 *
 * A check that must be able to deny cannot be passed over: such a config is refused. The rest goes on,
 * and is named in the response and in the record.
 */
import type { ConfigNode } from "../schema/config.ts";
import { GatewayError } from "../schema/errors.ts";
import type { JsonValue } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";

const CHECKS = Object.freeze([
  "before_request_hooks",
  "after_request_hooks",
  "input_guardrails",
  "output_guardrails",
  "input_mutators",
  "output_mutators",
]);

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
