/** Where objects of S3 are, and which of them a call may reach. */
import { describe, expect, test } from "bun:test";
import { createCatalog } from "../../src/providers/catalog.ts";
import type { ResourceCall } from "../../src/providers/resource.ts";
import { folderOf, idOf, objectOf, readS3Error, s3Url } from "../../src/providers/s3.ts";
import { filledBase } from "../../src/providers/url.ts";
import { thrown } from "../support/thrown.ts";

const callOf = (
  options: Readonly<Record<string, string>> = { aws_access_key_id: "AKIA" },
  more: Partial<ResourceCall> = {},
): ResourceCall => ({
  name: "files.retrieve",
  id: "",
  provider: "bedrock",
  option: (name) => options[name],
  object: () => undefined,
  body: {},
  query: new URLSearchParams(),
  search: "",
  model: null,
  isOperators: false,
  hasCredential: false,
  atHome: true,
  strict: true,
  now: 0,
  callId: "call",
  freshId: () => "fresh",
  host: () => "https://s3.eu-west-1.amazonaws.com",
  home: (path) => path,
  form: () => {
    throw new Error("no form");
  },
  send: () => Promise.reject(new Error("nothing is sent")),
  json: () => Promise.reject(new Error("nothing is sent")),
  ...more,
});

describe("the URL of an object", () => {
  const object = { bucket: "tides", key: "in/a b+é.jsonl" };

  test("has the bucket in AWS's own host", () => {
    expect(s3Url(callOf(), object, "uploads=")).toBe(
      "https://tides.s3.eu-west-1.amazonaws.com/in/a%20b%2B%C3%A9.jsonl?uploads=",
    );
  });

  test("is made of a host of AWS's, whatever is asked for", () => {
    const row = createCatalog().find("bedrock");
    const filled = (name: string, region?: string): string =>
      row === undefined ? "" : filledBase(row, row.hosts?.[name] ?? "", () => region);
    expect(filled("s3")).toBe("https://s3.us-east-1.amazonaws.com");
    expect(filled("control", "eu-west-1")).toBe("https://bedrock.eu-west-1.amazonaws.com");
    expect(thrown(() => filled("s3", "evil.example/")).param).toBe("aws_region");
  });

  test("has the bucket in the path where no certificate covers it, and behind a custom host", () => {
    expect(s3Url(callOf(), { bucket: "my.tides", key: "a" })).toBe(
      "https://s3.eu-west-1.amazonaws.com/my.tides/a",
    );
    const custom = callOf(undefined, { atHome: false, host: () => "https://minio.example" });
    expect(s3Url(custom, object)).toBe("https://minio.example/tides/in/a%20b%2B%C3%A9.jsonl");
  });
});

describe("an object's id", () => {
  test("is its URI, however often it was encoded", () => {
    const object = { bucket: "tides", key: "in/50%25 high.jsonl" };
    const id = idOf(object);
    for (const text of [id, encodeURIComponent(id), "s3://tides/in/50%25 high.jsonl"])
      expect(objectOf(callOf(), text, "id")).toEqual(object);
  });

  const bad = [
    ["no URI", "file-1"],
    ["without a key", "s3://tides/"],
    ["a bucket alone", "s3://tides"],
    ["without a bucket", "s3:///a"],
    ["in a bucket with capitals", "s3://Tides/a"],
    ["in a bucket with an empty label", "s3://a..b/c"],
    ["in a bucket with a port", "s3://evil.com:80/a"],
    ["in a bucket with a user", "s3://u@h/a"],
    ["that climbs out of its bucket", "s3://tides/../other/a"],
    ["that ends in a dot segment", "s3://tides/a/."],
    ["with a key that is too long", `s3://tides/${"a".repeat(1025)}`],
  ];

  test.each(bad)("is none %s", (_name, id = "") => {
    const error = thrown(() => objectOf(callOf(), id, "input_file_id"));
    expect(error).toMatchObject({ code: "invalid_request", param: "input_file_id" });
  });

  test("of a folder may have no key", () => {
    expect(folderOf(callOf(), "s3://tides", "x")).toEqual({ bucket: "tides", key: "" });
  });
});

describe("a bucket is open", () => {
  const tides = "s3://tides/a";
  const open = (call: ResourceCall): boolean => {
    try {
      return objectOf(call, tides, "id").bucket === "tides";
    } catch (error) {
      expect(error).toMatchObject({ code: "host_not_allowed_for_key" });
      return false;
    }
  };

  test("to a caller's own keys or role", () => {
    expect(open(callOf({ aws_access_key_id: "AKIA" }))).toBe(true);
    expect(open(callOf({ aws_role_arn: "arn:aws:iam::1:role/r" }))).toBe(true);
  });

  test("to nobody who brings none, whatever bucket is named", () => {
    expect(open(callOf({}))).toBe(false);
    expect(open(callOf({ aws_s3_bucket: "tides" }))).toBe(false);
  });

  test("to the operator's keys where the operator names it", () => {
    const keys = { aws_access_key_id: "AKIA" };
    expect(open(callOf(keys, { isOperators: true }))).toBe(false);
    expect(open(callOf({ ...keys, aws_s3_bucket: "other" }, { isOperators: true }))).toBe(false);
    expect(open(callOf({ ...keys, aws_s3_bucket: "tides" }, { isOperators: true }))).toBe(true);
  });
});

test("S3's errors are read, and those of others left alone", () => {
  const xml = "<?xml version='1.0'?>\n<Error><Code>NoSuchKey</Code><Message>Gone</Message></Error>";
  expect(readS3Error(404, xml)).toMatchObject({ status: 404, message: "Gone", type: "NoSuchKey" });
  expect(readS3Error(404, "")).toMatchObject({ message: "There is no such object" });
  expect(readS3Error(400, { message: "Bedrock's own" })).toBeUndefined();
  expect(readS3Error(502, "Bad gateway")).toBeUndefined();
});
