/** Where a Gemini client's body names images and documents by URL (`FileData` of the Google Gen AI SDK 3.1). */
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { camel, camelKeys } from "./gemini.fields.ts";
import { isOwnFile } from "./gemini.parts.ts";
import type { FoundMedia, MediaKind, MediaUrl } from "./media-urls.ts";

export const geminiMediaUrls = (body: JsonObject): readonly MediaUrl[] =>
  elements(body["contents"], ["contents"]).flatMap(([content, path]) =>
    elements(content["parts"], [...path, "parts"]).flatMap(inPart),
  );

type Path = readonly (string | number)[];
type Placed = readonly [JsonObject, Path];

/** The vendor takes one object where a list is meant. */
const elements = (value: JsonValue | undefined, path: Path): readonly Placed[] => {
  if (isObject(value)) return [[value, path]];
  if (!isArray(value)) return [];
  return value.flatMap((item, at) => (isObject(item) ? [[item, [...path, at]] as const] : []));
};

/** What a function gave may hold parts of its own. */
const inPart = ([part, path]: Placed): readonly MediaUrl[] => {
  const [name, file] = fieldOf(part, "fileData");
  const [responseName, response] = fieldOf(part, "functionResponse");
  if (file !== undefined) return fileUrl(file, path, name);
  if (response === undefined) return [];
  return elements(response["parts"], [...path, responseName, "parts"]).flatMap(inPart);
};

/** An object field in whichever spelling it has. */
const fieldOf = (part: JsonObject, field: string): readonly [name: string, value: JsonObject | undefined] => {
  const name = nameOf(part, field);
  const value = part[name];
  return [name, isObject(value) ? value : undefined];
};

const nameOf = (object: JsonObject, field: string): string =>
  Object.keys(object).find((key) => camel(key) === field) ?? field;

const fileUrl = (file: JsonObject, path: Path, name: string): readonly MediaUrl[] => {
  const { fileUri, mimeType } = camelKeys(file);
  const kind = isString(mimeType) ? kindOf(mimeType) : undefined;
  if (kind === undefined || !isString(fileUri) || !/^https?:/i.test(fileUri) || isOwnFile(fileUri)) return [];
  const replaced: MediaUrl["replaced"] = (found) => [
    { op: "remove", path: [...path, name] },
    { op: "set", path: [...path, "inlineData"], value: inlineOf(found) },
  ];
  return [{ kind, path: [...path, name, nameOf(file, "fileUri")].join("."), url: fileUri, replaced }];
};

const kindOf = (mimeType: string): MediaKind | undefined => {
  if (mimeType.startsWith("image/")) return "image";
  return mimeType === "application/pdf" || mimeType.startsWith("text/") ? "document" : undefined;
};

const inlineOf = ({ mediaType, bytes }: FoundMedia): JsonObject => ({
  mimeType: mediaType,
  data: bytes.toString("base64"),
});
