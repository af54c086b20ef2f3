/**
 * Nothing that a client says is dropped in silence: a vendor of another API receives it, or the reply names it.
 *
 * The tables' types are those of the vendors' SDKs: what a new version of one adds is missing here until
 * somebody says what becomes of it.
 */
import { describe, expect, test } from "bun:test";
import { KEY, startPair } from "../setup.ts";
import * as chat from "./chat.ts";
import * as messages from "./messages.ts";
import * as responses from "./responses.ts";
import { type Case, carry, type Upstream } from "./upstreams.ts";

const pair = startPair();

type Cases = Readonly<Record<string, Case>>;

const walk = (
  path: string,
  upstreams: readonly Upstream[],
  tables: Readonly<Record<string, Cases>>,
): void => {
  describe.each(Object.entries(tables))(`${path}: every %s`, (_, cases) => {
    test.each(Object.entries(cases))("%s", async (name, each) => {
      for (const upstream of upstreams) await carry(pair, path, upstream, name, each);
    });
  });
};

const servedTools: Cases = Object.fromEntries(
  Object.entries(messages.TOOLS).map(([type, google]) => [type, messages.toolCase(type, google)]),
);

walk("/v1/messages", ["openai", "google", "bedrock", "cohere"], {
  field: messages.FIELDS,
  "part of a field": messages.PARTS,
  "content block": messages.BLOCKS,
  "tool of the vendor's own": servedTools,
});

walk("/v1/chat/completions", ["anthropic", "google", "bedrock", "cohere"], {
  field: chat.FIELDS,
  "part of a field": chat.PARTS,
  "content part": chat.CONTENT,
});

walk("/v1/responses", ["anthropic", "google", "bedrock", "cohere"], {
  field: responses.FIELDS,
  "part of a field": responses.PARTS,
  tool: responses.TOOLS,
  "input item": responses.ITEMS,
});

describe("to Anthropic itself every word of a request goes as it came", () => {
  const said = { ...messages.FIELDS, ...messages.PARTS, ...messages.BLOCKS, ...servedTools };

  test.each(Object.entries(said))("%s", async (_, { body }) => {
    const text = JSON.stringify({ model: "echo", ...body }, null, 1);
    await pair.post("/v1/messages?beta=true", text, pair.headers("anthropic", { "x-api-key": KEY }));
    const sent = await pair.upstream.next();
    expect(sent.body).toBe(text);
    expect(sent.url).toBe("/v1/messages?beta=true");
    expect(sent.headers["anthropic-version"]).toBe("2023-06-01");
  });

  test("and so do the API's headers", async () => {
    const headers = {
      "anthropic-version": "2026-10-21",
      "anthropic-beta": "context-1m-2025-08-07,fine-grained-tool-streaming-2025-05-14",
      "anthropic-workspace-id": "wrkspc_1",
      "anthropic-user-profile-id": "profile_1",
    };
    const body = { model: "echo", ...messages.FIELDS.messages.body };
    await pair.post("/v1/messages", body, pair.headers("anthropic", { "x-api-key": KEY, ...headers }));
    expect((await pair.upstream.next()).headers).toMatchObject(headers);
  });
});
