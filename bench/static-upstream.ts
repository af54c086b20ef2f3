/**
 * The provider of the bench, a process of its own: it answers by path, by `stream`, and by the model's name.
 *
 * Events are a millisecond apart, as far as the timer allows, so that each is a read of its own for whoever
 * passes it on; the model `at-once` has them all in one write.
 */
import { ANTHROPIC_EVENTS, ANTHROPIC_JSON, OPENAI_EVENTS, OPENAI_JSON } from "./canned.ts";

const JSON_HEADERS = { "content-type": "application/json" };
const STREAM_HEADERS = { "content-type": "text/event-stream" };

const answer = async (request: Request): Promise<Response> => {
  const body = await request.text();
  const isAnthropic = request.url.endsWith("/messages");
  if (!body.includes('"stream":true')) {
    return new Response(isAnthropic ? ANTHROPIC_JSON : OPENAI_JSON, { headers: JSON_HEADERS });
  }
  const events = isAnthropic ? ANTHROPIC_EVENTS : OPENAI_EVENTS;
  const atOnce = body.includes('"at-once"');
  return new Response(atOnce ? events.join("") : apart(events), { headers: STREAM_HEADERS });
};

const apart = (events: readonly string[]): ReadableStream<Uint8Array> => {
  const encoder = new TextEncoder();
  let next = 0;
  return new ReadableStream({
    async pull(controller) {
      const event = events[next++];
      if (event === undefined) return controller.close();
      if (next > 1) await Bun.sleep(1);
      controller.enqueue(encoder.encode(event));
    },
  });
};

const server = Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout: 0, fetch: answer });
process.stdout.write(`${JSON.stringify({ event: "listening", url: server.url.origin })}\n`);
