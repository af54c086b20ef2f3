/** Where Vertex AI is, by region, project and model. */
import { describe, expect, test } from "bun:test";
import { createCatalog } from "../../src/providers/catalog.ts";
import { filledBase, mappedUrl, proxiedUrl } from "../../src/providers/url.ts";
import { rowFor, upstreamModel } from "../../src/providers/variants.ts";
import type { ProviderRow } from "../../src/schema/provider-row.ts";

const vertex = (): ProviderRow => {
  const found = createCatalog().find("vertex-ai");
  if (found === undefined) throw new Error("There is no vertex-ai row");
  return found;
};
const row = vertex();

describe("the base", () => {
  test.each([
    ["us-central1", "https://us-central1-aiplatform.googleapis.com"],
    ["global", "https://aiplatform.googleapis.com"],
    ["eu", "https://aiplatform.eu.rep.googleapis.com"],
    ["constructor", "https://constructor-aiplatform.googleapis.com"],
  ])("of %s is %s", (region, base) => {
    expect(filledBase(row, row.base ?? "", (name) => (name === "vertex_region" ? region : undefined))).toBe(
      base,
    );
  });

  test("is of no region that is not one label", () => {
    expect(() => filledBase(row, row.base ?? "", () => "evil.example/")).toThrow("vertex_region");
  });
});

test.each([
  [
    "google",
    "/v1/proxy/v1beta/cachedContents",
    "https://generativelanguage.googleapis.com/v1beta/cachedContents",
  ],
  ["vertex-ai", "/v1/proxy/v1beta1/projects/p", "https://r-aiplatform.googleapis.com/v1beta1/projects/p"],
])("a path that %s is passed says its version itself", (provider, pathname, url) => {
  const passed = createCatalog().find(provider) ?? row;
  const option = (name: string) => (name === "vertex_region" ? "r" : undefined);
  const base = filledBase(passed, passed.base ?? "", option);
  expect(proxiedUrl(passed, base, pathname, { search: "", option })).toBe(url);
});

describe("the project", () => {
  const urlOf = (project: string | undefined, within: string | undefined): string =>
    mappedUrl(row, "https://x", "chat", {
      model: "m",
      stream: false,
      search: "",
      option: (name) => (name === "vertex_region" ? "r" : project),
      object: (name) => (name === "vertex_service_account_json" ? { project_id: within } : undefined),
    });

  test("is the option's, or else the service account's", () => {
    expect(urlOf("said", "account")).toContain("/projects/said/");
    expect(urlOf(undefined, "account")).toContain("/projects/account/");
    expect(() => urlOf(undefined, undefined)).toThrow("vertex_project_id");
    expect(() => urlOf("../other", undefined)).toThrow("vertex_project_id");
  });
});

describe("a model", () => {
  test.each([
    ["gemini-2.5-pro", "gemini", "gemini-2.5-pro"],
    ["publishers/google/models/gemini-2.5-pro", "gemini", "gemini-2.5-pro"],
    ["google/gemini-2.5-pro", "gemini", "gemini-2.5-pro"],
    ["anthropic.claude-opus-4-6@20260101", "anthropic-messages", "claude-opus-4-6@20260101"],
    ["codestral-2", "openai-chat", "codestral-2"],
    ["meta.llama-4", "openai-chat", "meta/llama-4"],
    ["openai/gpt-oss-120b-maas", "openai-chat", "openai/gpt-oss-120b-maas"],
    ["endpoints/99", "openai-chat", "99"],
    ["99", "gemini", "99"],
    ["publishers/anthropic/models/claude-opus-4-6", "anthropic-messages", "claude-opus-4-6"],
    ["publishers/mistralai/models/codestral-2", "openai-chat", "codestral-2"],
    ["publishers/meta/models/llama-4", "openai-chat", "meta/llama-4"],
    ["projects/p/locations/r/endpoints/7", "gemini", "projects/p/locations/r/endpoints/7"],
  ])("%s speaks %s as %s", (asked, dialect, name) => {
    const variant = rowFor(row, { model: asked, pathname: "/v1/chat/completions", option: () => undefined });
    expect(variant.dialect).toBe(dialect as ProviderRow["dialect"]);
    expect(upstreamModel(variant, asked)).toBe(name);
  });
});
