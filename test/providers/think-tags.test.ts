/** Thoughts that stand in the text of an answer, however it is cut. */
import { describe, expect, test } from "bun:test";
import { fold } from "../../src/providers/chat-events.ts";
import { openaiChat } from "../../src/providers/openai-chat.ts";
import type { Block, ChatEvent } from "../../src/schema/chat.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const blocksOf = (events: readonly ChatEvent[]): readonly Block[] => fold(events).choices[0]?.blocks ?? [];

const streamed = (...deltas: readonly JsonObject[]): readonly Block[] => {
  const reader = openaiChat.readStream();
  const frames = deltas.map((delta) => ({ id: "c", model: "m", choices: [{ index: 0, delta }] }));
  const last = { id: "c", model: "m", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
  return blocksOf([
    ...[...frames, last].flatMap((frame) => reader.push({ data: JSON.stringify(frame) })),
    ...reader.push({ data: "[DONE]" }),
    ...reader.close(),
  ]);
};

const whole = (content: string): readonly Block[] =>
  openaiChat.readReply({
    id: "c",
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
  }).choices[0]?.blocks ?? [];

const thought = (text: string): Block => ({ kind: "reasoning", text });
const said = (text: string): Block => ({ kind: "text", text });

describe("an answer", () => {
  test.each<[string, readonly Block[]]>([
    ["<think>\nHm\n</think>\n\nHello", [thought("Hm\n"), said("Hello")]],
    ["\n<think>Hm</think>Hello <think>x</think>", [thought("Hm"), said("Hello <think>x</think>")]],
    ["<think></think>Hello", [said("Hello")]],
    ["<think>\n\n</think>\n\nHello", [said("Hello")]],
    ["<think>Hm, 1 < 2 </thin", [thought("Hm, 1 < 2 </thin")]],
    ["<thinking>Hm</thinking>", [said("<thinking>Hm</thinking>")]],
    ["Hello <think>Hm</think>", [said("Hello <think>Hm</think>")]],
    ["<th", [said("<th")]],
    ["< 2", [said("< 2")]],
  ])("%j", (content, expected) => {
    const trimmed = (blocks: readonly Block[]) =>
      blocks.map((block) => (block.kind === "reasoning" ? { ...block, text: block.text.trimEnd() } : block));
    expect(trimmed(whole(content))).toEqual(
      trimmed(expected).filter((block) => block.kind !== "reasoning" || block.text !== ""),
    );
    for (let cut = 1; cut < content.length; cut++) {
      const blocks = streamed({ content: content.slice(0, cut) }, { content: content.slice(cut) });
      const text = (kind: Block["kind"]) => (list: readonly Block[]) =>
        list
          .map((block) => (block.kind === kind && "text" in block ? block.text : ""))
          .join("")
          .trim();
      expect(text("text")(blocks)).toBe(text("text")(whole(content)));
      expect(text("reasoning")(blocks)).toBe(text("reasoning")(whole(content)));
    }
    const signs = streamed(...Array.from(content, (sign) => ({ content: sign })));
    expect(signs.map(({ kind }) => kind).filter((kind, at, kinds) => kind !== kinds[at - 1])).toEqual(
      whole(content).map(({ kind }) => kind),
    );
  });

  test("whose thoughts have a field keeps its text as it is", () => {
    expect(streamed({ reasoning_content: "Hm" }, { content: "<think>x</think>" })).toEqual([
      thought("Hm"),
      said("<think>x</think>"),
    ]);
  });

  test("that calls a tool says first what was held back", () => {
    const call = { index: 0, id: "a", function: { name: "f", arguments: "{}" } };
    expect(streamed({ content: "<th" }, { tool_calls: [call] })).toMatchObject([
      said("<th"),
      { kind: "tool-call" },
    ]);
    expect(streamed({ content: "<think>Hm</think>\n" }, { tool_calls: [call] })).toMatchObject([
      thought("Hm"),
      { kind: "tool-call" },
    ]);
  });

  test("is not repeated by a message amid its deltas", () => {
    const reader = openaiChat.readStream();
    const message = { role: "assistant", content: "Hello" };
    const events = [
      { choices: [{ index: 0, delta: { content: "Hel" }, message: { ...message, content: "Hel" } }] },
      { choices: [{ index: 0, delta: { content: "lo" }, message }] },
      { choices: [{ index: 0, delta: null, message, finish_reason: "stop" }] },
    ].flatMap((chunk) => reader.push({ data: JSON.stringify({ id: "c", model: "m", ...chunk }) }));
    expect(blocksOf([...events, ...reader.push({ data: "[DONE]" }), ...reader.close()])).toEqual([
      said("Hello"),
    ]);
  });
});
