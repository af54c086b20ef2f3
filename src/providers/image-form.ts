/** Image requests as forms: fields as texts, and images, which JSON has as base64, as files. */
import { parseDataUri } from "../lib/data-uri.ts";
import type { JsonObject } from "../schema/json.ts";
import { isString } from "../schema/json.ts";

/** `isImage` says which fields are images. */
export const imageForm = (fields: JsonObject, isImage: (name: string) => boolean): FormData => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue;
    if (isImage(name) && isString(value)) form.set(name, fileOf(value), name);
    else form.set(name, isString(value) ? value : JSON.stringify(value));
  }
  return form;
};

/** Base64, bare or as a data URI. */
const fileOf = (text: string): Blob => {
  const uri = parseDataUri(text);
  return new Blob([Buffer.from(uri?.data ?? text, "base64")], { type: uri?.mediaType ?? "image/png" });
};
