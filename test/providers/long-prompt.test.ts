/** What vendors say of a prompt that is too long, as their clients' reports have it. */
import { expect, test } from "bun:test";
import { anthropicMessage, openaiCode } from "../../src/providers/long-prompt.ts";

const fault = (message: string, status = 400, code: string | null = null) => ({
  status,
  message,
  type: null,
  param: null,
  code,
});

test.each([
  "Input is too long for requested model.",
  "This model's maximum context length is 128000 tokens. However, your messages resulted in 131072 tokens.",
  "Your input exceeds the context window of this model. Please adjust your input and try again.",
  "the request exceeds the available context size. try increasing the context size",
  "The input (345516 tokens) is longer than the model's context length (262144 tokens).",
  "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
])("%s", (message) => {
  expect(anthropicMessage(fault(message))).toBe(`prompt is too long: ${message}`);
  expect(openaiCode(fault(message, 400, "400"))).toBe("context_length_exceeded");
});

test.each([
  "prompt is too long: 210000 tokens > 200000 maximum",
  "input length and `max_tokens` exceed context limit: 186433 + 20000 > 200000",
])("%s is Anthropic's own", (message) => {
  expect(anthropicMessage(fault(message))).toBe(message);
  expect(openaiCode(fault(message))).toBe("context_length_exceeded");
});

test("every other fault keeps its words and its code", () => {
  const others = [fault("messages: at least one", 400, "empty"), fault("Input is too long", 503, "503")];
  expect(others.map(anthropicMessage)).toEqual(["messages: at least one", "Input is too long"]);
  expect(others.map(openaiCode)).toEqual(["empty", "503"]);
  expect(anthropicMessage(fault("Zu lang", 502, "context_length_exceeded"))).toStartWith(
    "prompt is too long",
  );
});
