/** What a Gemini answer is grounded on, as OpenAI's `url_citation` annotations. */
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isNumber, isObject, isString } from "../schema/json.ts";
import { objectsIn } from "./gemini.fields.ts";

/** The citations of a candidate whose whole text is `text`. */
export const citationsOf = (
  text: string,
  grounding: JsonValue | undefined,
  recitation: JsonValue | undefined,
): readonly JsonObject[] => [...groundedOn(text, grounding), ...recitedFrom(text, recitation)];

/** `groundingSupports` name stretches of the text and, by index, the chunks that they rest on. */
const groundedOn = (text: string, grounding: JsonValue | undefined): readonly JsonObject[] => {
  if (!isObject(grounding)) return [];
  const sources = objectsIn(grounding["groundingChunks"]).map(sourceOf);
  return objectsIn(grounding["groundingSupports"]).flatMap((support) => {
    const segment = isObject(support["segment"]) ? support["segment"] : {};
    const indices = support["groundingChunkIndices"];
    return (isArray(indices) ? indices : []).flatMap((index) => {
      const source = isNumber(index) ? sources[index] : undefined;
      return source === undefined ? [] : [citation(text, segment, source)];
    });
  });
};

/** Vertex calls the list `citations`, AI Studio `citationSources`. */
const recitedFrom = (text: string, metadata: JsonValue | undefined): readonly JsonObject[] => {
  if (!isObject(metadata)) return [];
  return objectsIn(metadata["citationSources"] ?? metadata["citations"]).flatMap((source) =>
    isString(source["uri"]) ? [citation(text, source, linkOf(source))] : [],
  );
};

interface Source {
  readonly url: string;
  readonly title: string;
}

const sourceOf = (chunk: JsonObject): Source | undefined => {
  const found = [chunk["web"], chunk["retrievedContext"], chunk["maps"], chunk["image"]].find(isObject);
  const uri = found?.["uri"] ?? found?.["sourceUri"]; // of an image the page that shows it
  return found !== undefined && isString(uri) ? linkOf({ ...found, uri }) : undefined;
};

const linkOf = ({ uri, title }: JsonObject): Source => ({
  url: isString(uri) ? uri : "",
  title: isString(title) ? title : "",
});

const citation = (text: string, segment: JsonObject, { url, title }: Source): JsonObject => {
  const [start_index, end_index] = placeOf(text, segment);
  return { type: "url_citation", url_citation: { url, title, start_index, end_index } };
};

/** Indexes count bytes within a part, OpenAI's count characters of the whole; the words themselves decide. */
const placeOf = (text: string, segment: JsonObject): readonly [number, number] => {
  const bytes = Buffer.from(text, "utf8");
  const start = charactersIn(bytes, segment["startIndex"]);
  const end = charactersIn(bytes, segment["endIndex"]);
  const words = segment["text"];
  if (!isString(words) || words === "" || text.slice(start, end) === words) return [start, end];
  const found = text.indexOf(words);
  return found === -1 ? [start, end] : [found, found + words.length];
};

const charactersIn = (bytes: Buffer, length: JsonValue | undefined): number =>
  bytes.subarray(0, isNumber(length) ? length : 0).toString("utf8").length;
