/** What the last line of a test run says. */
import { expect, test } from "bun:test";
import { readSummary, summaryLine } from "../../scripts/test-summary.ts";

const ROWS = [
  ["a clean run", " 12 pass\n 0 fail\n 30 expect() calls\n", 0, "12 passed, 0 failed"],
  ["skipped and planned tests", " 1 pass\n 2 skip\n 1 todo\n 0 fail\n", 0, "1 passed, 0 failed, 3 skipped"],
  ["a file that does not load", " 1 pass\n 2 fail\n 1 error\n", 1, "1 passed, 2 failed"],
  ["an error between the tests", " 3 pass\n 0 fail\n 2 errors\n", 1, "3 passed, 2 failed"],
  ["a run that never came to its end", "bun test v1.4.5\n", 132, "0 passed, 1 failed"],
  ["a test that prints such a line", " 9 pass\n 4 pass\n 0 fail\n", 0, "4 passed, 0 failed"],
] as const;

test.each(ROWS)("%s is counted", (_name, output, exitCode, line) => {
  expect(summaryLine(readSummary(output, exitCode))).toBe(line);
});
