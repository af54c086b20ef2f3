/**
 * Annotations of output text, both ways.
 *
 * The two APIs of OpenAI differ in one: the chat API puts a URL citation's fields into an object of its
 * own. Canonical keeps that shape, so that a citation can be read by clients of either.
 */
import { table } from "../lib/table.ts";
import type { JsonValue } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";

export const readCitation = (annotation: JsonValue): JsonValue => {
  if (!isObject(annotation) || annotation["type"] !== URL || isObject(annotation[URL])) return annotation;
  const { type, ...cited } = annotation;
  return { type, [URL]: cited };
};

/** The annotation, or undefined for a citation that only another dialect knows. */
export const writeCitation = (citation: JsonValue): JsonValue | undefined => {
  if (!isObject(citation)) return undefined;
  const { type, [URL]: cited } = citation;
  if (type === URL && isObject(cited)) return { type, ...cited };
  return isString(type) && ANNOTATIONS.has(type) ? citation : undefined;
};

const URL = "url_citation";

/** `ResponseOutputText.annotations` of the OpenAI SDK. */
const ANNOTATIONS = table({
  url_citation: true,
  file_citation: true,
  container_file_citation: true,
  file_path: true,
});
