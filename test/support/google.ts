/** Cloud Storage and Vertex AI's jobs for tests, behind one custom host: objects and jobs in memory. */
import { isObject, isString, type JsonObject, type JsonValue } from "../../src/schema/json.ts";

export interface StoredObject {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string | null;
  readonly json: JsonObject | undefined;
}

export interface FakeGoogle {
  readonly url: string;
  /** By bucket and name. */
  readonly objects: Map<string, StoredObject>;
  /** Jobs as Vertex describes them, by the last part of their name; the newest first. */
  readonly jobs: Map<string, JsonObject>;
  readonly seen: Seen[];
  /** Uploads in parts that neither ended nor were given up. */
  readonly open: ReadonlyMap<string, unknown>;
  reset(): void;
  stop(): Promise<void>;
}

interface Upload {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, Uint8Array>;
}

const META = "x-goog-meta-";
const TIME = "2026-11-21T10:00:00.123456Z";

export const startGoogle = (): FakeGoogle => {
  const objects = new Map<string, StoredObject>();
  const jobs = new Map<string, JsonObject>();
  const open = new Map<string, Upload>();
  const seen: Seen[] = [];
  let serial = 1000;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const url = new URL(request.url);
      const bytes = await request.bytes();
      const { method } = request;
      const token = request.headers.get("authorization");
      seen.push({ method, path: url.pathname, query: url.searchParams, token, json: parsed(bytes) });
      const isVertex = url.pathname.startsWith("/v1/projects/");
      return isVertex ? vertex(method, url, parsed(bytes) ?? {}) : gcs(request, url, bytes);
    },
  });

  const gcs = (request: Request, url: URL, bytes: Uint8Array): Response => {
    const [, bucket] = /^\/storage\/v1\/b\/([^/]+)\/o$/.exec(url.pathname) ?? [];
    if (bucket !== undefined) return entries(bucket, url.searchParams);
    const path = decodeURIComponent(url.pathname).slice(1);
    const { method } = request;
    const prefix = url.searchParams.get("prefix");
    const from = Number(url.searchParams.get("continuation-token") ?? 0);
    if (method === "GET" && prefix !== null) return listed(path + prefix, path.length, from);
    const uploadId = url.searchParams.get("uploadId");
    if (uploadId !== null) return upload(method, url, uploadId, bytes);
    if (url.searchParams.has("uploads")) {
      const id = `up/${open.size}`;
      open.set(id, { path, headers: keptHeaders(request), parts: new Map() });
      return xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
    }
    if (method === "PUT") {
      objects.set(path, { text: Buffer.from(bytes).toString(), headers: keptHeaders(request) });
      return new Response(null, { headers: { etag: '"whole"' } });
    }
    const object = objects.get(path);
    if (object === undefined) return method === "HEAD" ? new Response(null, { status: 404 }) : noSuchKey();
    if (method === "DELETE") {
      objects.delete(path);
      return new Response(null, { status: 204 });
    }
    const length = String(Buffer.byteLength(object.text));
    const headers = { ...object.headers, "last-modified": "Sat, 21 Nov 2026 10:00:00 GMT" };
    if (method === "HEAD") return new Response(null, { headers: { ...headers, "content-length": length } });
    return new Response(object.text, { headers });
  };

  const upload = (method: string, url: URL, id: string, bytes: Uint8Array): Response => {
    const found = open.get(id);
    if (found === undefined) return noSuchKey();
    if (method === "PUT") {
      const number = Number(url.searchParams.get("partNumber"));
      found.parts.set(number, bytes);
      return new Response(null, { headers: { etag: `"part${number}"` } });
    }
    open.delete(id);
    if (method === "DELETE") return new Response(null, { status: 204 });
    const parts = [...found.parts.entries()].toSorted(([one], [other]) => one - other);
    const text = Buffer.concat(parts.map(([, part]) => part)).toString();
    objects.set(found.path, { text, headers: found.headers });
    return xml("<CompleteMultipartUploadResult><ETag>done</ETag></CompleteMultipartUploadResult>");
  };

  /** Pages of one object. */
  const listed = (start: string, skipped: number, from: number): Response => {
    const keys = [...objects.keys()].filter((path) => path.startsWith(start)).toSorted();
    const contents = keys
      .slice(from, from + 1)
      .map((key) => `<Contents><Key>${key.slice(skipped)}</Key></Contents>`);
    const isLast = from + 1 >= keys.length;
    const next = isLast ? "" : `<NextContinuationToken>${from + 1}</NextContinuationToken>`;
    return xml(`<ListBucketResult>${contents.join("")}${next}</ListBucketResult>`);
  };

  /** The JSON API's list, in pages of two at most. */
  const entries = (bucket: string, query: URLSearchParams): Response => {
    const from = query.get("pageToken") ?? query.get("startOffset") ?? "";
    const below = [...objects]
      .map(([path, object]) => ({ path, object }))
      .filter(({ path }) => path.startsWith(`${bucket}/`) && path.slice(bucket.length + 1) >= from)
      .toSorted((one, other) => (one.path < other.path ? -1 : 1));
    const size = Math.min(2, Number(query.get("maxResults")));
    const items = below.slice(0, size).map(({ path, object: { text, headers } }) => ({
      name: path.slice(bucket.length + 1),
      size: String(Buffer.byteLength(text)),
      updated: TIME,
      metadata: Object.fromEntries(
        Object.entries(headers).flatMap(([name, value]) =>
          name.startsWith(META) ? [[name.slice(META.length), value]] : [],
        ),
      ),
    }));
    const next = below[size]?.path.slice(bucket.length + 1);
    return Response.json({
      ...(items.length > 0 && { items }),
      ...(next !== undefined && { nextPageToken: next }),
    });
  };

  const vertex = (method: string, url: URL, body: JsonObject): Response => {
    const [, parent = "", kind = "", id = "", verb] =
      /^\/v1\/(projects\/[^/]+\/locations\/[^/]+)\/(\w+)(?:\/(\w+)(?::(\w+))?)?$/.exec(url.pathname) ?? [];
    if (method === "POST" && id === "") {
      const name = `${parent}/${kind}/${serial++}`;
      const job = { ...body, name, state: "JOB_STATE_PENDING", createTime: TIME };
      const others = [...jobs.entries()];
      jobs.clear();
      jobs.set(name.split("/").at(-1) ?? "", job);
      for (const [other, value] of others) jobs.set(other, value);
      return Response.json(job);
    }
    if (id === "") return page(kind, url.searchParams);
    const job = jobs.get(id);
    if (job === undefined)
      return Response.json({ error: { code: 404, message: "No job", status: "NOT_FOUND" } }, { status: 404 });
    if (verb !== "cancel") return Response.json(job);
    jobs.set(id, { ...job, state: "JOB_STATE_CANCELLING" });
    return Response.json({});
  };

  const page = (kind: string, query: URLSearchParams): Response => {
    const all = [...jobs.values()].filter((job) => textOf(job["name"]).includes(kind));
    const from = Number(query.get("pageToken") ?? 0);
    const to = from + Number(query.get("pageSize"));
    return Response.json({
      [kind]: all.slice(from, to),
      ...(to < all.length ? { nextPageToken: String(to) } : {}),
    });
  };

  return {
    url: `http://127.0.0.1:${server.port}`,
    objects,
    jobs,
    seen,
    open,
    reset: () => {
      for (const kept of [objects, jobs, open]) kept.clear();
      seen.length = 0;
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
  new Response(`<?xml version='1.0' encoding='UTF-8'?>${body}`, {
    status,
    headers: { "content-type": "application/xml" },
  });

const noSuchKey = (): Response =>
  xml("<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>", 404);

const keptHeaders = (request: Request): Record<string, string> =>
  Object.fromEntries(
    [...request.headers].filter(([name]) => name === "content-type" || name.startsWith(META)),
  );
