/** Tools and the choice between them, as Gemini's clients say them. */
import { defined } from "../lib/defined.ts";
import type { Chat, Tool, ToolChoice } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isString } from "../schema/json.ts";
import { asObject, nativeRest, names, objectField, requiredString, stringField } from "./body-fields.ts";
import { camelKeys, listOf } from "./gemini.fields.ts";
import { ID } from "./gemini.parts.ts";
import { readSchema } from "./gemini.schema-read.ts";

/** Each entry holds functions, one of Google's own tools, or both. */
export const readTools = (tools: JsonValue | undefined): readonly Tool[] | undefined => {
  const read = listOf(tools).flatMap((tool, at) =>
    readTool(camelKeys(asObject(tool, `tools.${at}`)), `tools.${at}`),
  );
  return read.length === 0 ? undefined : read;
};

/** The choice, and what of `toolConfig` no other API has a word for. */
export const readToolConfig = (
  config: JsonObject | undefined,
): Pick<Chat, "toolChoice"> & { readonly rest?: JsonObject } => {
  const { functionCallingConfig, ...others } = camelKeys(config);
  const calling = objectField({ functionCallingConfig }, "functionCallingConfig", "toolConfig");
  const { mode, allowedFunctionNames, ...more } = camelKeys(calling);
  const allowed = listOf(allowedFunctionNames).map(readAllowed);
  const rest = { ...others, ...more };
  return defined({
    toolChoice: readChoice(mode, allowed),
    rest: Object.keys(rest).length === 0 ? undefined : rest,
  });
};

const readAllowed = (name: JsonValue, at: number): string => {
  if (isString(name)) return name;
  const path = `toolConfig.functionCallingConfig.allowedFunctionNames.${at}`;
  throw invalidRequest(path, "must be a string");
};

const readTool = ({ functionDeclarations, ...others }: JsonObject, path: string): readonly Tool[] => [
  ...listOf(functionDeclarations).map((declaration, at) =>
    readDeclaration(declaration, `${path}.functionDeclarations.${at}`),
  ),
  ...Object.entries(others).flatMap(([type, value]): readonly Tool[] =>
    value === undefined ? [] : [{ kind: "opaque", dialect: ID, value: { type, [type]: value } }],
  ),
];

const KNOWN = names("name description parameters parametersJsonSchema");

const readDeclaration = (declaration: JsonValue, path: string): Tool => {
  const fields = camelKeys(asObject(declaration, path));
  return {
    kind: "function",
    name: requiredString(fields, "name", path),
    ...defined({
      description: stringField(fields, "description", path),
      parameters: readParameters(fields, path),
      native: nativeRest(ID, fields, KNOWN),
    }),
  };
};

const readParameters = (
  { parameters, parametersJsonSchema: schema }: JsonObject,
  path: string,
): JsonObject | undefined => {
  if (schema !== undefined && schema !== null) return asObject(schema, `${path}.parametersJsonSchema`);
  if (parameters === undefined || parameters === null) return undefined;
  return readSchema(asObject(parameters, `${path}.parameters`));
};

/** `FunctionCallingConfigMode` of the Google Gen AI SDK. `VALIDATED` leaves the choice as `AUTO` does. */
const readChoice = (mode: JsonValue | undefined, allowed: readonly string[]): ToolChoice | undefined => {
  switch (isString(mode) ? mode.toUpperCase() : mode) {
    case "ANY":
      return anyOf(allowed);
    case "NONE":
      return { mode: "none" };
    case "AUTO":
    case "VALIDATED":
      return allowed.length === 0 ? { mode: "auto" } : { mode: "allowed", names: allowed, required: false };
    case undefined:
    case null:
    case "MODE_UNSPECIFIED":
      return undefined;
    default:
      throw invalidRequest("toolConfig.functionCallingConfig.mode", "must be AUTO, ANY, NONE or VALIDATED");
  }
};

const anyOf = (allowed: readonly string[]): ToolChoice => {
  const [only, ...others] = allowed;
  if (only === undefined) return { mode: "required" };
  return others.length === 0
    ? { mode: "tool", name: only }
    : { mode: "allowed", names: allowed, required: true };
};
