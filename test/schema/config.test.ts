import { describe, expect, test } from "bun:test";
import { configSchemaDocument, CONFIG_SCHEMA_FILE } from "../../scripts/config-schema.ts";
import {
  ConfigSchema,
  inherit,
  NOTHING_INHERITED,
  type ConfigNode,
  type Inherited,
} from "../../src/schema/config.ts";
import type { JsonObject, JsonValue } from "../../src/schema/json.ts";

const through = (...nodes: readonly ConfigNode[]): Inherited => nodes.reduce(inherit, NOTHING_INHERITED);

describe("a child", () => {
  const hook: JsonObject = { type: "guardrail", id: "g" };

  test.each<[string, keyof Inherited, ConfigNode, ConfigNode, JsonValue]>([
    [
      "merges override_params, its own winning, without going deeper",
      "override_params",
      { override_params: { a: 1, b: { x: 1 } } },
      { override_params: { b: { y: 2 } } },
      { a: 1, b: { y: 2 } },
    ],
    ["takes over retry", "retry", { retry: { attempts: 2 } }, {}, { attempts: 2 }],
    [
      "replaces retry as a whole",
      "retry",
      { retry: { attempts: 2, on_status_codes: [429] } },
      { retry: { attempts: 1 } },
      { attempts: 1 },
    ],
    [
      "replaces cache",
      "cache",
      { cache: { mode: "simple" } },
      { cache: { mode: "semantic" } },
      { mode: "semantic" },
    ],
    [
      "takes over request_timeout for 0",
      "request_timeout",
      { request_timeout: 5 },
      { request_timeout: 0 },
      5,
    ],
    ["replaces request_timeout", "request_timeout", { request_timeout: 5 }, { request_timeout: 7 }, 7],
    [
      "takes over custom_host for an empty one",
      "custom_host",
      { custom_host: "h" },
      { custom_host: "" },
      "h",
    ],
    [
      "replaces forward_headers by none",
      "forward_headers",
      { forward_headers: ["a"] },
      { forward_headers: [] },
      [],
    ],
    [
      "takes over strict_open_ai_compliance",
      "strict_open_ai_compliance",
      { strict_open_ai_compliance: false },
      {},
      false,
    ],
    ["keeps its parent's id", "id", { id: "root" }, { id: "child" }, "root"],
    ["takes over the hooks before", "before", { input_guardrails: [hook] }, {}, { input_guardrails: [hook] }],
    [
      "opts out of all hooks before by naming any",
      "before",
      { before_request_hooks: [hook], input_mutators: [hook] },
      { input_guardrails: [] },
      { input_guardrails: [] },
    ],
    [
      "replaces the hooks after apart from those before",
      "after",
      { output_guardrails: [hook], input_guardrails: [hook] },
      { input_guardrails: [] },
      { output_guardrails: [hook] },
    ],
  ])("%s", (_name, key, parent, child, expected) => {
    const found: unknown = through(parent, child)[key];
    expect(found).toEqual(expected);
  });

  const group: ConfigNode = { provider: "openai", api_key: "k", openai_project: "p", weight: 2, name: "n" };

  test("without a provider takes over the provider, its credential and its options", () => {
    expect(through(group, { deployment_id: "d" }).options).toEqual({
      provider: "openai",
      api_key: "k",
      openai_project: "p",
      deployment_id: "d",
    });
  });

  test("of the same provider may bring its own credential", () => {
    expect(through(group, { provider: "openai", api_key: "own" }).options).toEqual({
      provider: "openai",
      api_key: "own",
      openai_project: "p",
    });
  });

  test.each<ConfigNode>([{ provider: "anthropic" }, { virtual_key: "v" }])(
    "of another provider gets neither credential nor options: %p",
    (child) => {
      expect(through(group, child).options).toEqual({ ...child });
    },
  );

  test("of a named provider does not get its parent's virtual key", () => {
    expect(through({ virtual_key: "v" }, { provider: "openai" }).options).toEqual({ provider: "openai" });
  });
});

interface Described {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly items?: Described;
}
const undescribed = (schema: Described, path: string): readonly string[] => [
  ...Object.entries(schema.properties ?? {}).flatMap(([key, property]) => [
    ...(property.description === undefined ? [`${path}/${key}`] : []),
    ...undescribed(property, `${path}/${key}`),
  ]),
  ...(schema.items === undefined ? [] : undescribed(schema.items, `${path}/0`)),
];

test("every field has a description", () => {
  expect(undescribed(ConfigSchema, "")).toEqual([]);
});

test("docs/config.schema.json is what scripts/config-schema.ts writes", async () => {
  expect(await Bun.file(CONFIG_SCHEMA_FILE).json()).toEqual(configSchemaDocument());
});
