/**
 * A tool's schema as Amazon's Nova takes it: of the top level "only the three fields" type, properties and required
 * (docs.aws.amazon.com/nova/latest/userguide/tool-use-definition.html; "extraneous key [definitions] is not permitted":
 * github.com/zed-industries/zed/issues/28521), so that what it defines by name stands where it is named.
 */
import { defined } from "../lib/defined.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { names } from "./body-fields.ts";
import type { Lowered } from "./claude.schema.ts";

/** `schema` is one object already, without alternatives at its top. */
export const novaSchema = ({ schema, lost }: Lowered): Lowered => {
  const { properties = {}, required, $defs, definitions, ...others } = schema;
  const known = { ...objectOf(definitions), ...objectOf($defs) };
  const unsaid = Object.keys(others).filter((word) => !UNTOLD.has(word));
  return {
    schema: { type: "object", properties: inlined(properties, known, []), ...defined({ required }) },
    lost: [...new Set([...lost, ...unsaid])],
  };
};

/** They bound nothing, or what is taken anyway. */
const UNTOLD = names("type title description $schema $id $comment additionalProperties");

/** `within` are the names that are being replaced: what holds itself ends in something of any kind. */
const inlined = (value: JsonValue, known: JsonObject, within: readonly string[]): JsonValue => {
  if (isArray(value)) return value.map((each) => inlined(each, known, within));
  if (!isObject(value)) return value;
  const { $ref: reference, ...rest } = value;
  const beside = membersOf(rest, known, within);
  const name = isString(reference) ? /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(reference)?.[1] : undefined;
  if (name === undefined) return value["$ref"] === undefined ? beside : { ...beside, $ref: reference };
  const meaning = within.includes(name) ? undefined : known[name];
  return { ...objectOf(inlined(meaning ?? {}, known, [...within, name])), ...beside };
};

const membersOf = (value: JsonObject, known: JsonObject, within: readonly string[]): JsonObject =>
  Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      each === undefined ? each : inlined(each, known, within),
    ]),
  );

const objectOf = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});
