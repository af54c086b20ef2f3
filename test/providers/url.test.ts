import { describe, expect, test } from "bun:test";
import { baseOption, filledBase, mappedUrl, proxiedUrl, uploadBase } from "../../src/providers/url.ts";
import type { ProviderRow } from "../../src/schema/provider-row.ts";
import { GatewayError } from "../../src/schema/errors.ts";

const ROW: ProviderRow = {
  id: "versioned",
  name: "Versioned",
  dialect: "openai-chat",
  base: "https://api.example.com",
  auth: { kind: "bearer" },
  paths: { chat: "/chat?version={version}" },
  places: [
    { option: "version", kind: "path", default: "2024" },
    { option: "home", kind: "url" },
  ],
};

const nothing = () => undefined;
const only = (name: string, value: string) => (asked: string) => (asked === name ? value : undefined);

const chatUrl = (search: string, option: (name: string) => string | undefined = nothing): string =>
  mappedUrl(ROW, "https://api.example.com", "chat", { model: "m", stream: false, search, option });

describe("a path with a query of its own", () => {
  test.each([
    ["", "https://api.example.com/chat?version=2024"],
    ["?user=me", "https://api.example.com/chat?version=2024&user=me"],
    ["?version=2025", "https://api.example.com/chat?version=2025"],
    ["?version=2025&user=me", "https://api.example.com/chat?version=2025&user=me"],
  ])("goes with the client's %p", (search, url) => {
    expect(chatUrl(search)).toBe(url);
  });

  test("holds what an option says", () => {
    expect(chatUrl("", only("version", "2026"))).toBe("https://api.example.com/chat?version=2026");
  });

  test("is not left by an option's value", () => {
    expect(chatUrl("", only("version", "1&key=2#x"))).toBe(
      "https://api.example.com/chat?version=1%26key%3D2%23x",
    );
    expect(() => chatUrl("", only("version", "../admin"))).toThrow(GatewayError);
  });
});

describe("a name in a path that is no Unicode text", () => {
  const places = [{ option: "model", kind: "segment" }] as const;

  test.each<[string, ProviderRow]>([
    ["of segments", { ...ROW, paths: { chat: "/{model}/chat" } }],
    ["of one segment", { ...ROW, paths: { chat: "/{model}/chat" }, places }],
  ])("%s is refused", (_, row) => {
    const asked = { model: "a\ud800", stream: false, search: "", option: nothing };
    expect(() => mappedUrl(row, "https://a.example", "chat", asked)).toThrow(
      "model: is not a valid path segment",
    );
  });
});

const proxied = (row: ProviderRow, base: string, pathname: string, search = ""): string =>
  proxiedUrl(row, base, pathname, { search, option: nothing });

describe("a passed-through call", () => {
  test.each([
    ["/v1/proxy/files/1", "?a=1", "https://api.example.com/files/1?a=1"],
    ["/v1/files", "", "https://api.example.com/files"],
    ["/v1/proxy/v1/files", "", "https://api.example.com/v1/files"],
  ])("keeps the path of %p", (pathname, search, url) => {
    expect(proxied(ROW, "https://api.example.com", pathname, search)).toBe(url);
  });

  test("does not say the version twice", () => {
    expect(proxied(ROW, "https://api.example.com/v1", "/v1/proxy/v1/files")).toBe(
      "https://api.example.com/v1/files",
    );
    const below = { ...ROW, proxyPath: "/v1{path}" };
    expect(proxied(below, "https://api.example.com", "/v1/proxy/v1/files")).toBe(
      "https://api.example.com/v1/files",
    );
  });

  test("gets the query of its row unless it has it", () => {
    const row = { ...ROW, proxyPath: "{path}?version={version}" };
    expect(proxied(row, "https://a.example", "/v1/files", "?limit=2")).toBe(
      "https://a.example/files?version=2024&limit=2",
    );
    expect(proxied(row, "https://a.example", "/v1/files", "?version=1")).toBe(
      "https://a.example/files?version=1",
    );
  });

  test("never names the host", () => {
    expect(proxied(ROW, "https://api.example.com", "/v1/proxy/evil.openai.azure.com/x")).toBe(
      "https://api.example.com/evil.openai.azure.com/x",
    );
  });
});

describe("a base that an option names", () => {
  const row = { ...ROW, base: "{home}" };
  const base = (value: string): string => filledBase(row, row.base, only("home", value));

  test("is known as one", () => {
    expect(baseOption(row)).toBe("home");
    expect(baseOption(ROW)).toBeUndefined();
  });

  test("loses what ends it", () => {
    expect(base(" https://res.example.com/models/ ")).toBe("https://res.example.com/models");
  });

  test.each([
    "res.example.com",
    "ftp://res.example.com",
    "https://",
    "https://user@res.example.com",
    "https://res.example.com\\@evil.example",
    "https://res.example.com/?x=1",
    "https://res.example.com/#x",
    "https://res example.com",
  ])("is not %p", (value) => {
    expect(() => base(value)).toThrow("home: must be an absolute http or https URL without a query");
  });

  test("names what is missing", () => {
    expect(() => filledBase(row, row.base, nothing)).toThrow(
      "Provider versioned needs home: send x-portkey-home, or home in the config",
    );
  });
});

test.each([
  ["https://generativelanguage.googleapis.com", "https://generativelanguage.googleapis.com/upload"],
  ["https://a.example/google/", "https://a.example/google/upload"],
  ["https://a.example/google", "https://a.example/google/upload"],
])("media for %s goes to %s", (base, expected) => {
  expect(uploadBase(base)).toBe(expected);
});
