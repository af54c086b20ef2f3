/** How Gemini's request writer shows images, files and sounds, and asks for speech. */
import { describe, expect, test } from "bun:test";
import { gemini } from "../../src/providers/gemini.ts";
import type { Chat, Message } from "../../src/schema/chat.ts";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";

const write = (chat: Partial<Chat>) =>
  gemini.writeRequest(
    {
      model: "gemini-3-pro-preview",
      messages: [{ role: "user", blocks: [{ kind: "text", text: "Hello" }] }],
      stream: false,
      includeUsage: false,
      ...chat,
    },
    { provider: "google", option: () => undefined },
  );

describe("how closely an image is looked at", () => {
  const source = { kind: "data", mediaType: "image/png", data: "aGk=" } as const;
  const inlineData = { mimeType: "image/png", data: "aGk=" };
  const looked = (model: string, detail: string): readonly [JsonValue | undefined, readonly string[]] => {
    const image = { kind: "image", source, detail } as const;
    const { body, notes } = write({ model, messages: [{ role: "user", blocks: [image] }] });
    const [turn] = body["contents"] as readonly JsonObject[];
    return [turn?.["parts"], notes];
  };

  // github.com/langchain4j/langchain4j/pull/4337
  test.each(["low", "high"])("is said to Gemini 3 (%s)", (detail) => {
    const mediaResolution = { level: `MEDIA_RESOLUTION_${detail.toUpperCase()}` };
    expect(looked("gemini-3-pro-preview", detail)).toEqual([[{ inlineData, mediaResolution }], []]);
  });

  // github.com/langchain4j/langchain4j/pull/4389, github.com/googleapis/python-genai/issues/2224
  test.each([
    ["gemini-2.5-pro", "low"],
    ["gemini-3-pro-image-preview", "high"],
    ["gemini-3-pro-preview", "closest"],
  ])("is not %s's to know (%s)", (model, detail) => {
    expect(looked(model, detail)).toEqual([[{ inlineData }], ["messages.0.content.0.detail"]]);
  });

  test("is nothing by itself", () => {
    expect(looked("gemini-3-pro-preview", "auto")).toEqual([[{ inlineData }], []]);
  });

  test("is not said inside of a function's response", () => {
    const image = { kind: "image", source, detail: "low" } as const;
    const { body } = write({
      model: "gemini-3-pro-preview",
      messages: [
        { role: "user", blocks: [{ kind: "text", text: "Look" }] },
        { role: "assistant", blocks: [{ kind: "tool-call", id: "c", name: "f", arguments: "{}" }] },
        { role: "user", blocks: [{ kind: "tool-result", callId: "c", content: [image] }] },
      ],
    });
    const said = JSON.stringify(body);
    expect(said).toContain(`"parts":[{"inlineData"`);
    expect(said).not.toContain("mediaResolution");
  });
});

describe("speech", () => {
  const model = "gemini-2.5-flash-preview-tts";
  const spoken = { responseModalities: ["AUDIO"] };

  // "accepts the following combination of response modalities: * AUDIO": github.com/BerriAI/litellm/issues/11118
  test("is all that a speaking model answers", () => {
    expect(write({ model }).body["generationConfig"]).toEqual(spoken);
  });

  test("has no voice of OpenAI's, and one form", () => {
    const fields = { audio: { voice: "alloy", format: "mp3" } };
    const { body, notes } = write({ model, native: { dialect: "openai-chat", fields } });
    expect(body["generationConfig"]).toEqual(spoken);
    expect(notes).toEqual(["audio.format", "audio.voice"]);
  });

  test("is asked of speaking models alone", () => {
    const fields = { audio: { voice: "Kore", format: "pcm16" } };
    const { body, notes } = write({
      model: "gemini-3.1-pro",
      native: { dialect: "openai-chat", fields },
    });
    expect(body).not.toHaveProperty("generationConfig");
    expect(notes).toEqual(["audio"]);
  });

  test("is set up in Gemini's own words, too", () => {
    const speechConfig = { multiSpeakerVoiceConfig: { speakerVoiceConfigs: [] } };
    const fields = { speech_config: speechConfig };
    const { body } = write({ model, native: { dialect: "openai-chat", fields } });
    expect(body["generationConfig"]).toEqual({ ...spoken, speechConfig });
  });
});

describe("media", () => {
  const inline = (mediaType: string): Message => ({
    role: "user",
    blocks: [{ kind: "file", source: { kind: "data", mediaType, data: "e30=" } }],
  });

  // "Unsupported MIME type": googleapis/python-genai#744, google-gemini/gemini-cli#3054, CherryHQ/cherry-studio#3088
  test.each([
    ["application/json", "text/plain"],
    ["text/csv", "text/plain"],
    ["text/markdown; charset=utf-8", "text/plain"],
    ["application/ld+json", "text/plain"],
    ["image/svg+xml", "text/plain"],
    ["image/jpg", "image/jpeg"],
    ["image/png", "image/png"],
    ["application/pdf", "application/pdf"],
  ])("%s goes as %s", (mediaType, mimeType) => {
    expect(write({ messages: [inline(mediaType)] }).body["contents"]).toEqual([
      { role: "user", parts: [{ inlineData: { mimeType, data: "e30=" } }] },
    ]);
  });

  test("a sound may come as a data URI", () => {
    const data = "data:audio/wav;base64,UklG";
    const messages: Message[] = [{ role: "user", blocks: [{ kind: "audio", data, format: "wav" }] }];
    expect(write({ messages }).body["contents"]).toEqual([
      { role: "user", parts: [{ inlineData: { mimeType: "audio/wav", data: "UklG" } }] },
    ]);
  });
});
