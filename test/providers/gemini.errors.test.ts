import { expect, test } from "bun:test";
import { readError } from "../../src/providers/gemini.errors.ts";

test.each([
  [{ message: "no such route" }, "no such route"],
  [{ detail: "Not Found" }, "Not Found"],
  [{ detail: [{ loc: ["body", "x"], msg: "field required" }] }, "x: field required"],
  [{ errors: [{ message: "no access" }] }, "no access"],
  [{}, "The upstream answered 404 without a reason"],
])("an error of what stands in front of Google's API is read, too: %j", (body, message) => {
  expect(readError(404, body)).toMatchObject({ status: 404, message });
});
