/** Where batches of messages are at providers with Anthropic's API, and that others are not asked. */
import { describe, expect, test } from "bun:test";
import { pathBelowMessages } from "../../src/gateway/below-messages.ts";
import { createCatalog } from "../../src/providers/catalog.ts";
import { rowFor } from "../../src/providers/variants.ts";
import type { ProviderRow } from "../../src/schema/provider-row.ts";
import { GatewayError } from "../../src/schema/errors.ts";

const catalog = createCatalog();
const BATCHES = "/v1/messages/batches";

const rowOf = (id: string, options: Readonly<Record<string, string>> = {}): ProviderRow => {
  const row = catalog.find(id);
  if (row === undefined) throw new Error(`There is no ${id}`);
  return rowFor(row, { model: null, pathname: BATCHES, option: (name) => options[name] });
};

describe("a path below messages", () => {
  test("hangs below the provider's own", () => {
    expect(pathBelowMessages(rowOf("anthropic"), `${BATCHES}/b/results`)).toBe("/messages/batches/b/results");
  });

  test.each([
    ["https://res.services.ai.azure.com/anthropic", "/v1/messages/batches"],
    ["https://res.services.ai.azure.com/anthropic/v1", "/messages/batches"],
  ])("follows the base to where Anthropic's API is: %s", (azure_foundry_url, path) => {
    expect(pathBelowMessages(rowOf("azure-ai", { azure_foundry_url }), BATCHES)).toBe(path);
  });

  test.each(["openai", "google", "bedrock", "cohere"])("is not %s's", (id) => {
    expect(() => pathBelowMessages(rowOf(id), BATCHES)).toThrow(GatewayError);
  });

  test("is not Claude's on Vertex, where a model's path holds nothing below it", () => {
    const claude = catalog
      .find("vertex-ai")
      ?.variants?.find(({ row }) => row.dialect === "anthropic-messages");
    expect(() => pathBelowMessages({ ...rowOf("vertex-ai"), ...claude?.row }, BATCHES)).toThrow(
      "/v1/messages/batches is not supported by vertex-ai",
    );
  });

  test("is none of the others'", () => {
    expect(pathBelowMessages(rowOf("openai"), "/v1/files")).toBeUndefined();
  });
});
