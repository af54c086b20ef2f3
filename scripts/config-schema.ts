/** Writes `docs/config.schema.json`, the JSON Schema of a routing config for editors. */
import { ConfigSchema } from "../src/schema/config.ts";
import { isObject, type JsonObject, type JsonValue } from "../src/schema/json.ts";

export const CONFIG_SCHEMA_FILE = new URL("../docs/config.schema.json", import.meta.url);

/** The schema as a document of its own: the node refers to itself as the root, our own keywords are left out. */
export const configSchemaDocument = (): JsonObject => {
  const schema: unknown = JSON.parse(JSON.stringify(ConfigSchema, forEditors));
  if (!isObject(schema)) throw new Error("The config schema is not an object");
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Turnpike routing config",
    ...schema,
  };
};

const forEditors = (key: string, value: JsonValue): JsonValue | undefined => {
  if (key === "$ref") return "#";
  return key === "$id" || key === "rule" ? undefined : value;
};

if (import.meta.main) {
  await Bun.write(CONFIG_SCHEMA_FILE, `${JSON.stringify(configSchemaDocument(), null, 2)}\n`);
}
