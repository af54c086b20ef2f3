import { describe, expect, test } from "bun:test";
import { rowFor } from "../../src/providers/variants.ts";
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
