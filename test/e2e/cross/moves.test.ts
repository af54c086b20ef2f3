/**
 * A conversation that goes on with another provider, as behind a fallback: what proves one maker's thinking
 * is refused by every other, so it goes back to its maker alone.
 */
import { describe, expect, test } from "bun:test";
import type { DialectId } from "../../../src/schema/chat.ts";
import { startPair } from "../setup.ts";
import type { Client } from "./client.ts";
import { BREST, SAID, REDACTED, SIGNATURE } from "./facts.ts";
import { answerOf, CLIENTS, lineTo, UPSTREAMS } from "./table.ts";
import type { CrossUpstream } from "./upstream.ts";

const pair = startPair();

/** Whose thinking it is: a profile of Bedrock's may stand for one of Anthropic's models. */
const MAKERS: Readonly<Partial<Record<DialectId, string>>> = {
  "anthropic-messages": "Anthropic",
  "bedrock-converse": "Anthropic",
  gemini: "Google",
};

/** Who hides some of it, and signs the rest. */
const SIGNS: ReadonlySet<DialectId> = new Set(["anthropic-messages", "bedrock-converse"]);

for (const client of CLIENTS)
  for (const from of UPSTREAMS)
    describe(`${client.id} goes on from ${from.name ?? from.id}`, () => {
      for (const to of UPSTREAMS)
        for (const streamed of [false, true])
          test(`to ${to.name ?? to.id}, ${streamed ? "streamed" : "whole"}`, () =>
            moved(client, from, to, streamed));
    });

async function moved(
  client: Client,
  from: CrossUpstream,
  to: CrossUpstream,
  streamed: boolean,
): Promise<void> {
  const lines = [lineTo(pair, client, from, "thinking"), lineTo(pair, client, to, "thinking")] as const;
  const [first, last] = SAID.thinking;
  if (first === undefined || last === undefined) throw new Error("Cannot go on: there are no two turns");
  pair.upstream.enqueue(answerOf(from, first, lines[0].model, streamed));
  pair.upstream.enqueue(answerOf(to, last, lines[1].model, streamed));
  const answer = await (await client.ask(lines[0], "thinking", streamed)).goOn(lines[1]);
  expect(answer.facts.text).toBe("Brest is higher.");
  await pair.upstream.next();
  const { body } = await pair.upstream.next();
  for (const word of [BREST.id, "Brest", "4.2 m"]) expect(body).toContain(word);
  const isItsOwn = MAKERS[from.id] !== undefined && MAKERS[from.id] === MAKERS[to.id];
  // Who signs thinking refuses what it has not signed.
  if (SIGNS.has(to.id)) expect(body.includes("First the port.")).toBe(isItsOwn);
  if (!isBeyond(client, to))
    expect([body.includes(SIGNATURE), body.includes(REDACTED)]).toEqual([
      isItsOwn,
      isItsOwn && SIGNS.has(from.id),
    ]);
}

/** A client of OpenAI's chat that goes beyond that API sends its bytes to an upstream as they are. */
const isBeyond = (client: Client, to: CrossUpstream): boolean =>
  client.id === "openai-chat" && to.id === "openai-chat";
