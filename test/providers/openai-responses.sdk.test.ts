/** The vendor's own client reads every stream and reply that the cases hold for it. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import OpenAI from "openai";
import type { SseEvent } from "../../src/lib/sse.ts";
import { decodeSse } from "../../src/lib/sse.ts";
import { runAll } from "../../src/lib/reducer.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const ROOT = join(import.meta.dir, "cases");

/** A client whose every call is answered with `body`. */
const clientOf = (body: string, contentType: string): OpenAI =>
  new OpenAI({
    apiKey: "none",
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(body, { headers: { "content-type": contentType } })),
  });

const REQUEST = { model: "m", input: "Hi" } as const;

const isOurs = (folder: string): boolean =>
  (JSON.parse(readFileSync(join(ROOT, folder, "case.json"), "utf8")) as JsonObject)["client"] ===
  "openai-responses"; // our own data, checked by its tests

const FOLDERS = [...new Glob("*/*/case.json").scanSync({ cwd: ROOT })]
  .map((path) => path.slice(0, -"/case.json".length))
  .filter(isOurs)
  .toSorted();

const textOf = (folder: string, file: string): string => readFileSync(join(ROOT, folder, file), "utf8");
const withFile = (file: string): readonly string[] =>
  FOLDERS.filter((folder) => existsSync(join(ROOT, folder, file)));

const framesOf = (text: string): readonly SseEvent[] => runAll(decodeSse(), [new TextEncoder().encode(text)]);
const eventsOf = (text: string): readonly JsonObject[] =>
  framesOf(text).map(({ data }) => JSON.parse(data) as JsonObject); // what we wrote is JSON

const TERMINAL = new Set<unknown>(["response.completed", "response.incomplete"]);

describe.each(withFile("client-reply.sse"))("the stream of %s", (folder) => {
  const text = textOf(folder, "client-reply.sse");
  const events = eventsOf(text);
  const last = events.at(-1);

  test("numbers its events and names them as their frames do", () => {
    expect(events.map((event) => event["sequence_number"])).toEqual([...events.keys()]);
    expect(events.map(({ type }) => type)).toEqual(framesOf(text).map(({ event }) => event ?? null));
  });

  test("is understood event by event", async () => {
    const finished: unknown = await clientOf(text, "text/event-stream")
      .responses.stream(REQUEST)
      .finalResponse()
      .catch((error: unknown) => error);
    if (last?.["type"] === "response.failed") expect(finished).toBeInstanceOf(OpenAI.APIError);
    else if (TERMINAL.has(last?.["type"]))
      expect(finished).toMatchObject(last?.["response"] as JsonObject); // every event of its kind has one
    else expect(finished).toMatchObject({ status: "in_progress" });
  });
});

describe.each(
  withFile("upstream-reply.sse").filter((folder) => withFile("client-reply.json").includes(folder)),
)("the reply of %s", (folder) => {
  test("is what its stream ends with", () => {
    const reply = JSON.parse(textOf(folder, "client-reply.json")) as JsonObject; // a golden is JSON
    const last = eventsOf(textOf(folder, "client-reply.sse")).at(-1)?.["response"];
    expect(plain(reply)).toEqual(plain(last as JsonObject)); // of a terminal event
  });
});

/** Spaces in the JSON of arguments are the upstream's: a stream's are not those of its reply. */
const plain = (response: JsonObject): unknown =>
  JSON.parse(JSON.stringify(response), (key, value: unknown) =>
    key === "arguments" ? JSON.stringify(JSON.parse(String(value))) : value,
  );
