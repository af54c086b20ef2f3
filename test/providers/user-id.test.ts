/** Who the end user is, written for both of OpenAI's APIs. */
import { expect, test } from "bun:test";
import { anthropicMessages } from "../../src/providers/anthropic-messages.ts";
import { openaiChat } from "../../src/providers/openai-chat.ts";
import { openaiResponses } from "../../src/providers/openai-responses.ts";
import type { Chat } from "../../src/schema/chat.ts";

const TARGET = { provider: "openai", option: () => undefined };

const asked = (user: string): Chat =>
  anthropicMessages.readRequest({
    model: "m",
    max_tokens: 9,
    messages: [{ role: "user", content: "Hi" }],
    metadata: { user_id: user },
  });

const writes = [openaiChat, openaiResponses].map((dialect) => ({ dialect, id: dialect.id }));

test.each(writes)("$id gets one of 64 characters as it is", ({ dialect }) => {
  const user = "u".repeat(64);
  expect(dialect.writeRequest(asked(user), TARGET).body).toMatchObject({ user });
});

/** As Claude Code 2.1.197 says it. */
const SESSION = JSON.stringify({
  device_id: "af2e0966a89246d71c0368a39e66a12682136571000db18971913d5102116591",
  account_uuid: "",
  session_id: "80212586-c172-432d-964a-4ae90d13343a",
});

test.each(writes)("$id gets a longer one as a hash, which is the same in every turn", ({ dialect }) => {
  const { body, notes } = dialect.writeRequest(asked(SESSION), TARGET);
  expect(body["user"]).toMatch(/^[0-9a-f]{64}$/);
  expect(dialect.writeRequest(asked(SESSION), TARGET).body["user"]).toBe(body["user"]);
  expect(dialect.writeRequest(asked(`${SESSION} `), TARGET).body["user"]).not.toBe(body["user"]);
  expect(notes).not.toContain("user");
});
