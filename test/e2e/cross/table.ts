/** The two sides of the cross table, and the lines between them. */
import type { Script } from "../../support/upstream.ts";
import { STEP_MS } from "../../support/wait.ts";
import { KEY, type Pair } from "../setup.ts";
import { messagesClient } from "./client.anthropic-messages.ts";
import { chatClient } from "./client.openai-chat.ts";
import { responsesClient } from "./client.openai-responses.ts";
import type { Client, Heard, Line } from "./client.ts";
import type { AskedScene, Said } from "./facts.ts";
import { messagesUpstream } from "./upstream.anthropic-messages.ts";
import { converseUpstream } from "./upstream.bedrock-converse.ts";
import { invokeUpstream } from "./upstream.bedrock-invoke.ts";
import { cohereUpstream } from "./upstream.cohere.ts";
import { geminiUpstream } from "./upstream.gemini.ts";
import { chatUpstream } from "./upstream.openai-chat.ts";
import type { CrossUpstream } from "./upstream.ts";

export const CLIENTS: readonly Client[] = [chatClient, messagesClient, responsesClient];
export const UPSTREAMS: readonly CrossUpstream[] = [
  chatUpstream,
  messagesUpstream,
  geminiUpstream,
  converseUpstream,
  invokeUpstream,
  cohereUpstream,
];

export const answerOf = (upstream: CrossUpstream, said: Said, model: string, streamed: boolean): Script =>
  streamed
    ? streamOf(upstream, upstream.frames(said, model))
    : { kind: "raw", chunks: [JSON.stringify(upstream.reply(said, model))] };

export const streamOf = (
  { streamType }: CrossUpstream,
  chunks: readonly (string | Uint8Array)[],
): Script => ({ kind: "raw", chunks, headers: { "content-type": streamType } });

/** Thinking goes beyond OpenAI's chat API: its clients ask for that. */
const LOOSE = { "x-portkey-strict-open-ai-compliance": "false" };

export const lineTo = (pair: Pair, client: Client, upstream: CrossUpstream, scene: AskedScene): Line => {
  const { provider, model, headers } = upstream.target(scene);
  const heard: Promise<Heard>[] = [];
  return {
    url: pair.gateway.url,
    key: KEY,
    model,
    headers: {
      "x-portkey-provider": provider,
      "x-portkey-custom-host": pair.upstream.url,
      ...headers,
      ...(scene === "thinking" ? LOOSE : {}),
      // Anthropic's clients carry the key in a header that other providers do not read.
      ...(client.id === "anthropic-messages" && provider !== "bedrock"
        ? { authorization: `Bearer ${KEY}` }
        : {}),
    },
    fetch: async (url, init) => {
      // The SDK lets go of a stream at an error: what comes behind it is heard all the same.
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(STEP_MS) });
      heard.push(hearing(response.clone()));
      return response;
    },
    heard: () => Promise.all(heard),
  };
};

const hearing = async (response: Response): Promise<Heard> => {
  const text = await response.text();
  return { status: response.status, notes: notesIn(response.headers, text), text };
};

/** In a header, or where a stream has shown it only at its end, in a comment. */
const notesIn = (headers: Headers, text: string): string | null => {
  const told = [headers.get("x-turnpike-not-carried"), COMMENT.exec(text)?.[1]];
  return told.filter(Boolean).join(", ") || null;
};

const COMMENT = /^: x-turnpike-not-carried: (.*)$/m;
