import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { compileQuery, MAX_SUBJECT_CHARACTERS, type MatchScope } from "../../src/routing/match.ts";
import { GatewayError } from "../../src/schema/errors.ts";
import type { JsonObject } from "../../src/schema/json.ts";

const SCOPE: MatchScope = {
  metadata: { user: "ann", plan: "pro", empty: null, count: "5" },
  params: {
    model: "gpt-4o",
    max_tokens: 100,
    stream: true,
    none: null,
    metadata: { team: { name: "red" } },
    messages: [
      { role: "user", content: "hello" },
      { role: "assistant", content: [{ type: "text" }] },
    ],
  },
  url: { pathname: "/v1/chat/completions" },
};

const ask = (query: JsonObject, scope: MatchScope = SCOPE): boolean => compileQuery(query, "query")(scope);

const thrown = (query: JsonObject): GatewayError => {
  try {
    ask(query);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error("The query was answered");
};

describe("a query", () => {
  const cases: readonly [string, JsonObject, boolean][] = [
    ["that is empty holds", {}, true],
    ["compares a scalar", { "metadata.user": "ann" }, true],
    ["compares without coercion", { "metadata.count": 5 }, false],
    ["wants every entry to hold", { "metadata.user": "ann", "metadata.plan": "free" }, false],
    ["knows the path", { "url.pathname": "/v1/chat/completions" }, true],
    ["finds null where null is written", { "params.none": null }, true],
    ["finds no null where nothing is", { "params.missing": null }, false],
    ["descends into objects", { "params.metadata.team.name": "red" }, true],
    ["does not take an object for its parts", { "params.metadata.team": "red" }, false],
    ["descends into arrays", { "params.messages.0.role": "user" }, true],
    ["finds nothing behind a scalar", { "params.model.length": { $gt: 0 } }, false],
    ["finds no array's own properties", { "params.messages.length": 2 }, false],
    ["finds no inherited property", { "params.constructor": { $ne: null, $regex: "" } }, false],
    ["finds nothing behind a bare namespace", { params: { $regex: "" } }, false],
    ["finds nothing in an unknown namespace", { "headers.a": { $eq: "a" } }, false],
    ["$eq holds for the same value", { "params.stream": { $eq: true } }, true],
    ["$ne holds for another value", { "params.model": { $ne: "o1" } }, true],
    ["$ne holds for a missing value", { "params.missing": { $ne: "o1" } }, true],
    ["$ne fails for the same value", { "params.model": { $ne: "gpt-4o" } }, false],
    ["$gt compares numbers", { "params.max_tokens": { $gt: 99 } }, true],
    ["$gt is strict", { "params.max_tokens": { $gt: 100 } }, false],
    ["$gte includes the bound", { "params.max_tokens": { $gte: "100" } }, true],
    ["$lt reads numbers in text", { "metadata.count": { $lt: "9abc" } }, true],
    ["$lte includes the bound", { "metadata.count": { $lte: 5 } }, true],
    ["$lt fails for what is no number", { "metadata.user": { $lt: 5 } }, false],
    ["$lt fails for a missing value", { "metadata.missing": { $lt: 5 } }, false],
    ["$in finds a member", { "metadata.plan": { $in: ["free", "pro"] } }, true],
    ["$in needs a list", { "metadata.plan": { $in: "pro" } }, false],
    ["$nin refuses a member", { "metadata.plan": { $nin: ["pro"] } }, false],
    ["$nin holds for a missing value", { "metadata.missing": { $nin: ["pro"] } }, true],
    ["$nin needs a list", { "metadata.plan": { $nin: "free" } }, false],
    ["$regex is not anchored", { "params.model": { $regex: "4" } }, true],
    ["$regex honours anchors", { "params.model": { $regex: "^4" } }, false],
    ["$regex looks at numbers as text", { "params.max_tokens": { $regex: "^1\\d+$" } }, true],
    ["$regex looks at objects as JSON", { "params.messages.1.content": { $regex: '"type":"text"' } }, true],
    ["$regex finds null as text", { "params.none": { $regex: "^null$" } }, true],
    ["$regex never finds a missing value", { "params.missing": { $regex: "undefined|" } }, false],
    ["wants every operator to hold", { "params.model": { $regex: "gpt", $ne: "gpt-4o" } }, false],
    ["wants every operator to hold, in range", { "params.max_tokens": { $gt: 1, $lt: 101 } }, true],
    ["$or holds when one does", { $or: [{ "metadata.user": "bob" }, { "metadata.user": "ann" }] }, true],
    ["$or of nothing fails", { $or: [] }, false],
    ["$and of nothing holds", { $and: [] }, true],
    ["$and fails when one does", { $and: [{}, { "metadata.user": "bob" }] }, false],
    ["looks at what follows $or", { $or: [{}], "metadata.user": "bob" }, false],
    ["looks at what follows $and", { $and: [{}], $or: [{ "metadata.user": "bob" }] }, false],
    ["takes no text for a query", { $or: ["metadata"] }, false],
    ["nests", { $or: [{ $and: [{ "metadata.user": "ann" }, { $or: [{ "metadata.plan": "pro" }] }] }] }, true],
  ];
  test.each([...cases])("%s", (_name, query, expected) => {
    expect(ask(query)).toBe(expected);
  });

  test("finds nothing where there is no metadata", () => {
    expect(ask({ "metadata.user": { $ne: "ann" } }, { ...SCOPE, metadata: null })).toBe(true);
  });
});

describe("an operator that does not exist", () => {
  test.each<[string, JsonObject]>([
    ["$exists", { "metadata.user": { $exists: true } }],
    ["constructor", { "metadata.user": { constructor: 1 } }],
    ["0", { "metadata.user": ["ann"] }],
    ["a", { $or: { a: 1 } }],
  ])("%s is named", (name, query) => {
    const { code, message } = thrown(query);
    expect([code, message]).toEqual([
      "router_error",
      `Unsupported operator used in the query router: ${name}`,
    ]);
  });

  test("does no harm where it is not evaluated", () => {
    expect(ask({ "metadata.user": "bob", "metadata.plan": { $exists: true } })).toBe(false);
  });
});

test("a pattern that cannot be compiled is refused with its place", () => {
  expect(thrown({ $or: [{ "metadata.user": { $regex: "(" } }] }).errors).toEqual([
    "path: query,$or,0,metadata.user,$regex, message: Invalid regular expression",
  ]);
});

test("a pattern looks at the first part of a long value", () => {
  const scope = { ...SCOPE, params: { text: `${"a".repeat(MAX_SUBJECT_CHARACTERS)}b` } };
  expect(ask({ "params.text": { $regex: "a$" } }, scope)).toBe(true);
  expect(ask({ "params.text": { $regex: "b" } }, scope)).toBe(false);
});

test.each(["^(a+)+$", "(a|a)*b", "(x+x+)+y"])("the pattern %s takes linear time", (pattern) => {
  const scope = { ...SCOPE, params: { text: `${"a".repeat(20_000)}${"x".repeat(20_000)}!` } };
  expect(ask({ "params.text": { $regex: pattern } }, scope)).toBe(false);
});

test("a query answers or names an unsupported operator, whatever the call says", () => {
  const names = fc.constantFrom("$eq", "$ne", "$gt", "$in", "$nin", "$lt", "toString");
  const keys = fc.constantFrom("params.a", "params.a.b.0", "metadata.a", "params.__proto__", "$or", "a");
  const json = fc.jsonValue() as fc.Arbitrary<JsonObject[string]>;
  const value = fc.oneof(json, fc.dictionary(names, json));
  const queries = fc.dictionary(keys, value) as fc.Arbitrary<JsonObject>;
  fc.assert(
    fc.property(queries, json, (query, a) => {
      const answer = (): unknown => {
        try {
          return ask(query, { ...SCOPE, params: { a } });
        } catch (error) {
          return error instanceof GatewayError && error.code;
        }
      };
      expect([true, false, "router_error", "invalid_config"]).toContain(answer() as boolean);
    }),
  );
});
