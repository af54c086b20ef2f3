/** Forms read part by part: any cutting of the bytes gives the same parts. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Bytes } from "../../src/lib/bytes.ts";
import { caught } from "./caught.ts";
import { boundaryOf, fieldText, FormMalformed, formParts } from "../../src/lib/form-stream.ts";

const streamed = (bytes: Uint8Array, sizes: readonly number[]): ReadableStream<Bytes> => {
  let at = 0;
  let turn = 0;
  return new ReadableStream<Bytes>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      const size = sizes[turn++ % sizes.length] ?? 1;
      controller.enqueue(Uint8Array.from(bytes.subarray(at, (at += size))));
    },
  });
};

type Read = readonly [string, string | undefined, string];

const readAll = async (bytes: Uint8Array, boundary: string, sizes = [7]): Promise<Read[]> => {
  const parts: Read[] = [];
  for await (const part of formParts(streamed(bytes, sizes), boundary))
    parts.push([part.name, part.filename, await fieldText(part)]);
  return parts;
};

test("a form of more parts than anyone needs is none", async () => {
  const parts = (count: number): Buffer =>
    Buffer.from(
      Array.from(
        { length: count },
        (_, at) => `--b\r\ncontent-disposition: form-data; name="${at}"\r\n\r\n\r\n`,
      ).join("") + "--b--",
    );
  expect(await readAll(parts(1000), "b", [4096])).toHaveLength(1000);
  expect(await caught(readAll(parts(1001), "b", [4096]))).toBeInstanceOf(FormMalformed);
});

describe("a form", () => {
  test("of the platform's own making is read as it was made, however it is cut", async () => {
    const value = fc.string({ unit: "grapheme", maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        value,
        value,
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        async (a, b, cuts) => {
          const form = new FormData();
          form.set("file", new File([a, "\r\n--", b], 'a "tide".jsonl'));
          form.set("purpose", "batch");
          const response = new Response(form);
          const boundary = boundaryOf(response.headers.get("content-type") ?? "") ?? "";
          expect(await readAll(await response.bytes(), boundary, cuts)).toEqual([
            ["file", 'a "tide".jsonl', `${a}\r\n--${b}`],
            ["purpose", undefined, "batch"],
          ]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("may have a preamble, an epilogue, and padding behind its boundaries", async () => {
    const text =
      'hello\r\n--x\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n--x  \r\nContent-Disposition: form-data; name="b"\r\n\r\n\r\n--x--\r\nbye';
    expect(await readAll(Buffer.from(text), "x")).toEqual([
      ["a", undefined, "1"],
      ["b", undefined, ""],
    ]);
  });

  test("gives the next part also where the last one was not read", async () => {
    const text =
      '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nlong long long\r\n--x\r\ncontent-disposition: form-data; name="b"\r\n\r\n2\r\n--x--';
    const names: string[] = [];
    for await (const part of formParts(streamed(Buffer.from(text), [5]), "x")) names.push(part.name);
    expect(names).toEqual(["a", "b"]);
  });

  const bad: readonly (readonly [string, string])[] = [
    ["nothing", ""],
    ["no boundary", "hello"],
    ["a part that is cut", '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nhalf'],
    ["an end that is cut", '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nhalf\r\n--x'],
    ["a part without a name", "--x\r\ncontent-type: text/plain\r\n\r\n1\r\n--x--"],
    ["a head without an end", `--x\r\n${"a".repeat(20_000)}`],
  ];

  test.each(bad)("with %s is malformed", async (_name, text) => {
    expect(await readAll(Buffer.from(text), "x").catch((error: unknown) => error)).toBeInstanceOf(
      FormMalformed,
    );
  });

  test("does not hold a field of any size", async () => {
    const text = `--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n${"1".repeat(70_000)}\r\n--x--`;
    expect(await readAll(Buffer.from(text), "x", [9999]).catch((error: unknown) => error)).toBeInstanceOf(
      FormMalformed,
    );
  });
});

test("the boundary is what the content type says", () => {
  expect(boundaryOf("multipart/form-data; boundary=abc")).toBe("abc");
  expect(boundaryOf('Multipart/Form-Data; charset=utf-8; boundary="a b;c"')).toBe("a b;c");
  expect(boundaryOf("application/json")).toBeUndefined();
  expect(boundaryOf("multipart/form-data")).toBeUndefined();
});
