import { describe, expect, test } from "bun:test";
import { Writable } from "node:stream";
import { createLineQueue } from "../../src/telemetry/line-queue.ts";

/** An output that takes what it is given once it is read. */
const outputOf = ({ isRead = true } = {}) => {
  const seen = { text: "", writes: 0, waiting: [] as (() => void)[], isRead };
  const output = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      seen.text += text;
      seen.writes++;
      if (seen.isRead) done();
      else seen.waiting.push(done);
    },
  });
  return { seen, output };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("lines come out in order, many at a time", async () => {
  const { seen, output } = outputOf();
  const queue = createLineQueue(output, 8 * 1024 * 1024, setImmediate);
  for (const line of ["a", "b", "c"]) queue.write(line);
  expect(seen.text).toBe("");
  await turn();
  queue.write("d");
  await turn();
  expect(seen).toMatchObject({ text: "a\nb\nc\nd\n", writes: 2 });
  expect(queue.dropped).toBe(0);
});

describe("a reader that does not read", () => {
  test("costs lines, which are counted, and no more memory than the bound", async () => {
    const { seen, output } = outputOf({ isRead: false });
    const queue = createLineQueue(output, 100, setImmediate);
    for (let count = 0; count < 50; count++) {
      queue.write("123456789");
      await turn();
      expect(output.writableLength).toBeLessThanOrEqual(100);
    }
    expect(queue.dropped).toBe(40);
    expect(seen.writes).toBe(1);
  });

  test("is written to again once it reads", async () => {
    const { seen, output } = outputOf({ isRead: false });
    const queue = createLineQueue(output, 20, setImmediate);
    queue.write("x".repeat(15));
    await turn();
    queue.write("lost lost");
    expect(queue.dropped).toBe(1);
    seen.isRead = true;
    seen.waiting.splice(0).forEach((done) => done());
    await turn();
    queue.write("kept");
    await turn();
    expect(seen.text).toEndWith("\nkept\n");
    expect(queue.dropped).toBe(1);
  });

  test("before anything was written bounds the lines that wait, too", () => {
    const { output } = outputOf();
    const queue = createLineQueue(output, 25, setImmediate);
    for (let count = 0; count < 5; count++) queue.write("123456789");
    expect(queue.dropped).toBe(3);
  });
});

describe("a pipe that breaks", () => {
  test("costs lines and nothing else", async () => {
    const { output } = outputOf();
    const queue = createLineQueue(output, 8 * 1024 * 1024, setImmediate);
    output.destroy(new Error("EPIPE"));
    await turn();
    queue.write("a");
    queue.write("b");
    await turn();
    expect(queue.dropped).toBe(2);
    await queue.flush();
  });

  test("while lines wait does not throw", async () => {
    const { output } = outputOf();
    const queue = createLineQueue(output, 8 * 1024 * 1024, setImmediate);
    queue.write("a");
    output.destroy(new Error("EPIPE"));
    await turn();
    await queue.flush();
  });
});

describe("a flush", () => {
  test("hands over what waits", async () => {
    const { seen, output } = outputOf();
    const queue = createLineQueue(output, 8 * 1024 * 1024, setImmediate);
    queue.write("a");
    await queue.flush();
    expect(seen.text).toBe("a\n");
  });

  test("waits for a reader that is slow", async () => {
    const { seen, output } = outputOf({ isRead: false });
    const queue = createLineQueue(output, 8 * 1024 * 1024, setImmediate);
    queue.write("a");
    let isOver = false;
    const flushed = queue.flush().then(() => (isOver = true));
    await turn();
    expect(isOver).toBe(false);
    seen.isRead = true;
    seen.waiting.splice(0).forEach((done) => done());
    await flushed;
    expect(seen.text).toBe("a\n");
  });

  test("of nothing is over at once", async () => {
    await createLineQueue(outputOf().output).flush();
  });
});
