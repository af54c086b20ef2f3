import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { normalise, snakeCase, VERBATIM_KEYS } from "../../src/schema/normalise.ts";

test.each([
  ["apiKey", "api_key"],
  ["api_key", "api_key"],
  ["onStatusCodes", "on_status_codes"],
  ["strictOpenAiCompliance", "strict_open_ai_compliance"],
  ["awsS3ObjectKey", "aws_s3_object_key"],
  ["awsServerSideEncryptionKMSKeyId", "aws_server_side_encryption_kms_key_id"],
  ["default.addPrefix", "default.addPrefix"],
  ["X-Api-Key", "X-Api-Key"],
  ["", ""],
])("%s is spelled %s", (key, expected) => {
  expect(snakeCase(key)).toBe(expected);
});

test("keys are converted at every depth, also in arrays", () => {
  expect(normalise({ targets: [{ retry: { onStatusCodes: [1] }, unknownKey: { innerKey: null } }] })).toEqual(
    {
      targets: [{ retry: { on_status_codes: [1] }, unknown_key: { inner_key: null } }],
    },
  );
});

test.each([...VERBATIM_KEYS])("what is below %s stays as written, in both spellings of the key", (key) => {
  const camel = key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
  const value = { innerKey: [{ anotherKey: 1 }], inner_key: 2 };
  expect(normalise({ strategy: { [camel]: value } })).toEqual({ strategy: { [key]: value } });
  expect(normalise({ strategy: { [key]: value } })).toEqual({ strategy: { [key]: value } });
});

test("of two spellings of one key the later counts", () => {
  expect(normalise({ apiKey: "first", api_key: "second" })).toEqual({ api_key: "second" });
  expect(normalise({ api_key: "first", apiKey: "second" })).toEqual({ api_key: "second" });
});

test("a converted key is never converted again", () => {
  fc.assert(fc.property(fc.string(), (key) => snakeCase(snakeCase(key)) === snakeCase(key)));
});
