/** Long pauses of a stream, bridged in a way that Google's clients can read. */
import { expect, test } from "bun:test";
import { KEY, startPair } from "./setup.ts";

const pair = startPair({ env: { TURNPIKE_PING_MS: "40" } });

const BODY = { contents: [{ role: "user", parts: [{ text: "Hello big world" }] }] };

/** Reads until something came that is only there to bridge the pause, and lets the upstream go on. */
const readThrough = async (response: Response, isPause: (text: string) => boolean): Promise<string> => {
  const decoder = new TextDecoder();
  let text = "";
  let isReleased = false;
  if (response.body === null) throw new Error("The response has no body");
  for await (const chunk of response.body) {
    const piece = decoder.decode(chunk);
    text += piece;
    if (!isReleased && isPause(piece)) {
      pair.upstream.release();
      isReleased = true;
    }
  }
  return text;
};

const ask = (query: string): Promise<Response> => {
  pair.upstream.enqueue({ kind: "stall", afterEvents: 3 });
  return pair.post(`/v1beta/models/echo:streamGenerateContent${query}`, BODY, {
    ...pair.headers("openai"),
    "x-goog-api-key": KEY,
  });
};

test("events have only blank lines between them", async () => {
  const text = await readThrough(await ask("?alt=sse"), (piece) => piece === "\n\n");
  const lines = text.split("\n").filter((line) => line !== "");
  expect(lines.length).toBeGreaterThan(2);
  expect(lines.filter((line) => !line.startsWith("data: {"))).toEqual([]);
  expect(lines.at(-1)).toContain('"finishReason":"STOP"');
});

test("an array has only white space between its elements", async () => {
  const text = await readThrough(await ask(""), (piece) => piece === "\n");
  expect(JSON.parse(text)).toMatchObject({ length: text.match(/"candidates"/g)?.length ?? 0 });
});
