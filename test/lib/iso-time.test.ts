import { expect, test } from "bun:test";
import { isoTime } from "../../src/lib/iso-time.ts";

test("a moment is written as RFC 3339 says, also when it was just written", () => {
  expect(isoTime(0)).toBe("1970-01-01T00:00:00.000Z");
  expect(isoTime(1_790_000_000_123)).toBe("2026-09-21T14:13:20.123Z");
  expect(isoTime(1_790_000_000_123)).toBe("2026-09-21T14:13:20.123Z");
  expect(isoTime(0)).toBe("1970-01-01T00:00:00.000Z");
});
