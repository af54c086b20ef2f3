/**
 * Every client's dialect to every upstream's, in every scene, as JSON and as a stream, over HTTP.
 *
 * What one dialect can say and the other cannot is named in `x-turnpike-not-carried`; `notes.ts` holds what
 * is named, so that nothing is lost in silence and nothing new is lost unseen.
 */
import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../src/schema/json.ts";
import { failureOf, startPair } from "../setup.ts";
import type { Client, Heard, Line } from "./client.ts";
import { askedScene, type AskedScene, factsOf, SAID, type Said, type Scene, SCENES } from "./facts.ts";
import { notesOf } from "./notes.ts";
import { answerOf, CLIENTS, lineTo, streamOf, UPSTREAMS } from "./table.ts";
import type { CrossUpstream } from "./upstream.ts";

const pair = startPair();

interface Cell {
  readonly client: Client;
  readonly upstream: CrossUpstream;
  readonly scene: Scene;
  readonly streamed: boolean;
}

const runs: Readonly<Record<Scene, (cell: Cell) => Promise<void>>> = {
  text: answered,
  tools: answered,
  thinking: answered,
  image: answered,
  structured: answered,
  refused: answered,
  error: (cell) => (cell.streamed ? failed(cell) : refused(cell)),
  cut: (cell) => (cell.streamed ? cutStream(cell) : cutReply(cell)),
};

for (const client of CLIENTS)
  for (const upstream of UPSTREAMS)
    describe(`${client.id} to ${upstream.name ?? upstream.id}`, () => {
      for (const scene of SCENES.filter((each) => !upstream.lacks?.includes(askedScene(each))))
        for (const streamed of [false, true])
          test(`${scene}, ${streamed ? "streamed" : "whole"}`, () =>
            runs[scene]({ client, upstream, scene, streamed }));
    });

/** Every turn arrives as the vendor wants it, and its answer as the client's own SDK reads it. */
async function answered(cell: Cell): Promise<void> {
  const { client, upstream, streamed } = cell;
  const scene = askedScene(cell.scene);
  const turns = SAID[scene];
  const line = lineOf(cell);
  for (const said of turns) answers(upstream, said, line.model, streamed);
  let answer = await client.ask(line, scene, streamed);
  for (const [at, said] of turns.entries()) {
    if (at > 0) answer = await answer.goOn();
    expect(answer.facts).toEqual(factsOf(said, endingsOf(cell)[said.ending], upstream.countsThinking));
    expect((await pair.upstream.next()).json).toMatchObject(bodyOf(upstream, client, scene, at));
  }
  const named = notesOf(client.id, upstream.id, scene);
  const heard = await line.heard();
  expect(heard.map(({ notes }) => notes)).toEqual(turns.map((_, at) => named[at] ?? null));
}

/** A client of OpenAI's chat that asks for more than that API has is given the vendor's own words. */
const endingsOf = ({ client, upstream, scene }: Cell): Client["endings"] =>
  client.id === "openai-chat" && scene === "thinking" ? upstream.endings : client.endings;

/** A refusal keeps its status and its words, in the client's dialect. */
async function refused(cell: Cell): Promise<void> {
  const { client, upstream } = cell;
  const line = lineOf(cell);
  const { body, headers } = upstream.refusal(SLOW_DOWN);
  pair.upstream.enqueue({
    kind: "raw",
    status: 429,
    chunks: [JSON.stringify(body)],
    headers: { "content-type": "application/json", ...headers },
  });
  const error = await failureOf(client.ask(line, askedScene(cell.scene), false));
  expect(error).toMatchObject({ status: 429 });
  expect(String(error)).toContain(SLOW_DOWN);
  const heard = lastOf(await line.heard());
  expect(JSON.parse(heard.text)).toMatchObject(client.refusal(expect.stringContaining(SLOW_DOWN)));
}

const SLOW_DOWN = "Slow down, please";
const BROKE = "The model broke";

/** A stream that fails in the middle ends with the error, and with nothing else. */
async function failed(cell: Cell): Promise<void> {
  const { upstream } = cell;
  const line = lineOf(cell);
  streams(upstream, [...begun(upstream, line.model), upstream.failure(BROKE)]);
  await expectBroken(cell, line, BROKE);
}

/** A stream that ends in the middle never looks whole. */
async function cutStream(cell: Cell): Promise<void> {
  const line = lineOf(cell);
  streams(cell.upstream, begun(cell.upstream, line.model));
  await expectBroken(cell, line, "the upstream closed the stream before its end");
}

async function expectBroken({ client, scene }: Cell, line: Line, message: string): Promise<void> {
  const error = await failureOf(client.ask(line, askedScene(scene), true));
  expect(String(error)).toContain(message);
  const { status, text } = lastOf(await line.heard());
  expect(status).toBe(200);
  expect(text).toContain("The tide is ");
  expect(text).toContain(client.errorFrame);
  for (const mark of client.endMarks) expect(text).not.toContain(mark);
}

/** Half a reply is no answer. */
async function cutReply(cell: Cell): Promise<void> {
  const { client, upstream, scene } = cell;
  const line = lineOf(cell);
  const text = JSON.stringify(upstream.reply(firstOf(askedScene(scene)), line.model));
  pair.upstream.enqueue({
    kind: "raw",
    chunks: [text.slice(0, text.length >> 1)],
    headers: { "content-type": "application/json", "content-length": String(text.length) },
  });
  const error = await failureOf(client.ask(line, askedScene(scene), false));
  expect(error).toMatchObject({ status: 502 });
  const heard = lastOf(await line.heard());
  expect(JSON.parse(heard.text)).toMatchObject({ error: { message: expect.any(String) } });
}

/** The events of an answer up to the middle of its text. */
const begun = (upstream: CrossUpstream, model: string): readonly (string | Uint8Array)[] => {
  const frames = upstream.frames(firstOf("text"), model);
  const last = frames.findIndex((frame) => holds(frame, "4.2 m."));
  if (last === -1) throw new Error("Cannot cut the stream: its last words are in no frame");
  return frames.slice(0, last);
};

/** As it is, or as base64 within JSON. */
const holds = (frame: string | Uint8Array, words: string): boolean => {
  const text = Buffer.from(frame).toString("latin1");
  const [, inside = ""] = /"bytes":"([^"]+)"/.exec(text) ?? [];
  return text.includes(words) || Buffer.from(inside, "base64").includes(words);
};

const firstOf = (scene: AskedScene): Said => {
  const [said] = SAID[scene];
  if (said === undefined) throw new Error(`Cannot play ${scene}: nothing is said`);
  return said;
};

const lastOf = (heard: readonly Heard[]): Heard => {
  const last = heard.at(-1);
  if (last === undefined) throw new Error("Cannot read the answer: nothing was heard");
  return last;
};

const bodyOf = (upstream: CrossUpstream, client: Client, scene: AskedScene, at: number): JsonObject =>
  upstream.asked(client.id)[scene][at] ?? {};

const answers = (upstream: CrossUpstream, said: Said, model: string, streamed: boolean): void =>
  pair.upstream.enqueue(answerOf(upstream, said, model, streamed));

const streams = (upstream: CrossUpstream, chunks: readonly (string | Uint8Array)[]): void =>
  pair.upstream.enqueue(streamOf(upstream, chunks));

const lineOf = ({ client, upstream, scene }: Cell): Line => lineTo(pair, client, upstream, askedScene(scene));
