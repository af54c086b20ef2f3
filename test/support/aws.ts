/** S3 and Bedrock's jobs for tests, behind one custom host: objects in memory, and every signature checked. */
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { isObject, isString, type JsonObject, type JsonValue } from "../../src/schema/json.ts";

export const AWS_KEYS = { accessKeyId: "AKIATEST", secretAccessKey: "secret" } as const;
const REGION = "eu-west-1";

export interface StoredObject {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly size: number;
  readonly json: JsonObject | undefined;
}

export interface FakeAws {
  readonly url: string;
  /** By bucket and key. */
  readonly objects: Map<string, StoredObject>;
  /** Jobs as Bedrock describes them, by the last part of their ARN. */
  readonly jobs: Map<string, JsonObject>;
  readonly seen: Seen[];
  /** Uploads in parts that neither ended nor were given up. */
  readonly open: ReadonlyMap<string, unknown>;
  /** Answers the next request that matches with this. */
  fail(matches: (seen: Seen) => boolean, response: () => Response | Promise<Response>): void;
  reset(): void;
  stop(): Promise<void>;
}

interface Upload {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, Uint8Array>;
}

type Failure = readonly [(seen: Seen) => boolean, () => Response | Promise<Response>];

export const startAws = (): FakeAws => {
  const objects = new Map<string, StoredObject>();
  const jobs = new Map<string, JsonObject>();
  const open = new Map<string, Upload>();
  const seen: Seen[] = [];
  let failures: Failure[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const url = new URL(request.url);
      const bytes = await request.bytes();
      const entry: Seen = {
        method: request.method,
        path: url.pathname,
        query: url.search,
        size: bytes.byteLength,
        json: parsed(bytes),
      };
      seen.push(entry);
      const service = /^\/model-(?:invocation|customization)-job/.test(url.pathname) ? "bedrock" : "s3";
      if (!(await isSigned(request, url, bytes, service))) return s3Error(403, "SignatureDoesNotMatch");
      const failure = failures.find(([matches]) => matches(entry));
      if (failure !== undefined) {
        failures = failures.filter((other) => other !== failure);
        return failure[1]();
      }
      return service === "s3" ? s3(request, url, bytes) : bedrock(request, url, entry.json ?? {});
    },
  });

  const s3 = (request: Request, url: URL, bytes: Uint8Array): Response => {
    const path = decodeURIComponent(url.pathname).slice(1);
    const uploadId = url.searchParams.get("uploadId");
    if (request.method === "GET" && url.searchParams.has("list-type")) return listed(path, url.searchParams);
    if (uploadId !== null) return upload(request, url, uploadId, bytes);
    if (url.searchParams.has("uploads")) {
      const id = `up/load+${open.size}=`;
      open.set(id, { path, headers: keptHeaders(request), parts: new Map() });
      return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
    }
    if (request.method === "PUT") {
      objects.set(path, { text: Buffer.from(bytes).toString(), headers: keptHeaders(request) });
      return new Response(null, { headers: { etag: '"whole"' } });
    }
    if (request.method === "DELETE") {
      objects.delete(path);
      return new Response(null, { status: 204 });
    }
    const object = objects.get(path);
    if (object === undefined)
      return request.method === "HEAD" ? new Response(null, { status: 404 }) : s3Error(404, "NoSuchKey");
    const headers = { ...object.headers, "last-modified": "Sat, 21 Nov 2026 10:00:00 GMT", etag: '"e"' };
    if (request.method === "HEAD")
      return new Response(null, {
        headers: { ...headers, "content-length": String(Buffer.byteLength(object.text)) },
      });
    return new Response(object.text, { headers });
  };

  const upload = (request: Request, url: URL, id: string, bytes: Uint8Array): Response => {
    const found = open.get(id);
    if (found === undefined) return s3Error(404, "NoSuchUpload");
    if (request.method === "PUT") {
      const number = Number(url.searchParams.get("partNumber"));
      found.parts.set(number, bytes);
      return new Response(null, { headers: { etag: `"part&${number}"` } });
    }
    open.delete(id);
    if (request.method === "DELETE") return new Response(null, { status: 204 });
    const asked = [
      ...Buffer.from(bytes)
        .toString()
        .matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)</g),
    ];
    const isWhole =
      asked.length === found.parts.size &&
      asked.every(([, number, tag]) => tag?.includes(`part&amp;${number}`) === true);
    const small = [...found.parts.values()].slice(0, -1).some((part) => part.byteLength < 5 * 1024 * 1024);
    if (!isWhole || small) return s3Error(400, small ? "EntityTooSmall" : "InvalidPart");
    const text = Buffer.concat(
      asked.map(([, number]) => found.parts.get(Number(number)) ?? bytes),
    ).toString();
    objects.set(found.path, { text, headers: found.headers });
    return xml("<CompleteMultipartUploadResult><ETag>done</ETag></CompleteMultipartUploadResult>");
  };

  const listed = (bucket: string, query: URLSearchParams): Response => {
    const after = query.get("start-after") ?? "";
    const keys = [...objects.keys()]
      .filter((path) => path.startsWith(bucket))
      .map((path) => path.slice(bucket.length))
      .filter((key) => key > after)
      .toSorted();
    const page = keys.slice(0, Number(query.get("max-keys")));
    const contents = page.map((key) => `<Contents><Key>${key.replaceAll("&", "&amp;")}</Key></Contents>`);
    return xml(
      `<ListBucketResult><IsTruncated>${keys.length > page.length}</IsTruncated>${contents.join("")}</ListBucketResult>`,
    );
  };

  const bedrock = (request: Request, url: URL, body: JsonObject): Response => {
    const [, family = "", segment, word] = url.pathname.split("/");
    const isBatch = family.startsWith("model-invocation");
    if (request.method === "POST" && segment === undefined) {
      const id = `job${jobs.size}`.padEnd(12, "0");
      const kind = isBatch ? "model-invocation-job" : "model-customization-job";
      const jobArn = `arn:aws:bedrock:${REGION}:123456789012:${kind}/${id}`;
      const time = new Date(Date.UTC(2026, 10, 21, 10, jobs.size)).toISOString();
      const times = { submitTime: time, creationTime: time };
      const own = isBatch ? {} : { baseModelArn: body["baseModelIdentifier"] };
      jobs.set(id, { ...body, ...own, jobArn, status: isBatch ? "Submitted" : "InProgress", ...times });
      return Response.json({ jobArn });
    }
    if (segment === undefined) return jobPage(url.searchParams, isBatch);
    const id = decodeURIComponent(segment).split("/").at(-1) ?? "";
    const job = jobs.get(id);
    if (job === undefined)
      return Response.json(
        { message: "No such job" },
        { status: 404, headers: { "x-amzn-errortype": "ResourceNotFoundException" } },
      );
    if (word !== "stop") return Response.json(job);
    jobs.set(id, { ...job, status: "Stopping" });
    return new Response(null, { status: 200 });
  };

  const jobPage = (query: URLSearchParams, isBatch: boolean): Response => {
    const before = query.get("submitTimeBefore") ?? query.get("creationTimeBefore") ?? "9";
    const all = [...jobs.values()]
      .filter((job) => textOf(job["jobArn"]).includes("model-invocation-job") === isBatch)
      .filter((job) => textOf(job["submitTime"]) < before)
      .toReversed();
    const page = all.slice(0, Number(query.get("maxResults")));
    const name = isBatch ? "invocationJobSummaries" : "modelCustomizationJobSummaries";
    return Response.json({ [name]: page, ...(all.length > page.length ? { nextToken: "more" } : {}) });
  };

  return {
    url: `http://127.0.0.1:${server.port}`,
    objects,
    jobs,
    seen,
    open,
    fail: (matches, response) => void failures.push([matches, response]),
    reset: () => {
      for (const kept of [objects, jobs, open]) kept.clear();
      seen.length = 0;
      failures = [];
    },
    stop: () => server.stop(true),
  };
};

const textOf = (value: JsonValue | undefined): string => (isString(value) ? value : "");

const parsed = (bytes: Uint8Array): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const xml = (body: string, status = 200): Response =>
  new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`, {
    status,
    headers: { "content-type": "application/xml" },
  });

export const s3Error = (status: number, code: string): Response =>
  xml(`<Error><Code>${code}</Code><Message>S3 says &quot;${code}&quot;</Message></Error>`, status);

const keptHeaders = (request: Request): Record<string, string> =>
  Object.fromEntries(
    [...request.headers].filter(([name]) => name === "content-type" || /^x-amz-(?:meta|server)/.test(name)),
  );

/** What AWS's own SDK would have signed; S3's paths are signed as they are sent. */
const isSigned = async (request: Request, url: URL, body: Uint8Array, service: string): Promise<boolean> => {
  const given = request.headers.get("authorization") ?? "";
  const names = /SignedHeaders=([^,]+)/.exec(given)?.[1]?.split(";") ?? [];
  const date = request.headers.get("x-amz-date") ?? "";
  const time = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const signer = new SignatureV4({
    credentials: AWS_KEYS,
    region: REGION,
    service,
    sha256: Sha256,
    uriEscapePath: service !== "s3",
  });
  const { headers } = await signer.sign(
    {
      method: request.method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(names.map((name) => [name, request.headers.get(name) ?? ""])),
      body,
    },
    { signingDate: new Date(time) },
  );
  return headers["authorization"] === given;
};
