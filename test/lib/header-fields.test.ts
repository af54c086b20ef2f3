import { describe, expect, test } from "bun:test";
import { fieldsOf } from "../../src/lib/header-fields.ts";

describe("header fields", () => {
  const fields = fieldsOf(
    new Headers([
      ["X-Mine", "a"],
      ["x-mine", "b"],
      ["Content-Type", "application/json"],
    ]),
  );

  test("are found by their names in lower case, the same field twice as one", () => {
    expect(fields.get("x-mine")).toBe("a, b");
    expect(fields.get("content-type")).toBe("application/json");
  });

  test.each(["x-other", "constructor", "__proto__", "get"])("do not hold what was not sent: %s", (name) => {
    expect(fields.get(name)).toBeNull();
  });

  test("are listed", () => {
    expect([...fields].map(([name]) => name).sort()).toEqual(["content-type", "x-mine"]);
  });
});
