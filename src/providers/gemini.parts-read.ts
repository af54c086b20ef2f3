/** The parts of Gemini's contents, as its clients send them, read into canonical blocks. */
import { defined } from "../lib/defined.ts";
import { table } from "../lib/table.ts";
import type { AudioBlock, Block, FileBlock, ImageBlock, ToolResultBlock } from "../schema/chat.ts";
import { invalidRequest } from "../schema/errors.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { asObject, nativeRest, names, objectField, requiredString, stringField } from "./body-fields.ts";
import { camelKeys, listOf } from "./gemini.fields.ts";
import { ID, isOwnFile, UNSIGNED } from "./gemini.parts.ts";
import { markedSignature, unwrapForeign } from "./gemini.signatures.ts";

/** Names the calls of a request: clients of models before Gemini 3 give them no ids. */
export interface CallNames {
  /** The id of the next call of that name; its own where it has one. */
  called(name: string, id: string | undefined): string;
  /** The call that a response answers. */
  answered(name: string, id: string | undefined): string;
}

export const readPart = (value: JsonValue, path: string, calls: CallNames): readonly Block[] => {
  const part = camelKeys(asObject(value, path));
  const kind = KINDS.find((name) => part[name] !== undefined && part[name] !== null);
  switch (kind) {
    case "text":
      return readText(part, path);
    case "inlineData":
    case "fileData":
      return [withRest(readMedia(part, path), part)];
    case "functionCall":
      return [withRest(readCall(part, path, calls), part)];
    case "functionResponse":
      return [withRest(readResponse(part, path, calls), part)];
    case undefined:
      return readOther(part, path);
  }
};

const KINDS = ["text", "inlineData", "fileData", "functionCall", "functionResponse"] as const;

/** Fields of a part that have a canonical word. */
const KNOWN = names("text thought inlineData fileData functionCall functionResponse thoughtSignature");

const withRest = <B extends Block>(block: B, part: JsonObject): B => {
  const native = nativeRest(ID, part, KNOWN);
  return native === undefined ? block : { ...block, native };
};

/** Thoughts come back with their proof, which another model's keeps inside ours. */
const readText = (part: JsonObject, path: string): readonly Block[] => {
  const text = stringField(part, "text", path) ?? "";
  const signature = stringField(part, "thoughtSignature", path);
  if (part["thought"] === true || (text === "" && signature !== undefined))
    return readThought(text, signature);
  if (signature === undefined) return [withRest({ kind: "text", text }, part)];
  // The proof of a text may be left out; only the API that made it has a use for it.
  return [{ kind: "text", text, native: { dialect: ID, fields: { thoughtSignature: signature } } }];
};

const readThought = (text: string, signature: string | undefined): readonly Block[] => {
  const foreign = signature === undefined ? undefined : unwrapForeign(signature);
  if (foreign?.kind === "redacted") return [{ kind: "redacted", data: foreign.value }];
  const proof = foreign?.value ?? (signature === undefined ? undefined : markedSignature(signature));
  return [{ kind: "reasoning", text, ...defined({ signature: proof }) }];
};

const readCall = (part: JsonObject, path: string, calls: CallNames): Block => {
  const at = `${path}.functionCall`;
  const call = camelKeys(objectField(part, "functionCall", path));
  const name = requiredString(call, "name", at);
  const signature = stringField(part, "thoughtSignature", path);
  return {
    kind: "tool-call",
    id: calls.called(name, stringField(call, "id", at)),
    name,
    arguments: JSON.stringify(objectField(call, "args", at) ?? {}),
    ...defined({ signature: signature === UNSIGNED ? undefined : signature }),
  };
};

const RESPONSE = names("id name response parts");

const readResponse = (part: JsonObject, path: string, calls: CallNames): ToolResultBlock => {
  const at = `${path}.functionResponse`;
  const given = camelKeys(objectField(part, "functionResponse", path));
  const name = requiredString(given, "name", at);
  const response = objectField(given, "response", at) ?? {};
  const media = listOf(given["parts"]).map((value, index) =>
    readMedia(camelKeys(asObject(value, `${at}.parts.${index}`)), `${at}.parts.${index}`),
  );
  return {
    kind: "tool-result",
    callId: calls.answered(name, stringField(given, "id", at)),
    content: [{ kind: "text", text: outputOf(response) }, ...media],
    ...("error" in response && !("output" in response) ? { isError: true } : {}),
    ...defined({ native: nativeRest(ID, given, RESPONSE) }),
  };
};

/**
 * "Use "output" key to specify function output and "error" key to specify error details (if any). If
 * "output" and "error" keys are not specified, then whole "response" is treated as function output":
 * `FunctionResponse` of the Google Gen AI SDK.
 */
const outputOf = (response: JsonObject): string => {
  const [only, ...others] = Object.keys(response);
  const isPlain = others.length === 0 && (only === "output" || only === "error");
  const output = isPlain ? (response[only] ?? "") : response;
  return isString(output) ? output : JSON.stringify(output);
};

const readMedia = (part: JsonObject, path: string): ImageBlock | AudioBlock | FileBlock => {
  const file = objectField(part, "fileData", path);
  return file === undefined
    ? readInline(camelKeys(objectField(part, "inlineData", path)), `${path}.inlineData`)
    : readFile(camelKeys(file), `${path}.fileData`);
};

const readInline = (data: JsonObject, path: string): ImageBlock | AudioBlock | FileBlock => {
  const mediaType = requiredString(data, "mimeType", path);
  const base64 = requiredString(data, "data", path);
  const source = { kind: "data", mediaType, data: base64 } as const;
  if (mediaType.startsWith("image/")) return { kind: "image", source };
  if (mediaType.startsWith("audio/")) return { kind: "audio", data: base64, format: formatOf(mediaType) };
  return { kind: "file", source, ...defined({ name: stringField(data, "displayName", path) }) };
};

/** Files of Google's own are only known there; every other URI is a place that others may fetch from. */
const readFile = (file: JsonObject, path: string): ImageBlock | FileBlock => {
  const uri = requiredString(file, "fileUri", path);
  const mediaType = stringField(file, "mimeType", path);
  const source = {
    ...(isOwnFile(uri) ? ({ kind: "id", id: uri } as const) : ({ kind: "url", url: uri } as const)),
    ...defined({ mediaType }),
  };
  if (mediaType?.startsWith("image/") === true) return { kind: "image", source };
  return { kind: "file", source, ...defined({ name: stringField(file, "displayName", path) }) };
};

const formatOf = (mediaType: string): string => {
  const [type = ""] = mediaType.toLowerCase().split(";");
  return AUDIO_FORMATS.get(type) ?? type.slice("audio/".length);
};

/** OpenAI's words for formats. */
const AUDIO_FORMATS = table({
  "audio/mp3": "mp3",
  "audio/mpeg": "mp3",
  "audio/wav": "wav",
  "audio/x-wav": "wav",
  "audio/pcm": "pcm16",
  "audio/l16": "pcm16",
});

/** Code that the API ran, its results, and what later versions add: nobody else's. */
const readOther = (part: JsonObject, path: string): readonly Block[] => {
  const type = Object.keys(part).find((name) => isObject(part[name]) || isArray(part[name]));
  const { thoughtSignature: signature } = part;
  if (type !== undefined) return [{ kind: "opaque", dialect: ID, value: { type, ...part } }];
  if (isString(signature)) return readThought("", signature);
  throw invalidRequest(path, "must hold text, inlineData, fileData, functionCall or functionResponse");
};
