/** Google's own client through the gateway, to an OpenAI-shaped and to an Anthropic-shaped upstream. */
import { describe, expect, test } from "bun:test";
import { ApiError, type Content, type FunctionDeclaration, GoogleGenAI, Type } from "@google/genai";
import { TOKENS } from "../support/model.ts";
import { STEP_MS } from "../support/wait.ts";
import { collect, failureOf, type Headers, KEY, type Provider, startPair } from "./setup.ts";

const pair = startPair();

const PROVIDERS = ["anthropic", "openai"] as const satisfies readonly Provider[];

const client = (provider: Provider, more: Headers = {}): GoogleGenAI =>
  new GoogleGenAI({
    apiKey: KEY,
    httpOptions: { baseUrl: pair.gateway.url, headers: pair.headers(provider, more), timeout: STEP_MS },
  });

const WEATHER: FunctionDeclaration = {
  name: "get_weather",
  description: "The weather of a city",
  parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ["city"] },
};

/** One red pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFAAH/q842iQAAAABJRU5ErkJggg==";

const SAID = "Hello big world";

const COUNTS = {
  promptTokenCount: TOKENS.input,
  candidatesTokenCount: TOKENS.output,
  totalTokenCount: TOKENS.input + TOKENS.output,
  cachedContentTokenCount: TOKENS.cacheRead,
};

describe.each(PROVIDERS)("Google's client to %s", (provider) => {
  test("gets a whole answer with usage", async () => {
    const answer = await client(provider).models.generateContent({ model: "echo", contents: SAID });
    expect(answer.text).toBe(SAID);
    expect(answer.modelVersion).toBe("echo");
    expect(answer.responseId).toBeString();
    expect(answer.candidates?.[0]?.finishReason as string).toBe("STOP");
    expect(answer.usageMetadata).toMatchObject(COUNTS);
  });

  test("sends its key in the provider's own header, and nowhere else", async () => {
    await client(provider).models.generateContent({ model: "echo", contents: SAID });
    const { headers, url } = await pair.upstream.next();
    if (provider === "anthropic") expect(headers["x-api-key"]).toBe(KEY);
    else expect(headers["authorization"]).toBe(`Bearer ${KEY}`);
    expect(headers).not.toHaveProperty("x-goog-api-key");
    expect(url).not.toContain(KEY);
  });

  test("gets a stream piece by piece, with its end and usage in the last chunk", async () => {
    const chunks = await collect(
      await client(provider).models.generateContentStream({ model: "echo", contents: SAID }),
    );
    expect(chunks.map(({ text }) => text).join("")).toBe(SAID);
    expect(chunks.length).toBeGreaterThan(3);
    const last = chunks.at(-1);
    expect(last?.candidates?.[0]?.finishReason as string).toBe("STOP");
    expect(last?.usageMetadata).toMatchObject(COUNTS);
  });

  test.each([false, true])("finishes a loop of two parallel tools (streamed: %p)", async (isStreamed) => {
    const { models } = client(provider);
    const config = { tools: [{ functionDeclarations: [WEATHER] }], systemInstruction: "Be brief." };
    const ask = { role: "user", parts: [{ text: SAID }] };
    const answers = isStreamed
      ? await collect(await models.generateContentStream({ model: "tools", contents: [ask], config }))
      : [await models.generateContent({ model: "tools", contents: [ask], config })];
    const calls = answers.flatMap(({ functionCalls }) => functionCalls ?? []);
    expect(calls.map(({ name, args }) => [name, args])).toEqual([
      ["get_weather", { city: "Paris" }],
      ["get_weather", { city: "London" }],
    ]);
    const turns = answers.flatMap(({ candidates }) => candidates?.[0]?.content ?? []);
    const results: Content = {
      role: "user",
      parts: calls.map(({ id, name }, at) => ({
        functionResponse: {
          ...(id === undefined ? {} : { id }),
          ...(name === undefined ? {} : { name }),
          response: { output: `${20 + at} degrees` },
        },
      })),
    };
    const last = await models.generateContent({ model: "tools", contents: [ask, ...turns, results], config });
    expect(last.text).toBe("The tools said 20 degrees and 21 degrees.");
  });

  test("keeps a chat whose answers were streamed", async () => {
    const chat = client(provider).chats.create({ model: "echo" });
    for (const message of ["First words", "Second words"]) {
      const chunks = await collect(await chat.sendMessageStream({ message }));
      expect(chunks.map(({ text }) => text).join("")).toBe(message);
    }
    expect(chat.getHistory(true).filter(({ role }) => role === "user")).toHaveLength(2);
    await pair.upstream.next();
    const { json } = await pair.upstream.next();
    expect(JSON.stringify(json)).toContain("First words");
  });

  test("gets thoughts when it asks for them, and never as text", async () => {
    const thinkingConfig = { includeThoughts: true, thinkingBudget: 1024 };
    const shown = await client(provider).models.generateContent({
      model: "think",
      contents: SAID,
      config: { thinkingConfig },
    });
    expect(shown.candidates?.[0]?.content?.parts?.[0]).toEqual({ text: "First I read it.", thought: true });
    expect(shown.text).toBe(SAID);
    const hidden = await client(provider).models.generateContent({ model: "think", contents: SAID });
    expect(hidden.candidates?.[0]?.content?.parts).toEqual([{ text: SAID }]);
  });

  test("shows an image", async () => {
    const image = { inlineData: { mimeType: "image/png", data: PNG } };
    await client(provider).models.generateContent({
      model: "echo",
      contents: [{ role: "user", parts: [image, { text: "What is this?" }] }],
    });
    const { json } = await pair.upstream.next();
    expect(JSON.stringify(json)).toContain(PNG);
    expect(JSON.stringify(json)).toContain("What is this?");
  });

  test("gets an answer of the shape it asks for", async () => {
    const answer = await client(provider).models.generateContent({
      model: "json",
      contents: SAID,
      config: {
        responseMimeType: "application/json",
        responseSchema: { type: Type.OBJECT, properties: { city: { type: Type.STRING } } },
      },
    });
    expect(JSON.parse(answer.text ?? "")).toEqual({ city: "Paris" });
    expect(JSON.stringify((await pair.upstream.next()).json)).toContain('"additionalProperties":false');
  });

  test("is told of a refusal with its status", async () => {
    pair.upstream.enqueue({ kind: "status", status: 429 });
    const error = await failureOf(client(provider).models.generateContent({ model: "echo", contents: SAID }));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 429 });
    expect((error as ApiError).message).toContain('"status":"RESOURCE_EXHAUSTED"'); // the line above says which
  });

  test("is told of a stream that breaks off", async () => {
    pair.upstream.enqueue({ kind: "cut", afterEvents: 4, how: "fin", held: true });
    const stream = await client(provider).models.generateContentStream({ model: "echo", contents: SAID });
    expect((await stream.next()).done).toBe(false);
    pair.upstream.release();
    const error = await failureOf(collect(stream));
    expect(String(error)).toContain("The stream was interrupted");
  });
});
