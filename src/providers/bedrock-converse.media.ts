/** Images, videos, documents and sound as Converse takes them: a short format name and base64 or an S3 object. */
import { table } from "../lib/table.ts";
import type { FileBlock, ImageBlock, MediaSource } from "../schema/chat.ts";
import type { JsonObject } from "../schema/json.ts";
import { isObject, isString } from "../schema/json.ts";
import type { Note } from "./dialect.ts";

/** Names of the documents of one request: the API wants every one of them, and no two alike. */
export class DocumentNames {
  readonly #taken = new Set<string>();

  /** "Alphanumeric characters, whitespace (no more than one in a row), hyphens, parentheses, square brackets". */
  take(wanted: string | undefined): string {
    const name = (wanted ?? "")
      .replaceAll(/[^a-zA-Z0-9\s\-()[\]]/g, "-")
      .replaceAll(/\s+/g, " ")
      .trim()
      .slice(0, LONGEST_NAME);
    let taken = name === "" ? "document" : name;
    for (let count = 2; this.#taken.has(taken); count++)
      taken = `${name === "" ? "document" : name} (${count})`;
    this.#taken.add(taken);
    return taken;
  }
}

/** Room for a number within the API's 200 characters. */
const LONGEST_NAME = 190;

/** A file, or a picture, which OpenAI's clients also use for films and documents. */
export const writeMedia = (
  block: FileBlock | ImageBlock,
  path: string,
  documents: DocumentNames,
  notes: Note[],
): JsonObject | undefined => {
  const { kind, source } = block;
  const written = writeFile(kind === "file" ? block : { kind: "file", source }, documents);
  if (written === undefined) notes.push(`${path} (${kind} ${unsaid(source)})`);
  return written;
};

export const writeAudio = (
  data: string,
  format: string,
  path: string,
  notes: Note[],
): JsonObject | undefined => {
  if (AUDIO.has(format)) return { audio: { format, source: { bytes: data } } };
  notes.push(`${path} (audio ${format})`);
  return undefined;
};

/** `API_runtime_ImageBlock`, `VideoBlock`, `DocumentBlock`, `AudioBlock` under docs.aws.amazon.com/bedrock/latest/APIReference/ */
const IMAGES = table({
  "image/png": "png",
  "image/jpeg": "jpeg",
  "image/jpg": "jpeg",
  "image/gif": "gif",
  "image/webp": "webp",
});
const VIDEOS = table({
  "video/x-matroska": "mkv",
  "video/quicktime": "mov",
  "video/mp4": "mp4",
  "video/webm": "webm",
  "video/x-flv": "flv",
  "video/mpeg": "mpeg",
  "video/x-ms-wmv": "wmv",
  "video/3gpp": "three_gp",
});
const DOCUMENTS = table({
  "application/pdf": "pdf",
  "text/csv": "csv",
  "application/msword": "doc",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "application/vnd.ms-excel": "xls",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
  "text/html": "html",
  "text/plain": "txt",
  "text/markdown": "md",
});
const AUDIO: ReadonlySet<string> = new Set(
  "mp3 opus wav aac flac mp4 ogg mkv mka x-aac m4a mpeg mpga pcm webm".split(" "),
);
const SOUNDS = table({ "audio/mpeg": "mp3", "audio/x-wav": "wav", "audio/x-m4a": "m4a" });
/** Texts that have no format of their own. */
const TEXT = /^(?:text\/|application\/(?:json|xml|yaml|x-yaml)$)/;

/** Formats by the ending of an object's name, where nothing else tells them. */
const ENDINGS = table({
  jpg: "image/jpeg",
  mkv: "video/x-matroska",
  mov: "video/quicktime",
  flv: "video/x-flv",
  mpg: "video/mpeg",
  wmv: "video/x-ms-wmv",
});

const writeFile = (block: FileBlock, documents: DocumentNames): JsonObject | undefined => {
  const media = mediaOf(block.source);
  if (media === undefined) return undefined;
  // Clients that do not know a file's type say so, and its name.
  const named = { ...media, mediaType: typeOfName(block.name ?? "") };
  return writeTyped(block, media, documents) ?? writeTyped(block, named, documents);
};

interface Media {
  readonly mediaType: string;
  readonly source: JsonObject;
}

/** Converse fetches nothing but objects of S3. */
const mediaOf = (source: MediaSource): Media | undefined => {
  switch (source.kind) {
    case "data":
      return { mediaType: source.mediaType, source: { bytes: source.data } };
    case "text":
      return { mediaType: "text/plain", source: { bytes: Buffer.from(source.text).toString("base64") } };
    case "url":
      if (!source.url.startsWith("s3://")) return undefined;
      return {
        mediaType: source.mediaType ?? typeOfName(source.url),
        source: { s3Location: { uri: source.url } },
      };
    case "id":
      return undefined;
  }
};

const typeOfName = (name: string): string => {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const known = ENDINGS.get(ending);
  if (known !== undefined) return known;
  const byFormat = [...IMAGES, ...VIDEOS, ...DOCUMENTS].find(([, format]) => format === ending);
  return byFormat?.[0] ?? "";
};

const unsaid = (source: MediaSource): string => {
  if (source.kind === "data") return source.mediaType;
  return source.kind === "url" && source.url.startsWith("s3://") ? "format" : source.kind;
};

const writeTyped = (
  block: FileBlock,
  { mediaType, source }: Media,
  documents: DocumentNames,
): JsonObject | undefined => {
  const image = IMAGES.get(mediaType);
  if (image !== undefined) return { image: { format: image, source } };
  const video = VIDEOS.get(mediaType);
  if (video !== undefined) return { video: { format: video, source } };
  const sound = SOUNDS.get(mediaType) ?? /^audio\/(.+)$/.exec(mediaType)?.[1] ?? "";
  if (AUDIO.has(sound)) return { audio: { format: sound, source } };
  const format = DOCUMENTS.get(mediaType) ?? (TEXT.test(mediaType) ? "txt" : undefined);
  if (format === undefined) return undefined;
  return { document: { format, name: documents.take(block.name), source, ...documentExtras(block) } };
};

/** What Anthropic's documents say beyond their source, in the same words. */
const documentExtras = ({ native }: FileBlock): JsonObject => {
  const { context, citations } = native?.dialect === "anthropic-messages" ? native.fields : {};
  return {
    ...(isString(context) ? { context } : {}),
    ...(isObject(citations) && typeof citations["enabled"] === "boolean"
      ? { citations: { enabled: citations["enabled"] } }
      : {}),
  };
};
