/** Which operation a method and a path mean. */
import { expect, test } from "bun:test";
import type { OperationName, ResourceFamily } from "../../src/schema/resource.ts";
import { operationOf } from "../../src/schema/resource.ts";

const ARN = "arn:aws:bedrock:eu-west-1:123456789012:model-invocation-job/abc";

const rows: readonly (readonly [ResourceFamily, string, string, OperationName | undefined, string])[] = [
  ["files", "POST", "/v1/files", "files.create", ""],
  ["files", "GET", "/v1/files/", "files.list", ""],
  ["files", "GET", "/v1/files/f-1", "files.retrieve", "f-1"],
  ["files", "GET", "/v1/files/s3%3A%2F%2Fb%2Fk/content", "files.content", "s3://b/k"],
  ["files", "GET", "/v1/files/content", "files.retrieve", "content"],
  ["files", "DELETE", "/v1/files/100%", "files.delete", "100%"],
  ["files", "PUT", "/v1/files/f-1", undefined, ""],
  ["batches", "POST", "/v1/batches/b/cancel", "batches.cancel", "b"],
  ["batches", "GET", "/v1/batches/b/cancel", "batches.retrieve", "b/cancel"],
  ["batches", "GET", `/v1/batches/${ARN}/output`, "batches.output", ARN],
  ["batches", "GET", `/v1/batches/${ARN}`, "batches.retrieve", ARN],
  ["fine_tuning", "GET", "/v1/fine_tuning/jobs", "fine_tuning.list", ""],
  ["fine_tuning", "GET", "/v1/fine_tuning/jobs/j/events", "fine_tuning.events", "j"],
  ["fine_tuning", "POST", "/v1/fine_tuning/jobs/j", undefined, ""],
  ["fine_tuning", "POST", "/v1/fine_tuning/jobs/j/pause", undefined, ""],
];

test.each(rows)("%s: %s %s is %s", (family, method, pathname, name, id) => {
  const operation = operationOf(family, method, pathname);
  expect(operation?.name).toBe(name);
  expect(operation?.id ?? "").toBe(id);
});
