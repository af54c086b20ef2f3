import { describe, expect, test } from "bun:test";
import { caught } from "./caught.ts";
import { played } from "./played.ts";

const EMPTY = "content-length: 0\r\n\r\n";
const MALFORMED = { code: "InvalidHTTPResponse" };
const KIB = 1024;

/** What the fields of an answer with these lines are. */
const fieldsOf = async (...lines: readonly string[]) => {
  const { headers } = await played([
    `HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join("")}${EMPTY}`,
  ]);
  return headers.filter(([name]) => name !== "content-length");
};

test("a head whose lines end in line feeds alone is refused at once, and not waited for", async () => {
  expect(await caught(played(["HTTP/1.1 200 OK\ncontent-type: text/plain\n\nHi"]))).toMatchObject(MALFORMED);
});

describe("a status line", () => {
  test.each<[string, number]>([
    ["HTTP/1.1 200 OK", 200],
    ["HTTP/1.1 200 ", 200],
    ["HTTP/1.1 200", 200],
    ["HTTP/1.0 404 Not Found", 404],
    ["HTTP/1.1 299 Grüße: \t\u0080", 299],
    ["HTTP/1.1 500 500 500", 500],
    ["HTTP/1.1 600 Unheard", 600],
    ["HTTP/1.1 999 Unheard", 999],
  ])("%j says %d", async (line, status) => {
    expect(await played([`${line}\r\n${EMPTY}`])).toMatchObject({ status, body: "" });
  });

  test.each([
    "HTTP/1.1 099 Low",
    "HTTP/1.1 000 None",
    "HTTP/1.1 99 Short",
    "HTTP/1.1 2000 Long",
    "HTTP/1.1 20",
    "HTTP/1.1 20x Letters",
    "HTTP/1.1 -20 Negative",
    "HTTP/1.1 +20 Positive",
    "HTTP/1.1 2.0 Point",
    "HTTP/1.1  200 Spaces",
    "HTTP/1.1\t200 Tab",
    "HTTP/1.1 200\tTab",
    "HTTP/1.1",
    "HTTP/2 200 OK",
    "HTTP/0.9 200 OK",
    "HTTP/1.10 200 OK",
    "http/1.1 200 OK",
    "ICY 200 OK",
    "200 OK",
    "",
    " HTTP/1.1 200 OK",
    "\r\nHTTP/1.1 200 OK",
    "HTTP/1.1 200 O\0K",
    "HTTP/1.1 200 O\rK",
    "HTTP/1.1 200 O\nK",
    "content-type: text/plain",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "<html>",
  ])("%j is none", async (line) => {
    expect(await caught(played([`${line}\r\n${EMPTY}`]))).toMatchObject(MALFORMED);
  });
});

describe("a field", () => {
  test("has a name in lower case, and a value without the blanks around it", async () => {
    expect(
      await fieldsOf(
        "X-One: 1",
        "x-TWO:2",
        "x-3:\t a b \t ",
        "x-empty:",
        "x-colon: a:b",
        "!#$%&'*+.^_`|~-: t",
      ),
    ).toEqual([
      ["x-one", "1"],
      ["x-two", "2"],
      ["x-3", "a b"],
      ["x-empty", ""],
      ["x-colon", "a:b"],
      ["!#$%&'*+.^_`|~-", "t"],
    ]);
  });

  test("that comes several times is one, in the order of its values", async () => {
    expect(await fieldsOf("x-a: 1", "x-b: 2", "X-A: 3", "x-a:")).toEqual([
      ["x-a", "1, 3, "],
      ["x-b", "2"],
    ]);
  });

  test("has a value of bytes", async () => {
    expect(await fieldsOf("x-name: Zoë\u0080ÿ")).toEqual([["x-name", "Zoë\u0080ÿ"]]);
  });

  test("may be named like what every object has", async () => {
    expect(await fieldsOf("__proto__: a", "constructor: b")).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });

  test.each([
    ["x-a: 1\r\n folded", "a line that goes on"],
    ["x-a: 1\r\n\tfolded: too", "a line that goes on, like a field"],
    [" x-a: 1", "a first line that goes on"],
    ["x-a: 1\rx-b: 2", "a return"],
    ["x-a: 1\nx-b: 2", "a feed"],
    ["x-a: 1\r\r\nx-b: 2", "two returns"],
    ["x-a: 1\n\r\nx-b: 2", "a feed before the line's end"],
    ["x-a: \0", "a NUL"],
    ["x\0a: 1", "a NUL in its name"],
    ["x-a", "no colon"],
    ["x-a : 1", "a space before the colon"],
    ["x-a\t: 1", "a tab before the colon"],
    [": 1", "no name"],
    ["x a: 1", "a space in its name"],
    ["x-ü: 1", "a letter that no name has"],
    ["x(a): 1", "a parenthesis in its name"],
  ])("%j is refused: %s", async (line) => {
    expect(await caught(fieldsOf(line))).toMatchObject(MALFORMED);
  });
});

describe("a head", () => {
  test("may have no field at all", async () => {
    expect(await played(["HTTP/1.1 204 No Content\r\n\r\n"])).toMatchObject({ status: 204, headers: [] });
  });

  test("may be cut anywhere", async () => {
    const answer = "HTTP/1.1 200 OK\r\nX-A: b\r\ncontent-length: 4\r\n\r\nbody";
    const whole = await played([answer]);
    expect(whole.body).toBe("body");
    for (let cut = 0; cut <= answer.length; cut++)
      expect(await played([answer.slice(0, cut), answer.slice(cut)])).toEqual(whole);
    expect(await played(answer.split(""))).toEqual(whole);
  });

  /** The bytes before the empty line are that many. */
  const sized = (size: number): string => {
    const start = `HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-long: `;
    return `${start}${"x".repeat(size - start.length)}\r\n\r\n`;
  };

  test.each([4 * KIB - 2, 4 * KIB - 1, 4 * KIB, 4 * KIB + 1, 63 * KIB, 64 * KIB])(
    "of %d bytes is read, however it is cut at its end",
    async (size) => {
      const head = sized(size);
      for (const cut of [0, 1, 2, 3, 4, 5, 4000])
        expect((await played([head.slice(0, head.length - cut), head.slice(head.length - cut)])).status).toBe(
          200,
        );
    },
  );

  test.each([64 * KIB + 1, 64 * KIB + 4, 200 * KIB])("of %d bytes is too large", async (size) => {
    const head = sized(size);
    for (const reads of [
      [head],
      [head.slice(0, 60_000), head.slice(60_000)],
      head.match(/[^]{1,999}/g) ?? [],
    ])
      expect(await caught(played(reads))).toMatchObject({ code: "ResponseHeadersTooLarge" });
  });

  test("that does not end is too large at last", async () => {
    const reads = Array.from({ length: 80 }, () => "x".repeat(KIB));
    expect(await caught(played(["HTTP/1.1 200 OK\r\nx: ", ...reads]))).toMatchObject({
      code: "ResponseHeadersTooLarge",
    });
  });

  test("that is cut off is a lost connection", async () => {
    for (const start of ["", "HTTP/1.1 200 OK\r\ncontent-le", `HTTP/1.1 200 OK\r\n${EMPTY.slice(0, -1)}`])
      expect(await caught(played([start], "ends"))).toMatchObject({ code: "ECONNRESET" });
  });
});

describe("an interim answer", () => {
  const FINAL = "HTTP/1.1 200 OK\r\nx-a: final\r\ncontent-length: 2\r\n\r\nok";

  test.each([
    ["100 Continue", "HTTP/1.1 100 Continue\r\n\r\n"],
    ["103 Early Hints", "HTTP/1.1 103 Early Hints\r\nx-a: early\r\ncontent-length: 9\r\n\r\n"],
    ["several", "HTTP/1.1 100 \r\n\r\nHTTP/1.1 102 \r\n\r\nHTTP/1.1 199 \r\n\r\n"],
  ])("is read past: %s", async (_, interim) => {
    const final = {
      status: 200,
      body: "ok",
      isKept: true,
      headers: [
        ["x-a", "final"],
        ["content-length", "2"],
      ],
    };
    const answer = interim + FINAL;
    for (const reads of [[answer], [interim, FINAL], answer.split("")])
      expect(await played(reads)).toMatchObject(final);
  });

  test("is read past however many there are", async () => {
    expect(await played(["HTTP/1.1 100 \r\n\r\n".repeat(100_000) + FINAL])).toMatchObject({ body: "ok" });
  });

  test("is no answer", async () => {
    expect(await caught(played(["HTTP/1.1 100 Continue\r\n\r\n"], "ends"))).toMatchObject({
      code: "ECONNRESET",
    });
  });

  test("may not change to another protocol", async () => {
    const answer = "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n";
    expect(await caught(played([answer]))).toMatchObject(MALFORMED);
  });
});

describe("the connection of an answer", () => {
  test.each<[string, string, boolean]>([
    ["HTTP/1.1", "x-a: b", true],
    ["HTTP/1.1", "connection: keep-alive", true],
    ["HTTP/1.1", "connection: close", false],
    ["HTTP/1.1", "Connection: Close", false],
    ["HTTP/1.1", "connection: x-a, close", false],
    ["HTTP/1.1", "connection: x-a\r\nconnection: close", false],
    ["HTTP/1.0", "x-a: b", false],
    ["HTTP/1.0", "connection: keep-alive", false],
  ])("in %s with %j may be used again: %p", async (version, field, isKept) => {
    expect(await played([`${version} 200 OK\r\n${field}\r\n${EMPTY}`])).toMatchObject({ isKept });
  });
});
