/** The JSON schema of an answer, which OpenAI's two APIs spell alike. */
import { defined } from "../lib/defined.ts";
import type { ResponseFormat } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { booleanField, objectField, stringField } from "./body-fields.ts";

type SchemaFormat = Extract<ResponseFormat, { readonly kind: "schema" }>;

export const readSchema = (format: JsonObject, path: string): SchemaFormat => ({
  kind: "schema",
  schema: objectField(format, "schema", path) ?? {},
  ...defined({
    name: stringField(format, "name", path),
    description: stringField(format, "description", path),
    strict: booleanField(format, "strict", path),
  }),
});

/**
 * The chat API has the schema in an object of its own, the Responses API beside the type. That one holds to a schema that
 * does not say otherwise, and refuses what it cannot hold to ("invalid_json_schema": github.com/getzep/graphiti/issues/1751).
 */
export const writeFormat = (format: ResponseFormat, isNested: boolean): JsonObject => {
  switch (format.kind) {
    case "text":
      return { type: "text" };
    case "json":
      return { type: "json_object" };
    case "schema": {
      const { name = "response", description, schema, strict } = format;
      const said = defined({ name, description, schema, strict });
      return isNested
        ? { type: "json_schema", json_schema: said }
        : { type: "json_schema", ...said, strict: strict ?? false };
    }
  }
};
