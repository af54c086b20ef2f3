/** Streams that lost the start of a block: what can be told without it is told, and of an input nobody can say whose it is. */
import { describe, expect, test } from "bun:test";
import { runAll } from "../../src/lib/reducer.ts";
import { upstreamDialect } from "../../src/providers/dialects.ts";
import type { ChatEvent, DialectId } from "../../src/schema/chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";

type Frame = readonly [event: string, data: JsonObject];

const read = (dialect: DialectId, frames: readonly Frame[]): readonly ChatEvent[] =>
  runAll(
    upstreamDialect(dialect).readStream(),
    frames.map(([event, data]) => ({ event, data: JSON.stringify(data) })),
  );

const anthropic = (type: string, rest: JsonObject): Frame => [type, { type, ...rest }];
const anthropicDelta = (delta: JsonObject): Frame => anthropic("content_block_delta", { index: 1, delta });

const INPUTS: readonly (readonly [DialectId, Frame])[] = [
  ["anthropic-messages", anthropicDelta({ type: "input_json_delta", partial_json: '{"a":' })],
  [
    "bedrock-converse",
    ["contentBlockDelta", { contentBlockIndex: 1, delta: { toolUse: { input: '{"a":' } } }],
  ],
  [
    "cohere",
    [
      "tool-call-delta",
      {
        type: "tool-call-delta",
        index: 1,
        delta: { message: { tool_calls: { function: { arguments: '{"a":' } } } },
      },
    ],
  ],
];

describe.each(INPUTS)("%s", (dialect, frame) => {
  test("a tool's input that came for no call is an error", () => {
    const events = read(dialect, [frame]);
    expect(events).toMatchObject([{ type: "error", fault: { message: "A tool's input came for no call" } }]);
  });
});

describe("Anthropic's text and thinking begin with their first delta", () => {
  test.each([
    ["text", { type: "text_delta", text: "Hi" }, { kind: "text", text: "Hi" }],
    ["reasoning", { type: "thinking_delta", thinking: "Hm" }, { kind: "reasoning", text: "Hm" }],
  ])("%s", (kind, delta, said) => {
    const place = { choice: 0, block: 0 };
    expect(read("anthropic-messages", [anthropicDelta(delta), anthropicDelta(delta)])).toMatchObject([
      { type: "block-start", ...place, start: { kind } },
      { type: "block-delta", ...place, delta: said },
      { type: "block-delta", ...place, delta: said },
    ]);
  });
});
