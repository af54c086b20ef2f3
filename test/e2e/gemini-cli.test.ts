/** What Google's command line asked when it read a file for its user, asked again of an OpenAI-shaped upstream. */
import { expect, test } from "bun:test";
import type { JsonObject } from "../../src/schema/json.ts";
import recording from "./recordings/gemini-cli.json" with { type: "json" };
import { KEY, startPair } from "./setup.ts";

const pair = startPair();

const [reads, tells] = recording.requests;

const chunk = (delta: JsonObject, finish: string | null = null): string =>
  `data: ${JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1790000000,
    model: "gpt-house",
    choices: [{ index: 0, delta, finish_reason: finish }],
  })}\n\n`;

const answers = (...chunks: readonly string[]): void =>
  pair.upstream.enqueue({
    kind: "raw",
    headers: { "content-type": "text/event-stream" },
    chunks: [...chunks, "data: [DONE]\n\n"],
  });

/** The data of every event, as the client parses it. */
const eventsOf = async (response: Response): Promise<readonly JsonObject[]> =>
  (await response.text())
    .split("\n\n")
    .filter((frame) => frame.startsWith("data: "))
    .map((frame) => JSON.parse(frame.slice("data: ".length)) as JsonObject); // objects, as is expected below

const ask = (request: (typeof recording.requests)[number] | undefined): Promise<Response> => {
  const { "content-type": _, ...headers } = { ...request?.headers };
  const config = { ...pair.target("openai"), override_params: { model: "gpt-house" } };
  return pair.post(request?.path ?? "", JSON.stringify(request?.body), {
    ...headers,
    "x-portkey-config": JSON.stringify(config),
  });
};

test("the command line is told to read the file", async () => {
  const call = { id: "call_read1", type: "function", function: { name: "read_file", arguments: "" } };
  answers(
    chunk({ role: "assistant", content: null }),
    chunk({ tool_calls: [{ index: 0, ...call }] }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '{"file_path":' } }] }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '"note.txt"}' } }] }),
    chunk({}, "tool_calls"),
  );
  const response = await ask(reads);
  expect(response.status).toBe(200);
  const events = await eventsOf(response);
  expect(events).toMatchObject([
    {
      candidates: [
        {
          content: {
            role: "model",
            parts: [
              { functionCall: { id: "call_read1", name: "read_file", args: { file_path: "note.txt" } } },
            ],
          },
        },
      ],
    },
    { candidates: [{ finishReason: "STOP" }] },
  ]);
  const { json, headers, url } = await pair.upstream.next();
  expect(url).toBe("/v1/chat/completions");
  expect(headers["authorization"]).toBe(`Bearer ${KEY}`);
  expect(json).toMatchObject({
    model: "gpt-house",
    stream: true,
    temperature: 1,
    top_p: 0.95,
    messages: [{ role: "system" }, { role: "user" }],
    tools: [{ function: { name: "list_directory" } }, { function: { name: "read_file" } }],
  });
});

test("what the file says comes back to the model, and its words to the command line", async () => {
  answers(
    chunk({ role: "assistant", content: "" }),
    chunk({ content: "It says " }),
    chunk({ content: "PELICAN." }),
    chunk({}, "stop"),
  );
  const events = await eventsOf(await ask(tells));
  expect(JSON.stringify(events)).toContain('"text":"It says "');
  expect(events.at(-1)).toMatchObject({ candidates: [{ finishReason: "STOP" }] });
  const { json } = await pair.upstream.next();
  expect(json).toMatchObject({
    messages: [
      { role: "system" },
      { role: "user" },
      {
        role: "assistant",
        tool_calls: [
          { id: "call_read1", function: { name: "read_file", arguments: '{"file_path":"note.txt"}' } },
        ],
      },
      {
        role: "tool",
        tool_call_id: "call_read1",
        content: "The password of the lighthouse is PELICAN.\n",
      },
    ],
  });
});
