import { expect, test } from "bun:test";
import { conditional, type Branch } from "../../src/routing/conditional.ts";
import type { MatchScope } from "../../src/schema/plan.ts";
import { fakeCall, said, target } from "./fakes.ts";

const when = (holds: boolean | Branch["matches"], then: string): Branch => ({
  matches: typeof holds === "boolean" ? () => holds : holds,
  then,
});

const NAMES = ["a", "b", "c"];

/** The name of the target that is used. */
const used = async (
  branches: readonly Branch[] | undefined,
  otherwise?: string,
  scope: Partial<MatchScope> = {},
): Promise<string | undefined> => {
  const targets = new Map(NAMES.map((name) => [name, target(said(200))]));
  const children = new Map([...targets].map(([name, { dispatch }]) => [name, dispatch]));
  await conditional(children, branches, otherwise)(fakeCall({ scope }));
  return NAMES.find((name) => targets.get(name)?.tries === 1);
};

test("the first condition that holds names the target", async () => {
  expect(await used([when(false, "a"), when(true, "b"), when(true, "c")], "a")).toBe("b");
});

test("none that holds leads to the default", async () => {
  expect(await used([when(false, "a")], "c")).toBe("c");
  expect(await used([], "c")).toBe("c");
});

test("a condition is asked about the call", async () => {
  const isPro = when(({ metadata }) => metadata?.["plan"] === "pro", "a");
  expect(await used([isPro], "b", { metadata: { plan: "pro" } })).toBe("a");
  expect(await used([isPro], "b", { metadata: null })).toBe("b");
});

test("conditions after the one that holds are not asked", async () => {
  const asked = when(() => {
    throw new Error("It was asked");
  }, "b");
  expect(await used([when(true, "a"), asked])).toBe("a");
});

test.each<[string, readonly Branch[] | undefined, string | undefined]>([
  ["No conditions passed in the query router", undefined, "a"],
  ["Query router did not resolve to any valid target", [when(false, "a")], undefined],
  ["Invalid target name found in the query router: nope", [when(true, "nope")], "a"],
  ["Invalid target name found in the query router: nope", [], "nope"],
])("without a target the call ends: %s", async (message, branches, otherwise) => {
  const failure: unknown = await used(branches, otherwise).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: "GatewayError", code: "router_error", status: 400, message });
});

test("the target's outcome is the outcome", async () => {
  const outcome = said(500);
  const children = new Map([["a", target(outcome).dispatch]]);
  expect(await conditional(children, [], "a")(fakeCall())).toBe(outcome);
});
