/**
 * Objects of Google's Cloud Storage, by its XML API (docs.cloud.google.com/storage/docs/xml-api/delete-object
 * and its siblings), whose uploads in parts "are compatible with Amazon S3 multipart uploads"
 * (/storage/docs/multipart-uploads): S3's requests are sent, with a token, and with the bucket in the path.
 */
import type { HttpResponse } from "../lib/http.ts";
import { xmlElements, xmlText } from "../lib/xml-text.ts";
import { GatewayError, invalidRequest, MalformedReply } from "../schema/errors.ts";
import type { JsonObject } from "../schema/json.ts";
import { isArray, isObject } from "../schema/json.ts";
import { countOf, objectOf as fieldsOf, secondsOf, textOf } from "./resource.fields.ts";
import type { ResourceCall, ResourceRequest } from "./resource.ts";
import type { S3Head, S3Object } from "./s3.ts";
import { s3Send, unwrapped } from "./s3.ts";

export type GcsObject = S3Object;

/** What a client calls an object: its URI, encoded so that it is one segment of a path. */
export const idOf = (object: GcsObject): string => encodeURIComponent(uriOf(object));

export const uriOf = ({ bucket, key }: GcsObject): string => `gs://${bucket}/${key}`;

/** An object by its URI, however often that was encoded on its way; 400 where it is none. */
export const objectOf = (call: ResourceCall, id: string, param: string): GcsObject => {
  const object = parsedUri(id);
  if (object === undefined || object.key === "")
    throw invalidRequest(param, "must be a gs:// URI, as the gateway gives it");
  return checked(call, object, param);
};

/** The same for a folder, whose key may be empty. */
export const folderOf = (call: ResourceCall, uri: string, param: string): GcsObject => {
  const object = parsedUri(uri);
  if (object === undefined) throw invalidRequest(param, "must be a gs:// URI");
  return checked(call, object, param);
};

export const parsedUri = (uri: string): GcsObject | undefined => {
  const [, bucket, key = ""] = /^gs:\/\/([^/]+)\/?(.*)$/s.exec(unwrapped(uri)) ?? [];
  return bucket === undefined ? undefined : { bucket, key };
};

/** Names with dots may be longer than a label. */
const BUCKET = /^(?!.*\.\.)[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;
const MAX_KEY_BYTES = 1024;

export const checked = (call: ResourceCall, object: GcsObject, param: string): GcsObject => {
  if (!BUCKET.test(object.bucket)) throw invalidRequest(param, "does not name a bucket of Cloud Storage");
  if (Buffer.byteLength(object.key) > MAX_KEY_BYTES)
    throw invalidRequest(param, "is longer than a name may be");
  if (!object.key.isWellFormed()) throw invalidRequest(param, "is not valid Unicode");
  // A URL's parser would climb out of the path.
  if (object.key.split("/").some((segment) => segment === "." || segment === ".."))
    throw invalidRequest(param, "must not have . or .. for a segment");
  checkBucket(call, object.bucket, param);
  return object;
};

/**
 * With credentials of the operator's only the bucket that the operator names is open: else a request could
 * read whatever they can.
 */
const checkBucket = (call: ResourceCall, bucket: string, param: string): void => {
  const brings = call.hasCredential || call.object("vertex_service_account_json") !== undefined;
  if (!call.isOperators && brings) return;
  if (call.isOperators && call.option("vertex_storage_bucket_name") === bucket) return;
  throw new GatewayError(
    "host_not_allowed_for_key",
    `${param}: the gateway's Google credentials open only the bucket that a virtual key or a config of the operator's names as vertex_storage_bucket_name; send a token or a service account of your own for another`,
    { param },
  );
};

/** The call as S3's functions are to see it: every bucket is a path of the one host. */
export const storage = (call: ResourceCall): ResourceCall => ({
  ...call,
  atHome: false,
  host: () => call.host("storage"),
});

export const gcsSend = (
  call: ResourceCall,
  object: GcsObject,
  request?: Omit<ResourceRequest, "url"> & { readonly query?: string },
): Promise<HttpResponse> => s3Send(storage(call), object, request);

/** How the names of an object's own headers begin. */
export const META = "x-goog-meta-";

export const headOf = async (call: ResourceCall, object: GcsObject): Promise<S3Head> => {
  const { headers } = await gcsSend(call, object, { method: "HEAD" });
  return {
    bytes: Number(headers.get("content-length") ?? 0),
    modifiedAt: Math.floor(Date.parse(headers.get("last-modified") ?? "") / 1000) || 0,
    meta: (name) => decoded(headers.get(META + name)),
  };
};

/** Names of files are kept percent-encoded, since headers are ASCII. */
const decoded = (value: string | null): string | undefined => {
  try {
    return value === null ? undefined : decodeURIComponent(value);
  } catch {
    return value ?? undefined;
  }
};

/** The objects of a folder, by name: docs.cloud.google.com/storage/docs/xml-api/get-bucket-list */
export const keysBelow = async (
  call: ResourceCall,
  { bucket, key }: GcsObject,
): Promise<readonly string[]> => {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const from = token === undefined ? "" : `&continuation-token=${encodeURIComponent(token)}`;
    const query = `list-type=2&prefix=${encodeURIComponent(key)}${from}`;
    const xml = await (await gcsSend(call, { bucket, key: "" }, { query })).text();
    if (!xml.includes("<ListBucketResult")) throw new MalformedReply("a list of objects was expected");
    keys.push(...xmlElements(xml, "Contents").flatMap((entry) => xmlText(entry, "Key") ?? []));
    token = xmlText(xml, "NextContinuationToken");
  } while (token !== undefined);
  return keys;
};

/** What a bucket's list says of an object. */
export interface GcsEntry extends GcsObject {
  readonly bytes: number;
  /** Seconds since 1970. */
  readonly modifiedAt: number;
  readonly meta: (name: string) => string | undefined;
}

/** Most objects of one answer. */
const MAX_PAGE = 1000;

/**
 * The objects of a bucket by name, from `start` on, itself included. The JSON API's list has what the XML API
 * says only in each object's own head: docs.cloud.google.com/storage/docs/json_api/v1/objects/list
 */
export async function* entriesFrom(
  call: ResourceCall,
  bucket: string,
  { start, most }: { readonly start: string | undefined; readonly most: number },
): AsyncGenerator<GcsEntry> {
  const query = new URLSearchParams({
    fields: "items(name,size,updated,metadata),nextPageToken",
    maxResults: String(Math.min(most, MAX_PAGE)),
  });
  if (start !== undefined) query.set("startOffset", start);
  let token: string | undefined;
  do {
    if (token !== undefined) query.set("pageToken", token);
    const url = `${call.host("storage")}/storage/v1/b/${bucket}/o?${query.toString()}`;
    const { items, nextPageToken } = await call.json({ url });
    for (const item of (isArray(items) ? items : []).filter(isObject)) yield entryOf(bucket, item);
    token = textOf(nextPageToken);
  } while (token !== undefined);
}

const entryOf = (bucket: string, item: JsonObject): GcsEntry => {
  const metadata = fieldsOf(item["metadata"]);
  return {
    bucket,
    key: textOf(item["name"]) ?? "",
    bytes: countOf(item["size"]) ?? 0,
    modifiedAt: secondsOf(item["updated"]) ?? 0,
    meta: (name) => decoded(textOf(metadata[name]) ?? null),
  };
};
