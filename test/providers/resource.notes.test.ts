import { expect, test } from "bun:test";
import { FileNotes } from "../../src/providers/resource.notes.ts";

test("a file that names more than anyone reads is told in part", () => {
  const notes = new FileNotes();
  for (let at = 0; at < 1000; at++) notes.add(`field_${at}`).add("field_0");
  expect(notes.size).toBe(100);
  expect([...notes].at(-1)).toBe("field_99");
});
