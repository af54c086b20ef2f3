/** Where a client's body names images and documents by URL, in any of the dialects that clients speak. */
import { toDataUri } from "../lib/data-uri.ts";
import type { JsonEdit } from "../lib/json-splice.ts";
import { table } from "../lib/table.ts";
import type { JsonObject, JsonValue } from "../schema/json.ts";
import { isArray, isObject, isString } from "../schema/json.ts";
import { geminiMediaUrls } from "./media-urls.gemini.ts";

export type MediaKind = "image" | "document";

/** What was found at a URL. */
export interface FoundMedia {
  readonly mediaType: string;
  readonly bytes: Buffer<ArrayBuffer>;
}

export interface MediaUrl {
  readonly kind: MediaKind;
  /** Where the URL stands, for messages: `messages.2.content.1.image_url.url`. */
  readonly path: string;
  readonly url: string;
  /** The edits that put what was found in the URL's place. */
  replaced(found: FoundMedia): readonly JsonEdit[];
}

/** Every http and https URL of an image or a document, in the order of the body. */
export const mediaUrlsIn = (body: JsonObject): readonly MediaUrl[] => [
  ...LISTS.flatMap((list) =>
    elements(body[list], [list]).flatMap(([message, path]) => [
      ...inParts(message["content"], [...path, "content"]),
      ...inParts(message["output"], [...path, "output"]), // what a tool of the Responses API gave
    ]),
  ),
  ...geminiMediaUrls(body),
];

const LISTS = ["messages", "input"] as const;

type Path = readonly (string | number)[];

const elements = (list: JsonValue | undefined, path: Path): readonly (readonly [JsonObject, Path])[] =>
  isArray(list) ? list.flatMap((item, at) => (isObject(item) ? [[item, [...path, at]] as const] : [])) : [];

/** The results of tools hold parts of their own. */
const inParts = (content: JsonValue | undefined, path: Path): readonly MediaUrl[] =>
  elements(content, path).flatMap(([part, inside]) => {
    const found = isString(part["type"]) ? FINDERS.get(part["type"])?.(part, inside) : undefined;
    if (found !== undefined) return isFetchable(found.url) ? [found] : [];
    return part["type"] === "tool_result" ? inParts(part["content"], [...inside, "content"]) : [];
  });

const isFetchable = (url: string): boolean => /^https?:/i.test(url);

type Finder = (part: JsonObject, path: Path) => MediaUrl | undefined;

const mediaUrl = (kind: MediaKind, path: Path, url: string, replaced: MediaUrl["replaced"]): MediaUrl => ({
  kind,
  path: path.join("."),
  url,
  replaced,
});

const set = (path: Path, value: JsonValue): JsonEdit => ({ op: "set", path, value });

const asDataUri = ({ mediaType, bytes }: FoundMedia): string =>
  toDataUri(mediaType, bytes.toString("base64"));

/** `{image_url: {url}}`, or the URL itself. */
const imageUrl: Finder = ({ image_url: image }, path) => {
  const [url, at] = isObject(image)
    ? [image["url"], [...path, "image_url", "url"]]
    : [image, [...path, "image_url"]];
  return isString(url) ? mediaUrl("image", at, url, (found) => [set(at, asDataUri(found))]) : undefined;
};

const fileUrl = (file: JsonObject, path: Path): MediaUrl | undefined => {
  const field = FILE_FIELDS.find((name) => isString(file[name]));
  const url = field && file[field];
  if (field === undefined || !isString(url)) return undefined;
  return mediaUrl("document", [...path, field], url, (found) => [
    ...(field === "file_data" ? [] : [{ op: "remove", path: [...path, field] } as const]),
    set([...path, "file_data"], asDataUri(found)),
  ]);
};

/** Each may hold the URL: `readFile` in openai-chat.media.ts says whose clients put it where. */
const FILE_FIELDS = ["file_id", "file_url", "file_data"] as const;

const source =
  (kind: MediaKind): Finder =>
  ({ source: from }, path) => {
    if (!isObject(from) || from["type"] !== "url" || !isString(from["url"])) return undefined;
    const at = [...path, "source"];
    return mediaUrl(kind, [...at, "url"], from["url"], (found) => [set(at, asSource(found))]);
  };

/** Anthropic's documents are PDFs or plain text (platform.claude.com/docs/en/api/messages). */
const asSource = ({ mediaType, bytes }: FoundMedia): JsonObject =>
  mediaType.startsWith("text/")
    ? { type: "text", media_type: "text/plain", data: bytes.toString("utf8") }
    : { type: "base64", media_type: mediaType, data: bytes.toString("base64") };

const FINDERS: ReadonlyMap<string, Finder> = table<Finder>({
  image_url: imageUrl,
  input_image: imageUrl,
  file: ({ file }, path) => (isObject(file) ? fileUrl(file, [...path, "file"]) : undefined),
  input_file: fileUrl,
  image: source("image"),
  document: source("document"),
});
