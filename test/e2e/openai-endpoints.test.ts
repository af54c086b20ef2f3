/** OpenAI's client on the endpoints beside chat: images, audio, completions, and what is passed through. */
import { describe, expect, test } from "bun:test";
import OpenAI, { toFile } from "openai";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";
import { collect, failureOf, startPair } from "./setup.ts";

const pair = startPair();
const openai = (): OpenAI => pair.openai("openai");

const answers = (value: JsonValue, status = 200): void =>
  pair.upstream.enqueue({
    kind: "raw",
    status,
    headers: { "content-type": "application/json" },
    chunks: [JSON.stringify(value)],
  });

const EVENTS = { "content-type": "text/event-stream" };
const frame = (event: JsonObject): string => `data: ${JSON.stringify(event)}\n\n`;

const streams = (...events: readonly JsonObject[]): void =>
  pair.upstream.enqueue({ kind: "raw", headers: EVENTS, chunks: events.map(frame) });

/** The form that arrived: its texts, and what its files hold. */
const formSent = async (): Promise<Record<string, string>> => {
  const { body, headers } = await pair.upstream.next();
  const type = headers["content-type"] ?? "";
  const form = await new Response(body, { headers: { "content-type": type } }).formData();
  const fields: Record<string, string> = {};
  for (const [name, value] of form.entries() as Iterable<[string, string | File]>)
    // files, too, which the type leaves out
    fields[name] = value instanceof File ? `${value.name}: ${await value.text()}` : value;
  return fields;
};

const file = (name: string, text: string, type: string) => toFile(Buffer.from(text), name, { type });

const IMAGES = { created: 1, data: [{ b64_json: "aGk=" }], usage: { input_tokens: 3, output_tokens: 5 } };

describe("images", () => {
  test("are generated", async () => {
    answers(IMAGES);
    const { data } = await openai().images.generate({ model: "gpt-image-1", prompt: "a tide", n: 1 });
    expect(data?.[0]?.b64_json).toBe("aGk=");
    const { url, json } = await pair.upstream.next();
    expect([url, json]).toEqual(["/v1/images/generations", { model: "gpt-image-1", prompt: "a tide", n: 1 }]);
  });

  test("come in a stream", async () => {
    const event = (type: string, more: JsonObject = {}) => ({
      type,
      b64_json: "aGk=",
      created_at: 1,
      ...more,
    });
    streams(
      event("image_generation.partial_image", { partial_image_index: 0 }),
      event("image_generation.completed", { usage: IMAGES.usage }),
    );
    const stream = await openai().images.generate({ model: "gpt-image-1", prompt: "a tide", stream: true });
    expect((await collect(stream)).map(({ type }) => type)).toEqual([
      "image_generation.partial_image",
      "image_generation.completed",
    ]);
  });

  test("come in a stream from those who have none", async () => {
    answers({ artifacts: [{ base64: "aGk=" }, { base64: "aG8=" }] });
    const client = pair.openai("openai", { "x-portkey-provider": "stability-ai" });
    const asked = { model: "stable-diffusion-v1-6", prompt: "a tide", n: 2, size: "512x512" } as const;
    const events = await collect(await client.images.generate({ ...asked, stream: true }));
    const event = { type: "image_generation.completed", created_at: expect.any(Number), size: "512x512" };
    expect(events).toMatchObject([
      { ...event, b64_json: "aGk=" },
      { ...event, b64_json: "aG8=" },
    ]);
    expect((await pair.upstream.next()).json).not.toHaveProperty("stream");
  });

  test.each(["openai", "deepinfra"])("are edited by %s", async (provider) => {
    answers(IMAGES);
    const image = await file("tide.png", "pixels", "image/png");
    const client = pair.openai("openai", { "x-portkey-provider": provider });
    await client.images.edit({ model: "gpt-image-1", image, prompt: "higher" });
    expect(await formSent()).toEqual({ model: "gpt-image-1", prompt: "higher", image: "tide.png: pixels" });
  });
});

describe("images that xAI edits, which takes no forms", () => {
  const client = (): OpenAI => pair.openai("openai", { "x-portkey-provider": "x-ai" });
  const picture = (name: string) => file(name, "pixels", "image/png");
  const uri = `data:image/png;base64,${Buffer.from("pixels").toString("base64")}`;
  const asked = { model: "grok-imagine-image", prompt: "higher", n: 2, size: "1536x1024" } as const;
  const sent = { model: "grok-imagine-image", prompt: "higher", n: 2, aspect_ratio: "3:2" };
  const told = async (image: JsonObject): Promise<void> => {
    const { url, json } = await pair.upstream.next();
    expect([url, json]).toEqual(["/v1/images/edits", { ...sent, ...image }]);
  };

  test("are written into JSON", async () => {
    answers({ data: [{ b64_json: "aGk=" }] });
    const { data, created } = await client().images.edit({ ...asked, image: await picture("tide.png") });
    expect([data?.[0]?.b64_json, created]).toEqual(["aGk=", expect.any(Number)]);
    await told({ image: { url: uri, type: "image_url" } });
  });

  test("may be several, of which a mask is none", async () => {
    answers({ data: [] });
    const image = [await picture("tide.png"), await picture("ebb.png")];
    const mask = await picture("mask.png");
    const { response } = await client()
      .images.edit({ ...asked, image, mask, user: "me" })
      .withResponse();
    expect(response.headers.get("x-turnpike-not-carried")).toBe("mask, size (shape only)");
    const each = { url: uri, type: "image_url" };
    await told({ user: "me", images: [each, each] });
  });

  test("go back in a stream to whoever asked for one in a form", async () => {
    answers({ data: [{ b64_json: "aGk=" }] });
    const image = await picture("tide.png");
    const events = await collect(await client().images.edit({ ...asked, image, stream: true }));
    expect(events).toMatchObject([{ type: "image_edit.completed", b64_json: "aGk=" }]);
    await told({ image: { url: uri, type: "image_url" } });
  });

  test("may come by URL, and go back in a stream", async () => {
    answers({ data: [{ b64_json: "aGk=" }] });
    const body = { ...asked, images: [{ image_url: "https://a.example/1.png" }], stream: true };
    const headers = pair.headers("openai", { "x-portkey-provider": "x-ai", authorization: "Bearer k" });
    const response = await pair.post("/v1/images/edits", body, headers);
    expect(await response.text()).toStartWith("event: image_edit.completed\ndata: {");
    await told({ image: { url: "https://a.example/1.png", type: "image_url" } });
  });
});

describe("audio", () => {
  test("is spoken", async () => {
    pair.upstream.enqueue({
      kind: "raw",
      headers: { "content-type": "audio/mpeg" },
      chunks: [Buffer.from([0xff, 0xf3]), Buffer.from([0x00, 0x80])],
    });
    const speech = await openai().audio.speech.create({
      model: "gpt-4o-mini-tts",
      voice: "alloy",
      input: "Hi",
    });
    expect(speech.headers.get("content-type")).toBe("audio/mpeg");
    expect([...new Uint8Array(await speech.arrayBuffer())]).toEqual([0xff, 0xf3, 0x00, 0x80]);
    expect((await pair.upstream.next()).json).toEqual({
      model: "gpt-4o-mini-tts",
      voice: "alloy",
      input: "Hi",
    });
  });

  const sound = () => file("tide.wav", "waves", "audio/wav");

  test("is transcribed", async () => {
    answers({ text: "high tide", usage: { type: "duration", seconds: 2 } });
    const asked = { model: "gpt-4o-transcribe", file: await sound(), language: "en" };
    expect((await openai().audio.transcriptions.create(asked)).text).toBe("high tide");
    expect(await formSent()).toEqual({ model: asked.model, language: "en", file: "tide.wav: waves" });
  });

  test("is transcribed in a stream", async () => {
    streams(
      { type: "transcript.text.delta", delta: "high" },
      { type: "transcript.text.done", text: "high tide" },
    );
    const asked = { model: "gpt-4o-transcribe", file: await sound(), stream: true } as const;
    const events = await collect(await openai().audio.transcriptions.create(asked));
    expect(events.map(({ type }) => type)).toEqual(["transcript.text.delta", "transcript.text.done"]);
  });

  test("is translated, as text when asked", async () => {
    pair.upstream.enqueue({
      kind: "raw",
      headers: { "content-type": "text/plain" },
      chunks: ["high tide\n"],
    });
    const asked = { model: "whisper-1", file: await sound(), response_format: "text" } as const;
    const text: unknown = await openai().audio.translations.create(asked);
    expect(text).toBe("high tide\n");
    expect((await pair.upstream.next()).url).toBe("/v1/audio/translations");
  });

  const routed = (config: JsonObject): OpenAI =>
    pair.openai("openai", {
      "x-portkey-provider": "",
      "x-portkey-custom-host": "",
      "x-portkey-config": JSON.stringify(config),
    });
  const at = (name: string, more: JsonObject = {}): JsonObject => ({
    ...pair.target("openai"),
    name,
    custom_host: `${pair.upstream.url}/${name}`,
    api_key: "k",
    ...more,
  });

  test("is transcribed by the model that the target names, after a fallback too", async () => {
    const overrides = { model: "whisper-large-v3", temperature: 0.5, language: null };
    const targets = [{ provider: "anthropic", api_key: "k" }, at("b", { override_params: overrides })];
    answers({ text: "high tide" });
    const client = routed({ strategy: { mode: "fallback" }, targets });
    await client.audio.transcriptions.create({ model: "whisper-1", file: await sound(), language: "en" });
    expect(await formSent()).toEqual({
      model: "whisper-large-v3",
      temperature: "0.5",
      file: "tide.wav: waves",
    });
  });

  test("goes where the form's model leads", async () => {
    const conditions = [{ query: { "params.model": { $eq: "whisper-1" } }, then: "a" }];
    const strategy = { mode: "conditional", conditions, default: "b" };
    answers({ text: "high tide" });
    const client = routed({ strategy, targets: [at("a"), at("b")] });
    await client.audio.transcriptions.create({ model: "whisper-1", file: await sound() });
    expect((await pair.upstream.next()).url).toBe("/a/audio/transcriptions");
  });

  test("too large to be kept is transcribed by the model that the target names", async () => {
    answers({ text: "high tide" });
    const client = routed(at("b", { override_params: { model: "whisper-large-v3" } }));
    const long = await file("sea.wav", "~".repeat(9 * 1024 * 1024), "audio/wav");
    await client.audio.transcriptions.create({ model: "whisper-1", file: long });
    const { model, file: kept = "" } = await formSent();
    expect([model, kept.length]).toEqual(["whisper-large-v3", "sea.wav: ".length + 9 * 1024 * 1024]);
  });

  test("is transcribed by Mistral, whose lists have plain names", async () => {
    answers({ text: "high tide" });
    const client = pair.openai("openai", { "x-portkey-provider": "mistral-ai" });
    await client.audio.transcriptions.create({
      model: "voxtral-mini-latest",
      file: await sound(),
      timestamp_granularities: ["segment"],
    });
    expect(await formSent()).toEqual({
      model: "voxtral-mini-latest",
      timestamp_granularities: "segment",
      file: "tide.wav: waves",
    });
  });

  test("is transcribed by Cohere, whose form is OpenAI's", async () => {
    answers({ text: "high tide" });
    const asked = { model: "cohere-transcribe", file: await sound(), language: "en" };
    const client = pair.openai("openai", { "x-portkey-provider": "cohere" });
    expect((await client.audio.transcriptions.create(asked)).text).toBe("high tide");
    expect((await pair.upstream.next()).url).toBe("/v1/v2/audio/transcriptions");
  });

  test("that is refused is the client's own error", async () => {
    answers(
      { error: { message: "too long", type: "invalid_request_error", param: "file", code: null } },
      413,
    );
    const failure = await failureOf(
      openai().audio.transcriptions.create({ model: "whisper-1", file: await sound() }),
    );
    expect(failure).toMatchObject({ status: 413, error: { param: "file" } });
  });
});

describe("texts", () => {
  const CHOICE = { index: 0, text: " tide", finish_reason: "stop", logprobs: null };
  const COMPLETION: JsonObject = {
    id: "cmpl-1",
    object: "text_completion",
    created: 1,
    model: "m",
    choices: [CHOICE],
  };

  test("are completed, whole and in a stream", async () => {
    answers(COMPLETION);
    const asked = { model: "gpt-3.5-turbo-instruct", prompt: "high" };
    expect((await openai().completions.create(asked)).choices[0]?.text).toBe(" tide");
    streams(COMPLETION);
    const chunks = await collect(await openai().completions.create({ ...asked, stream: true }));
    expect(chunks.map(({ choices }) => choices[0]?.text)).toEqual([" tide"]);
    expect(pair.upstream.requests.map(({ url }) => url)).toEqual(["/v1/completions", "/v1/completions"]);
  });

  test("are on record with what they used, whole and in a stream", async () => {
    const counted = { ...COMPLETION, usage: { prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 } };
    const asked = { model: "gpt-3.5-turbo-instruct", prompt: "low" };
    for (const stream of [false, true]) {
      const last = `data: ${JSON.stringify({ ...counted, choices: [] })}\n`; // and no blank line behind it
      if (stream) pair.upstream.enqueue({ kind: "raw", headers: EVENTS, chunks: [frame(COMPLETION), last] });
      else answers(counted);
      const traced = { headers: { "x-portkey-trace-id": `low ${stream}` } };
      if (stream) await collect(await openai().completions.create({ ...asked, stream }, traced));
      else await openai().completions.create({ ...asked, stream }, traced);
      const record = await pair.gateway.nextRecord((one) => one["trace_id"] === `low ${stream}`);
      expect(record).toMatchObject({ stream, finish: "stop", usage: { input: 4, output: 2 } });
    }
  });
});

describe("what OpenAI keeps", () => {
  test("is made, asked for and deleted by its client: assistants, threads, runs, vector stores", async () => {
    const { beta, vectorStores } = openai();
    const object = { id: "x1", object: "thing" };
    for (let count = 0; count < 7; count++) answers(object);
    await beta.assistants.create({ model: "gpt-4o" });
    await beta.threads.create({});
    await beta.threads.messages.create("t1", { role: "user", content: "Hi" });
    await beta.threads.runs.create("t1", { assistant_id: "a1" });
    await beta.threads.runs.retrieve("r1", { thread_id: "t1" });
    expect(await vectorStores.create({ name: "tides" })).toMatchObject(object);
    await vectorStores.delete("vs1");
    expect(pair.upstream.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /v1/assistants",
      "POST /v1/threads",
      "POST /v1/threads/t1/messages",
      "POST /v1/threads/t1/runs",
      "GET /v1/threads/t1/runs/r1",
      "POST /v1/vector_stores",
      "DELETE /v1/vector_stores/vs1",
    ]);
    expect(pair.upstream.requests[0]?.headers["openai-beta"]).toBe("assistants=v2");
  });

  test("is tuned and run in batches", async () => {
    const { batches, fineTuning, files } = openai();
    answers({ id: "f1", object: "file" });
    await files.create({ file: await file("a.jsonl", "{}\n", "application/jsonl"), purpose: "batch" });
    expect(await formSent()).toEqual({ purpose: "batch", file: "a.jsonl: {}\n" });
    answers({ id: "b1", object: "batch" });
    const batch = {
      input_file_id: "f1",
      endpoint: "/v1/chat/completions",
      completion_window: "24h",
    } as const;
    expect((await batches.create(batch)).id).toBe("b1");
    expect((await pair.upstream.next()).json).toEqual(batch);
    answers({ id: "ft1", object: "fine_tuning.job" });
    expect((await fineTuning.jobs.create({ model: "gpt-4o-mini", training_file: "f1" })).id).toBe("ft1");
    pair.upstream.enqueue({
      kind: "raw",
      headers: { "content-type": "application/jsonl" },
      chunks: ["{}\n"],
    });
    expect(await (await files.content("f1")).text()).toBe("{}\n");
  });
});
