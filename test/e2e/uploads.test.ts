/** Large bodies from outside: uploads that pass through without being kept, and sound that begins before it ends. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { JsonObject } from "../../src/schema/json.ts";
import { startSinkUpstream, type SinkUpstream } from "../support/sink-upstream.ts";
import { LIMIT_MS, within } from "../support/wait.ts";
import { startPair } from "./setup.ts";

const MIB = 1024 * 1024;
const BOUNDARY = "turnpike-upload-boundary";
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

const pair = startPair();
let sink: SinkUpstream;
beforeAll(async () => {
  sink = await startSinkUpstream();
});
afterEach(() => sink.reset());
afterAll(() => sink.close());

const HEAD = Buffer.from(
  [
    `--${BOUNDARY}`,
    'content-disposition: form-data; name="model"',
    "",
    "whisper-1",
    `--${BOUNDARY}`,
    'content-disposition: form-data; name="file"; filename="a.wav"',
    "content-type: audio/wav",
    "",
    "",
  ].join("\r\n"),
);
const TAIL = Buffer.from(`\r\n--${BOUNDARY}--\r\n`);
const PIECE = Buffer.alloc(256 * 1024, "sound");

/** A form with a file of that size, made as it is read. */
function* form(mib: number): Generator<Buffer> {
  yield HEAD;
  for (let made = 0; made < mib * MIB; made += PIECE.length) yield PIECE;
  yield TAIL;
}

const lengthOf = (mib: number): number => HEAD.length + mib * MIB + TAIL.length;

const digestOf = (mib: number): string => {
  const hash = createHash("sha256");
  for (const piece of form(mib)) hash.update(piece);
  return hash.digest("hex");
};

interface Answer {
  readonly status: number;
  readonly body: JsonObject;
}

interface Upload {
  readonly mib: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly isChunked?: boolean;
}

/** By a client that keeps nothing itself: the process of the tests is not what is measured, but shares the machine. */
const upload = async ({ mib, path, headers, isChunked = false }: Upload): Promise<Answer> => {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = httpRequest(`${pair.gateway.url}${path}`, {
    method: "POST",
    headers: {
      authorization: "Bearer sk",
      "content-type": TYPE,
      ...(isChunked ? {} : { "content-length": lengthOf(mib) }),
      ...(headers ?? pair.headers("openai", { "x-portkey-custom-host": `${sink.url}/v1` })),
    },
  });
  outgoing.on("error", reject);
  outgoing.on("response", (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("end", () =>
      // Every answer of these tests is a JSON object.
      resolve({
        status: response.statusCode ?? 0,
        body: JSON.parse(Buffer.concat(chunks).toString()) as JsonObject,
      }),
    );
  });
  await pipeline(Readable.from(form(mib)), outgoing);
  return promise;
};

/** How much the gateway's memory grows at most while something happens. */
const growthDuring = async (work: () => Promise<void>): Promise<number> => {
  const before = pair.gateway.rss();
  let peak = before;
  const look = (): void => void (peak = Math.max(peak, pair.gateway.rss()));
  const watch = setInterval(look, 5);
  await work().finally(() => clearInterval(watch));
  look();
  return peak - before;
};

describe.each(["/v1/audio/transcriptions", "/v1/files"])("an upload of 100 MiB to %s", (path) => {
  test.each([false, true])(
    "passes through as it is, once, and is not kept (chunked: %p)",
    async (isChunked) => {
      const growth = await growthDuring(async () => {
        const { status, body } = await upload({ mib: 100, path, isChunked });
        expect(status).toBe(200);
        expect(body).toMatchObject({ bytes: lengthOf(100), sha256: digestOf(100) });
      });
      expect(sink.taken).toMatchObject([{ url: path, contentType: TYPE, bytes: lengthOf(100) }]);
      expect(growth).toBeLessThan(16 * MIB);
    },
    LIMIT_MS,
  );
});

describe("a body that is too large to be kept", () => {
  const routed = (config: JsonObject): Record<string, string> => ({
    "x-portkey-config": JSON.stringify(config),
  });
  const target = (): JsonObject => pair.target("openai", { custom_host: `${sink.url}/v1` });

  test.each<[string, () => JsonObject]>([
    ["a further target", () => ({ strategy: { mode: "fallback" }, targets: [target(), target()] })],
    ["a retry", () => ({ ...target(), retry: { attempts: 2, on_status_codes: [500] } })],
  ])("cannot be sent again to %s, and the answer says so", async (_name, config) => {
    sink.answer(500);
    const { status, body } = await upload({
      mib: 9,
      path: "/v1/audio/transcriptions",
      headers: routed(config()),
    });
    expect(status).toBe(400);
    expect(body["error"]).toMatchObject({ code: "body_not_replayable", type: "invalid_request_error" });
    expect(sink.taken).toHaveLength(1);
  });

  test("needs no second try where the first one answers", async () => {
    const config = { strategy: { mode: "fallback" }, targets: [target(), target()] };
    const { status } = await upload({ mib: 9, path: "/v1/audio/transcriptions", headers: routed(config) });
    expect(status).toBe(200);
    expect(sink.taken).toHaveLength(1);
  });

  test("is kept when it is smaller, and sent again", async () => {
    sink.answer(500);
    const config = { strategy: { mode: "fallback" }, targets: [target(), target()] };
    const { status } = await upload({ mib: 7, path: "/v1/audio/transcriptions", headers: routed(config) });
    expect(status).toBe(200);
    expect(sink.taken.map(({ sha256 }) => sha256)).toEqual([digestOf(7), digestOf(7)]);
  });
});

test("speech begins before the upstream has finished it", async () => {
  const sound = Buffer.from([0xff, 0xf3, 0x00, 0x80, 0xc4]);
  const { promise: rest, resolve: release } = Promise.withResolvers<void>();
  const speaker = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () =>
      new Response(
        new ReadableStream<Uint8Array>({
          async start(controller) {
            controller.enqueue(sound);
            await rest;
            controller.enqueue(sound);
            controller.close();
          },
        }),
        { headers: { "content-type": "audio/mpeg" } },
      ),
  });
  const response = await pair.post(
    "/v1/audio/speech",
    { model: "tts-1", input: "hello", voice: "alloy" },
    pair.headers("openai", {
      authorization: "Bearer sk",
      "x-portkey-custom-host": `http://127.0.0.1:${speaker.port}/v1`,
    }),
  );
  expect(response.headers.get("content-type")).toBe("audio/mpeg");
  const reader = response.body?.getReader();
  const first = await within(
    reader?.read() ?? Promise.reject(new Error("There is no body")),
    "the first sound",
  );
  expect(Buffer.from(first.value ?? [])).toEqual(sound);
  release();
  const second = await reader?.read();
  expect(Buffer.from(second?.value ?? [])).toEqual(sound);
  expect(await reader?.read()).toMatchObject({ done: true });
  await speaker.stop(true);
});
