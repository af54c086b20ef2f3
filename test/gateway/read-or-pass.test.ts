import { describe, expect, test } from "bun:test";
import { readOrPass } from "../../src/gateway/read-or-pass.ts";
import { BodyTooLarge } from "../../src/lib/body.ts";
import { caught } from "../lib/caught.ts";

const chunked = (
  chunks: readonly string[],
  cancelled: string[] = [],
): ReadableStream<Uint8Array<ArrayBuffer>> => {
  const left = chunks.values();
  return new ReadableStream(
    {
      pull(controller) {
        const { value } = left.next();
        if (value === undefined) controller.close();
        else controller.enqueue(new TextEncoder().encode(value));
      },
      cancel: (reason) => void cancelled.push(String(reason)),
    },
    { highWaterMark: 0 },
  );
};

const textOf = (body: Awaited<ReturnType<typeof readOrPass>>): Promise<string> => new Response(body).text();

describe("a body", () => {
  test("is read whole within the limit", async () => {
    const body = await readOrPass(new Response(chunked(["ab", "c"])), 3);
    expect(body).toBeInstanceOf(Uint8Array);
    expect(await textOf(body)).toBe("abc");
  });

  test.each([[["ab", "cd", "ef"]], [["abcdef"]]])("is a stream beyond it, and whole: %p", async (chunks) => {
    const body = await readOrPass(new Response(chunked(chunks)), 3);
    expect(body).toBeInstanceOf(ReadableStream);
    expect(await textOf(body)).toBe("abcdef");
  });

  test("is not even begun where its length says that it is too large", async () => {
    const response = new Response(chunked(["abcdef"]), { headers: { "content-length": "6" } });
    expect(await readOrPass(response, 3)).toBe(response.body as NonNullable<typeof response.body>);
  });

  test("that nobody reads on is let go upstream", async () => {
    const cancelled: string[] = [];
    const body = await readOrPass(new Response(chunked(["ab", "cd", "ef"], cancelled)), 3);
    await (body as ReadableStream).cancel("gone"); // four bytes were read: it is one
    expect(cancelled).toEqual(["gone"]);
  });

  test("that is packed is not handed on in pieces", async () => {
    const packed = Bun.gzipSync("a".repeat(100));
    const response = new Response(packed, { headers: { "content-encoding": "gzip" } });
    expect(await caught(readOrPass(response, 3))).toBeInstanceOf(BodyTooLarge);
  });
});
