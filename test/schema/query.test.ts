import { expect, test } from "bun:test";
import { compilePattern, MAX_PATTERN_CHARACTERS, queryFaults } from "../../src/schema/query.ts";

test.each(["(", "[", "\\p{", "(?=a)", "(a)\\1", "(a{1000}){1000}", "a".repeat(MAX_PATTERN_CHARACTERS + 1)])(
  "the pattern %p cannot be compiled",
  (pattern) => {
    expect(compilePattern(pattern)).toBeUndefined();
  },
);

test("every pattern of a query is looked at", () => {
  const query = {
    "metadata.a": { $regex: "^fine$" },
    "metadata.b": { $eq: 1, $regex: "(" },
    $or: [{ $and: [{ "params.c": { $regex: 5 } }, "text"] }],
    $and: { $regex: "[" },
  };
  expect(queryFaults(query, ["query"]).map(({ path, message }) => [path.join(","), message])).toEqual([
    ["query,metadata.b,$regex", "Invalid regular expression"],
    ["query,$or,0,$and,0,params.c,$regex", "Expected string, received number"],
    ["query,$and,$regex", "Invalid regular expression"],
  ]);
});
