/** Moderations and variations of images: OpenAI's own client, and those who follow its shape. */
import { describe, expect, test } from "bun:test";
import OpenAI, { toFile } from "openai";
import type { JsonValue } from "../../src/schema/json.ts";
import { KEY, startPair } from "./setup.ts";

const pair = startPair();

const answer = (body: JsonValue): void =>
  pair.upstream.enqueue({
    kind: "raw",
    chunks: [JSON.stringify(body)],
    headers: { "content-type": "application/json" },
  });

/** ModerationCreateResponse of openai, shortened to two of its categories. */
const MODERATED = {
  id: "modr-1",
  model: "omni-moderation-latest",
  results: [
    {
      flagged: true,
      categories: { violence: true, hate: false },
      category_scores: { violence: 0.9, hate: 0.01 },
      category_applied_input_types: { violence: ["text"], hate: ["text"] },
    },
  ],
};

describe("moderations", () => {
  test("are given to OpenAI's client, without a model too", async () => {
    answer(MODERATED);
    const moderated = await pair.openai("openai").moderations.create({ input: "I want to kill them." });
    expect(moderated as unknown).toEqual(MODERATED); // the SDK's type knows every category
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe("/v1/moderations");
    expect(arrived.json).toEqual({ input: "I want to kill them." });
    expect(arrived.headers["authorization"]).toBe(`Bearer ${KEY}`);
  });

  test("take images, and fields of tomorrow, byte for byte", async () => {
    answer(MODERATED);
    const text =
      '{ "model": "omni-moderation-latest", "new": 1.0,\n "input": [{"type":"image_url","image_url":{"url":"https://a.b/c.png"}}] }';
    const response = await pair.post("/v1/moderations", text, {
      ...pair.headers("openai"),
      authorization: `Bearer ${KEY}`,
    });
    expect(await response.text()).toBe(JSON.stringify(MODERATED));
    expect((await pair.upstream.next()).body).toBe(text);
  });

  test("are Mistral's too, in its own categories", async () => {
    // ClassificationRequest and ModerationResponse of @mistralai/mistralai
    const reply = { id: "m-1", model: "mistral-moderation-latest", results: [{ categories: { pii: true } }] };
    answer(reply);
    const sent = { model: "mistral-moderation-latest", input: ["a"] };
    const response = await pair.post("/v1/moderations", sent, {
      authorization: `Bearer ${KEY}`,
      "x-portkey-provider": "mistral-ai",
      "x-portkey-custom-host": `${pair.upstream.url}/v1`,
    });
    expect(await response.json()).toEqual(reply);
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe("/v1/moderations");
    expect(arrived.json).toEqual(sent);
  });

  test("of a conversation have a path of Mistral's own", async () => {
    answer(MODERATED);
    const sent = { model: "mistral-moderation-latest", input: [{ role: "user", content: "a" }] };
    await pair.post("/v1/chat/moderations", sent, {
      authorization: `Bearer ${KEY}`,
      "x-portkey-provider": "mistral-ai",
      "x-portkey-custom-host": `${pair.upstream.url}/v1`,
    });
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe("/v1/chat/moderations");
    expect(arrived.json).toEqual(sent);
  });

  test("are not everybody's", async () => {
    const failure = await pair
      .openai("anthropic")
      .moderations.create({ input: "a" })
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(failure).toBeInstanceOf(OpenAI.BadRequestError);
    expect(String(failure)).toContain("moderations is not supported by anthropic: it offers chat, models");
  });

  test("go to the next target of a fallback", async () => {
    answer(MODERATED);
    const config = {
      strategy: { mode: "fallback" },
      targets: [pair.target("anthropic"), pair.target("openai")],
    };
    const response = await pair.post(
      "/v1/moderations",
      { input: "a" },
      {
        "x-portkey-config": JSON.stringify(config),
      },
    );
    expect(response.status).toBe(200);
    expect(response.headers.get("x-portkey-last-used-option-index")).toBe("config.targets[1]");
  });
});

describe("variations of an image", () => {
  test("are made of the file that OpenAI's client sends", async () => {
    answer({ created: 1, data: [{ url: "https://a.b/c.png" }] });
    const image = await toFile(Buffer.from("not really a picture"), "cat.png", { type: "image/png" });
    const made = await pair.openai("openai").images.createVariation({ image, n: 1, size: "256x256" });
    expect(made.data).toEqual([{ url: "https://a.b/c.png" }]);
    const arrived = await pair.upstream.next();
    expect(arrived.url).toBe("/v1/images/variations");
    expect(arrived.headers["content-type"]).toStartWith("multipart/form-data; boundary=");
    expect(arrived.body).toContain("not really a picture");
    expect(arrived.body).toContain("256x256");
  });

  test("are not everybody's", async () => {
    const form = new FormData();
    form.set("image", new File(["x"], "cat.png", { type: "image/png" }));
    const response = await fetch(`${pair.gateway.url}/v1/images/variations`, {
      method: "POST",
      body: form,
      headers: pair.headers("anthropic", { authorization: `Bearer ${KEY}` }),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("image_variations is not supported by anthropic");
  });
});
