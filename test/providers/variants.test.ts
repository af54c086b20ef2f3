import { describe, expect, test } from "bun:test";
import { onOtherHost, rowFor, speaking, speakingAtHome, type Speaker } from "../../src/providers/variants.ts";
import type { ClientDialectId } from "../../src/schema/chat.ts";
import type { ProviderRow, RowVariant } from "../../src/schema/provider-row.ts";

const ROW: ProviderRow = {
  id: "many",
  name: "Many",
  dialect: "openai-chat",
  base: "https://one.example",
  auth: { kind: "bearer" },
  paths: { chat: "/chat" },
};

const baseOf = (
  variants: readonly RowVariant[],
  { model = "gpt", pathname = "/v1/chat/completions", version = undefined as string | undefined },
): string | null => rowFor({ ...ROW, variants }, { model, pathname, option: () => version }).base;

const other = { base: "https://two.example" };

describe("a variant", () => {
  test("is chosen by the model", () => {
    const variants = [{ models: "^claude", row: other }];
    expect(baseOf(variants, { model: "Claude-4" })).toBe("https://two.example");
    expect(baseOf(variants, { model: "gpt" })).toBe("https://one.example");
  });

  test("is laid over the row that is asked, where rows share it", () => {
    const row = { ...ROW, variants: [{ pathname: "^/v1/files", row: { proxyPath: "/v1{path}" } }] };
    const asked = { model: null, pathname: "/v1/files", option: () => undefined };
    expect(rowFor(row, asked).id).toBe("many");
    expect(rowFor({ ...row, id: "other" }, asked)).toMatchObject({ id: "other", proxyPath: "/v1{path}" });
    expect(rowFor(row, asked)).toBe(rowFor(row, asked));
  });

  test("is chosen by the client's path", () => {
    const variants = [{ pathname: "/text-to-3d", row: other }];
    expect(baseOf(variants, { pathname: "/v1/proxy/text-to-3d" })).toBe("https://two.example");
    expect(baseOf(variants, {})).toBe("https://one.example");
  });

  test("is chosen by an option, where it is given", () => {
    const variants = [{ option: { name: "version", matches: "^v1$" }, row: other }];
    expect(baseOf(variants, { version: " v1 " })).toBe("https://two.example");
    expect(baseOf(variants, { version: "2024" })).toBe("https://one.example");
    expect(baseOf(variants, {})).toBe("https://one.example");
  });

  test("is chosen by the client's query", () => {
    const variants = [{ search: "[?&]api-version=", row: other }];
    const chosen = (search: string) =>
      rowFor({ ...ROW, variants }, { model: null, pathname: "/", search, option: () => undefined }).base;
    expect(chosen("?a=b&api-version=1")).toBe("https://two.example");
    expect(chosen("?a=b")).toBe("https://one.example");
  });

  test("is chosen by a credential that says all there is to say", () => {
    const variants: readonly RowVariant[] = [{ key: "^AIza", without: ["project", "account"], row: other }];
    const chosen = (credential: string | undefined, given: Readonly<Record<string, string | object>> = {}) =>
      rowFor(
        { ...ROW, variants },
        {
          model: "m",
          pathname: "/",
          option: (name) => (typeof given[name] === "string" ? given[name] : undefined),
          object: (name) => (typeof given[name] === "object" ? {} : undefined),
          credential: () => credential,
        },
      ).base;
    expect(chosen("AIzaKey")).toBe("https://two.example");
    expect(chosen("ya29.token")).toBe("https://one.example");
    expect(chosen(undefined)).toBe("https://one.example");
    expect(chosen("AIzaKey", { project: "sea" })).toBe("https://one.example");
    expect(chosen("AIzaKey", { account: {} })).toBe("https://one.example");
    expect(baseOf(variants, {})).toBe("https://one.example");
  });

  test("holds only when everything it asks for does", () => {
    const variants = [{ models: "^claude", option: { name: "version", matches: "^v1$" }, row: other }];
    expect(baseOf(variants, { model: "claude", version: "v1" })).toBe("https://two.example");
    expect(baseOf(variants, { model: "claude" })).toBe("https://one.example");
    expect(baseOf(variants, { version: "v1" })).toBe("https://one.example");
  });

  test("gives way to an earlier one", () => {
    const variants = [
      { models: "claude", row: other },
      { models: "c", row: { base: "https://three.example" } },
    ];
    expect(baseOf(variants, { model: "claude" })).toBe("https://two.example");
    expect(baseOf(variants, { model: "c" })).toBe("https://three.example");
  });
});

describe("a row with a path for responses", () => {
  const row: ProviderRow = {
    ...ROW,
    paths: { chat: "/chat", responses: "/responses" },
    streamPaths: { chat: "/chat/stream" },
    framing: "ndjson",
    quirks: { removes: ["model"] },
    endpointQuirks: { responses: { refuses: ["store"] } },
  };

  const by = (client: ClientDialectId, api?: string, model = "m"): Speaker => ({
    client,
    model,
    api,
    wishes: () => ({ hasTools: false, effort: undefined }),
  });

  test("is that endpoint for its clients", () => {
    const { streamPaths, framing, ...spoken } = speaking(row, by("openai-responses"));
    expect(spoken).toMatchObject({
      dialect: "openai-responses",
      paths: { chat: "/responses" },
      quirks: { refuses: ["store"] },
    });
    expect([streamPaths, framing]).toEqual([undefined, undefined]);
    expect(speaking(row, by("openai-responses"))).toBe(speaking(row, by("openai-responses")));
  });

  test("is itself for all others, as is one without that path", () => {
    expect(speaking(row, by("openai-chat"))).toBe(row);
    expect(speaking(row, by("anthropic-messages"))).toBe(row);
    expect(speaking(ROW, by("openai-responses"))).toBe(ROW);
  });

  test("is what a client asks for", () => {
    const spoken = speaking(row, by("openai-responses"));
    expect(speaking(row, by("openai-chat", "responses"))).toBe(spoken);
    expect(speaking(row, by("anthropic-messages", " responses "))).toBe(spoken);
    expect(speaking(row, by("openai-responses", "responses"))).toBe(spoken);
    expect(speaking(row, by("openai-responses", "chat"))).toBe(row);
    expect(speaking(ROW, by("openai-responses", "chat"))).toBe(ROW);
  });

  test("says what can be asked for, and what it has not", () => {
    expect(() => speaking(row, by("openai-chat", "completions"))).toThrow("must be chat or responses");
    expect(() => speaking(ROW, by("openai-chat", "responses"))).toThrow("has no Responses API");
  });

  test("may serve models by it alone", () => {
    const vendor = { ...row, responsesModels: "-pro$" };
    const spoken = speaking(vendor, by("openai-responses"));
    expect(speakingAtHome(vendor, by("openai-chat", undefined, "x-pro"))).toBe(spoken);
    expect(speakingAtHome(vendor, by("openai-chat", undefined, "x"))).toBe(vendor);
    expect(speakingAtHome(vendor, by("openai-chat", "chat", "x-pro"))).toBe(vendor);
    expect(speakingAtHome(spoken, by("openai-responses", undefined, "x-pro"))).toBe(spoken);
  });
});

describe("a variant for some clients", () => {
  const variants: readonly RowVariant[] = [
    { clients: ["anthropic-messages"], lacks: ["odd"], row: { base: "https://own.example" } },
  ];
  const baseFor = (more: Partial<Parameters<typeof rowFor>[1]>): string | null =>
    rowFor({ ...ROW, variants }, { model: "m", pathname: "/", option: () => undefined, ...more }).base;

  test("holds for them, and for nobody else", () => {
    expect(baseFor({ client: "anthropic-messages" })).toBe("https://own.example");
    expect(baseFor({ client: "openai-chat" })).toBe(ROW.base);
    expect(baseFor({})).toBe(ROW.base);
  });

  test("does not hold for a body that says what it lacks", () => {
    expect(baseFor({ client: "anthropic-messages", says: (field) => field === "odd" })).toBe(ROW.base);
  });
});

describe("a row for another host", () => {
  test("offers what servers there offer besides", () => {
    const row: ProviderRow = {
      ...ROW,
      quirks: { refuses: ["thinking"] },
      onOtherHosts: { paths: { rerank: "/rerank" }, codecs: { rerank: "rerank" }, quirks: {} },
    };
    expect(onOtherHost(row)).toMatchObject({
      paths: { chat: "/chat", rerank: "/rerank" },
      codecs: { rerank: "rerank" },
      quirks: {},
    });
    expect(onOtherHost(row).quirks).toEqual({});
    expect(onOtherHost(row)).toBe(onOtherHost(row));
    expect(onOtherHost(ROW)).toBe(ROW);
  });
});
