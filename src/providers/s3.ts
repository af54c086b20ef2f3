/**
 * Objects of Amazon S3, addressed and asked for (docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 * and the pages beside it).
 *
 * At home a bucket is the first label of the host; behind a custom host, and for names that no certificate
 * of AWS's covers, the first segment of the path.
 */
import type { HttpResponse } from "../lib/http.ts";
import { xmlElements, xmlText } from "../lib/xml-text.ts";
import type { Fault } from "../schema/chat.ts";
import { GatewayError, invalidRequest, MalformedReply } from "../schema/errors.ts";
import { isString } from "../schema/json.ts";
import type { ResourceCall, ResourceRequest } from "./resource.ts";

export interface S3Object {
  readonly bucket: string;
  readonly key: string;
}

/** What a client calls an object: its URI, encoded so that it is one segment of a path. */
export const idOf = (object: S3Object): string => encodeURIComponent(uriOf(object));

export const uriOf = ({ bucket, key }: S3Object): string => `s3://${bucket}/${key}`;

/** An object by its URI, however often that was encoded on its way; 400 where it is none. */
export const objectOf = (call: ResourceCall, id: string, param: string): S3Object => {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(unwrapped(id)) ?? [];
  if (bucket === "" || key === "")
    throw invalidRequest(param, "must be an s3:// URI, as the gateway gives it");
  return checked(call, { bucket, key }, param);
};

/** The same for a folder, whose key may be empty. */
export const folderOf = (call: ResourceCall, uri: string, param: string): S3Object => {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(unwrapped(uri)) ?? [];
  if (bucket === "") throw invalidRequest(param, "must be an s3:// URI");
  return checked(call, { bucket, key }, param);
};

const MAX_LAYERS = 3;

/** SDKs encode the percent signs of an id that came encoded. */
export const unwrapped = (id: string): string => {
  let text = id;
  for (let layer = 0; layer < MAX_LAYERS && /%[0-9a-f]{2}/i.test(text) && !text.includes(":"); layer++) {
    const plain = decoded(text);
    if (plain === undefined) return text;
    text = plain;
  }
  return text;
};

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

/** docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET = /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const MAX_KEY_BYTES = 1024;

export const checked = (call: ResourceCall, object: S3Object, param: string): S3Object => {
  if (!BUCKET.test(object.bucket)) throw invalidRequest(param, "does not name an S3 bucket");
  if (Buffer.byteLength(object.key) > MAX_KEY_BYTES)
    throw invalidRequest(param, "is longer than a key may be");
  if (!object.key.isWellFormed()) throw invalidRequest(param, "is not valid Unicode");
  // A URL's parser would climb out of the path.
  if (object.key.split("/").some((segment) => segment === "." || segment === ".."))
    throw invalidRequest(param, "must not have . or .. for a segment");
  checkBucket(call, object.bucket, param);
  return object;
};

/**
 * With the operator's credentials only the bucket that the operator names is open: else a request could
 * read whatever they can.
 */
const checkBucket = (call: ResourceCall, bucket: string, param: string): void => {
  const brings = call.option("aws_access_key_id") !== undefined || call.option("aws_role_arn") !== undefined;
  if (!call.isOperators && brings) return;
  if (call.isOperators && call.option("aws_s3_bucket") === bucket) return;
  throw new GatewayError(
    "host_not_allowed_for_key",
    `${param}: the gateway's AWS credentials open only the bucket that a virtual key or a config of the operator's names as aws_s3_bucket; send aws_access_key_id and aws_secret_access_key for another`,
    { param },
  );
};

/** The URL of an object, or of its bucket where there is no key; `query` as it is to be signed. */
export const s3Url = (call: ResourceCall, { bucket, key }: S3Object, query = ""): string => {
  const base = call.host("s3");
  const path = key.split("/").map(encodeURIComponent).join("/") + (query === "" ? "" : `?${query}`);
  if (!call.atHome || bucket.includes(".")) return `${base}/${bucket}/${path}`;
  const [scheme, host] = base.split("://");
  return `${scheme}://${bucket}.${host}/${path}`;
};

export const s3Send = (
  call: ResourceCall,
  object: S3Object,
  { query, ...request }: Omit<ResourceRequest, "url"> & { readonly query?: string } = {},
): Promise<HttpResponse> =>
  call.send({ ...request, url: s3Url(call, object, query), options: { aws_service: "s3" } });

/** What the head of an object says. */
export interface S3Head {
  readonly bytes: number;
  /** Seconds since 1970. */
  readonly modifiedAt: number;
  readonly meta: (name: string) => string | undefined;
}

export const headOf = async (call: ResourceCall, object: S3Object): Promise<S3Head> => {
  const { headers } = await s3Send(call, object, { method: "HEAD" });
  return {
    bytes: Number(headers.get("content-length") ?? 0),
    modifiedAt: Math.floor(Date.parse(headers.get("last-modified") ?? "") / 1000) || 0,
    meta: (name) => metaText(headers.get(`x-amz-meta-${name}`)),
  };
};

/** Headers are ASCII: names of files are kept percent-encoded. */
const metaText = (value: string | null): string | undefined =>
  value === null ? undefined : (decoded(value) ?? value);

export interface S3Page {
  readonly keys: readonly string[];
  readonly hasMore: boolean;
}

export const listKeys = async (
  call: ResourceCall,
  bucket: string,
  { limit, after }: { readonly limit: number; readonly after: string | undefined },
): Promise<S3Page> => {
  const query = [
    "list-type=2",
    `max-keys=${limit}`,
    ...(after === undefined ? [] : [`start-after=${encodeURIComponent(after)}`]),
  ];
  const response = await s3Send(call, { bucket, key: "" }, { query: query.join("&") });
  const xml = await response.text();
  if (!xml.includes("<ListBucketResult")) throw new MalformedReply("a list of objects was expected");
  return {
    keys: xmlElements(xml, "Contents").flatMap((entry) => xmlText(entry, "Key") ?? []),
    hasMore: xmlText(xml, "IsTruncated") === "true",
  };
};

/** S3's errors are XML; the head of an object that is not there says nothing at all. */
export const readS3Error = (status: number, body: unknown): Fault | undefined => {
  if (!isString(body) || (body !== "" && !/^\s*</.test(body))) return undefined;
  const code = xmlText(body, "Code") ?? null;
  const message = xmlText(body, "Message") ?? SILENT[status] ?? `HTTP ${status}`;
  return { status, message, type: code, param: null, code };
};

const SILENT: Readonly<Record<number, string>> = Object.freeze({
  403: "Access to the object is denied",
  404: "There is no such object",
});
