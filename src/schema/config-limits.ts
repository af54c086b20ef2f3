/** How large a config may be, and which keys it may never have: asked before anything walks it. */
import { ruleFault, unrecognized, type Fault } from "./faults.ts";
import { isArray, isObject, type JsonObject, type JsonValue } from "./json.ts";

export interface ConfigLimits {
  /** How many levels of `targets` lie below the root at most. */
  readonly maxDepth: number;
  /** How many targets the whole tree has at most. */
  readonly maxTargets: number;
}

export const DEFAULT_CONFIG_LIMITS: ConfigLimits = Object.freeze({ maxDepth: 32, maxTargets: 1024 });

/** Characters of a config's text. */
export const MAX_CONFIG_CHARACTERS = 1_048_576;
/** Values of all kinds in a config. */
export const MAX_CONFIG_VALUES = 100_000;

/** The first thing that makes `root` unfit to be walked. */
export const unfit = (root: JsonObject, limits: ConfigLimits): Fault | undefined =>
  examine({ path: [], seen: 0, maxDepth: 2 * limits.maxDepth + DEPTH_BESIDE_TARGETS }, root);

/** The first target that the tree has too many, of a config with normal keys. */
export const overgrown = (root: JsonObject, limits: ConfigLimits): Fault | undefined =>
  count({ path: [], seen: 0, limits }, root);

/** Levels of arrays and objects besides the two that each level of `targets` takes. */
const DEPTH_BESIDE_TARGETS = 64;

/** Keys by which an assignment would reach an object's prototype. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

interface Walk {
  /** Grows and shrinks while walking. */
  readonly path: (string | number)[];
  seen: number;
}

const examine = (walk: Walk & { readonly maxDepth: number }, value: JsonValue): Fault | undefined => {
  walk.seen += 1;
  if (walk.seen > MAX_CONFIG_VALUES) {
    return ruleFault([], `Config must contain at most ${MAX_CONFIG_VALUES} values`);
  }
  if (typeof value !== "object" || value === null) return undefined;
  if (walk.path.length >= walk.maxDepth) {
    return ruleFault(walk.path.slice(), `Config must not nest deeper than ${walk.maxDepth} levels`);
  }
  const entries = isArray(value) ? value.entries() : Object.entries(value);
  for (const [key, part] of entries) {
    if (typeof key === "string" && FORBIDDEN_KEYS.has(key)) return unrecognized(walk.path.slice(), [key]);
    const fault = part === undefined ? undefined : below(walk, [key], () => examine(walk, part));
    if (fault !== undefined) return fault;
  }
  return undefined;
};

const count = (walk: Walk & { readonly limits: ConfigLimits }, node: JsonObject): Fault | undefined => {
  const { maxDepth, maxTargets } = walk.limits;
  if (walk.path.length > 2 * maxDepth) {
    return ruleFault(walk.path.slice(), `Targets must not nest deeper than ${maxDepth} levels`);
  }
  const targets = isArray(node.targets) ? node.targets : [];
  walk.seen += targets.length;
  if (walk.seen > maxTargets) {
    return ruleFault([...walk.path, "targets"], `Config must contain at most ${maxTargets} target(s)`);
  }
  for (const [index, target] of targets.entries()) {
    const fault = isObject(target) ? below(walk, ["targets", index], () => count(walk, target)) : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
};

const below = (
  walk: Walk,
  keys: readonly (string | number)[],
  step: () => Fault | undefined,
): Fault | undefined => {
  walk.path.push(...keys);
  const fault = step();
  walk.path.length -= keys.length;
  return fault;
};
