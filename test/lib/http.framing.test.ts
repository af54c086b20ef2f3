import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { HttpResponse } from "../../src/lib/http.ts";
import { createHttpClient } from "../../src/lib/http.client.ts";
import { hasBody } from "../../src/lib/http.framing.ts";
import { caught } from "./caught.ts";
import { played } from "./played.ts";
import { request, startRawServer } from "./raw-server.ts";

const MALFORMED = { code: "InvalidHTTPResponse" };
const LOST = { code: "ECONNRESET" };
const KIB = 1024;

const answer = (fields: readonly string[], body: string, status = "200 OK"): string =>
  `HTTP/1.1 ${status}\r\n${fields.map((field) => `${field}\r\n`).join("")}\r\n${body}`;
const sized = (length: string | number, body: string): string => answer([`content-length: ${length}`], body);
const chunked = (body: string): string => answer(["transfer-encoding: chunked"], body);

describe("a body by its length", () => {
  test.each([
    ["5", "hello"],
    ["0", ""],
    ["005", "hello"],
    ["5, 5", "hello"],
    ["5,5 ,\t5", "hello"],
    ["5\r\ncontent-length: 5", "hello"],
  ])("of %j is %j", async (length, body) => {
    expect(await played([sized(length, body)])).toMatchObject({ status: 200, body, isKept: true });
  });

  test.each([
    "",
    "-1",
    "+5",
    "5.0",
    "5e0",
    "0x5",
    "5 5",
    "5;5",
    "five",
    "5, 6",
    "5,",
    ",5",
    "9007199254740993",
  ])("is not of %j", async (length) => {
    expect(await caught(played([sized(length, "hello")]))).toMatchObject(MALFORMED);
  });

  test("that is cut is a lost connection", async () => {
    expect(await caught(played([sized(6, "hello")], "ends"))).toMatchObject(LOST);
    expect(await caught(played([sized(6, "")], "ends"))).toMatchObject(LOST);
  });

  test("is not longer than it says, and what is more ends the connection", async () => {
    for (const reads of [
      [sized(4, "hello")],
      [sized(4, ""), "hello"],
      [sized(4, "hel"), "lo"],
      [sized(4, "hell"), "o"],
      [sized(0, "HTTP/1.1 200 OK\r\n")],
    ])
      expect(await played(reads)).toMatchObject({ status: 200, isKept: false });
    expect((await played([sized(4, "hel"), "lo"])).body).toBe("hell");
  });
});

describe("a body by its chunks", () => {
  test.each<[string, string, string]>([
    ["one", "5\r\nhello\r\n0\r\n\r\n", "hello"],
    ["several", "1\r\nh\r\n4\r\nello\r\n0\r\n\r\n", "hello"],
    ["none", "0\r\n\r\n", ""],
    ["a last chunk of many zeros", "1\r\nh\r\n0000\r\n\r\n", "h"],
    ["a size in upper case", "A\r\n0123456789\r\n0\r\n\r\n", "0123456789"],
    ["a size in lower case", "a\r\n0123456789\r\n0\r\n\r\n", "0123456789"],
    ["a size that begins with zeros", "00005\r\nhello\r\n0\r\n\r\n", "hello"],
    ["an extension", '5;a=b; c="d"\r\nhello\r\n0;last\r\n\r\n', "hello"],
    ["an extension behind blanks", "5 \t;a\r\nhello\r\n0\r\n\r\n", "hello"],
    ["line endings inside", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"],
    ["trailers", "5\r\nhello\r\n0\r\nx-sum: 1\r\nx-b: \r\n\r\n", "hello"],
  ])("of %s is read, however it is cut", async (_, sent, body) => {
    const whole = chunked(sent);
    const read = { status: 200, body, isKept: true };
    expect(await played([whole])).toMatchObject(read);
    expect(await played(whole.split(""))).toMatchObject(read);
    for (let cut = whole.length - sent.length; cut < whole.length; cut++)
      expect(await played([whole.slice(0, cut), whole.slice(cut)])).toMatchObject(read);
  });

  test.each([
    ["-5\r\nhello\r\n0\r\n\r\n", "a size below nothing"],
    ["+5\r\nhello\r\n0\r\n\r\n", "a size with a plus"],
    ["0x5\r\nhello\r\n0\r\n\r\n", "a size with a prefix"],
    ["5_0\r\nhello\r\n0\r\n\r\n", "a size with an underscore"],
    ["g\r\nhello\r\n0\r\n\r\n", "a size that is none"],
    ["\r\nhello\r\n0\r\n\r\n", "no size"],
    [" 5\r\nhello\r\n0\r\n\r\n", "a space before the size"],
    ["5 5\r\nhello\r\n0\r\n\r\n", "two sizes"],
    [";a\r\nhello\r\n0\r\n\r\n", "an extension of nothing"],
    ["5\nhello\r\n0\r\n\r\n", "a size line that ends with a feed"],
    ["5\rhello\r\n0\r\n\r\n", "a size line that ends with a return"],
    ["5\r\nhello0\r\n\r\n", "a chunk without its line ending"],
    ["5\r\nhello\n0\r\n\r\n", "a chunk that ends with a feed"],
    ["5\r\nhello\r\r\n0\r\n\r\n", "a chunk that ends with two returns"],
    ["5\r\nhello!\r\n0\r\n\r\n", "a chunk that is longer than it says"],
    ["5\r\nhello\r\n\r\n0\r\n\r\n", "an empty line behind a chunk"],
    ["fffffffffffffffff\r\nhello", "a size that no number holds"],
    ["10000000000000\r\nhello", "a size that nobody sends"],
    [`5;${"a".repeat(2 * KIB)}\r\nhello\r\n0\r\n\r\n`, "an extension without end"],
    [`5;${"a".repeat(2 * KIB)}`, "an extension that has not ended"],
    [`0\r\n${"x: y\r\n".repeat(20 * KIB)}\r\n`, "a trailer without end"],
    ["0\r\nx: y\n\r\n", "a trailer that ends with a feed"],
  ])("%j is refused: %s", async (sent) => {
    expect(await caught(played(chunked(sent).split(""), "ends"))).toMatchObject(MALFORMED);
    for (let cut = 0; cut < Math.min(sent.length, 50); cut++)
      expect(await caught(played([chunked(sent.slice(0, cut)), sent.slice(cut)], "ends"))).toMatchObject(
        MALFORMED,
      );
  });

  test("that is cut anywhere is a lost connection", async () => {
    const sent = "5;a\r\nhello\r\n0\r\nx: y\r\n\r\n";
    for (let cut = 0; cut < sent.length; cut++)
      expect(await caught(played([chunked(sent.slice(0, cut))], "ends"))).toMatchObject(LOST);
  });

  test("ends where it says, and what is more ends the connection", async () => {
    for (const reads of [[chunked("1\r\na\r\n0\r\n\r\nHTTP")], [chunked("1\r\na\r\n0\r\n\r\n"), "HTTP"]])
      expect(await played(reads)).toMatchObject({ body: "a", isKept: false });
  });

  test.each(["gzip, chunked", "chunked, chunked", "gzip", "identity", "", "chunked;q=1", "xchunked"])(
    "is not one of %j",
    async (coding) => {
      const sent = answer([`transfer-encoding: ${coding}`], "1\r\na\r\n0\r\n\r\n");
      expect(await caught(played([sent]))).toMatchObject(MALFORMED);
    },
  );

  test("is named in any case, and counts where a length is said as well", async () => {
    const fields = ["content-length: 3", "Transfer-Encoding: Chunked"];
    expect(await played([answer(fields, "1\r\na\r\n0\r\n\r\n")])).toMatchObject({ body: "a" });
  });
});

describe("a body that ends with its connection", () => {
  test("is all that came, and the connection is not kept", async () => {
    expect(await played([answer([], "hel"), "lo"], "ends")).toMatchObject({ body: "hello", isKept: false });
    expect(await played([answer([], "")], "ends")).toMatchObject({ body: "" });
  });
});

describe("an answer without a body", () => {
  test.each<[string, string, string]>([
    ["HEAD", "200 OK", "content-length: 5"],
    ["HEAD", "200 OK", "transfer-encoding: chunked"],
    ["HEAD", "200 OK", "x-a: b"],
    ["GET", "204 No Content", "content-length: 5"],
    ["GET", "204 No Content", "x-a: b"],
    ["GET", "304 Not Modified", "content-length: 5"],
    ["GET", "304 Not Modified", "transfer-encoding: chunked"],
  ])("is that to %s with %s, though it says %s", async (method, status, field) => {
    expect(await played([answer([field], "", status)], "stays", method)).toMatchObject({
      body: "",
      isKept: true,
      headers: [field.split(": ")],
    });
    expect(await played([answer([field], "x", status)], "stays", method)).toMatchObject({ isKept: false });
  });

  test("is told by its method and status alone", () => {
    expect(hasBody("GET", 200)).toBe(true);
    expect(hasBody("GET", 205)).toBe(true);
    expect(hasBody("POST", 404)).toBe(true);
    expect(hasBody("HEAD", 200)).toBe(false);
  });
});

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array).toString("latin1"));
const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/).map((name) => `X-${name}`);
const fieldValue = fc.stringMatching(/^[!-~](?:[ -~]{0,20}[!-~])?$/);
const fields = fc.uniqueArray(fc.tuple(token, fieldValue), { selector: ([name]) => name, maxLength: 5 });
// The platform drops the body of a 205, which has none to tell of but may have sent one.
const status = fc.oneof(
  fc.constant(200),
  fc.integer({ min: 200, max: 599 }).filter((code) => ![204, 205, 304].includes(code)),
);
const extension = fc.constantFrom("", ";a", '; a="b;c"', ";x=1;y");

/** The body in its framing, and what the head says of it. */
const framed = fc.oneof(
  bytes.map((body) => ({ said: [`Content-Length: ${body.length}`], sent: body, ends: false })),
  fc
    .tuple(
      fc.array(
        fc.tuple(
          bytes.filter((piece) => piece !== ""),
          extension,
        ),
      ),
      fc.boolean(),
      fc.boolean(),
    )
    .map(([pieces, isUpper, hasTrailer]) => ({
      said: ["Transfer-Encoding: chunked"],
      sent: `${pieces
        .map(([piece, extended]) => {
          const size = piece.length.toString(16);
          return `${isUpper ? size.toUpperCase() : size}${extended}\r\n${piece}\r\n`;
        })
        .join("")}0\r\n${hasTrailer ? "X-Trailer: t\r\n" : ""}\r\n`,
      ends: false,
    })),
  bytes.map((body) => ({ said: [], sent: body, ends: true })),
);

const wellFormed = fc
  .record({ status, fields, framed, reason: fc.constantFrom("", " ", " OK", " Not Here") })
  .map(({ status, fields, framed: { said, sent, ends }, reason }) => ({
    text: answer(
      [...fields.map(([name, value]) => `${name}: ${value}`), ...said],
      sent,
      `${status}${reason}`,
    ),
    ends: ends ? ("ends" as const) : ("stays" as const),
  }));

const inReads = (text: string, cuts: readonly number[]): string[] => {
  const places = [...new Set([0, ...cuts.map((cut) => cut % text.length), text.length])].sort(
    (a, b) => a - b,
  );
  return places.slice(1).map((end, index) => text.slice(places[index], end));
};

test("the reads in which an answer comes change nothing", async () => {
  await fc.assert(
    fc.asyncProperty(wellFormed, fc.array(fc.nat(5000), { maxLength: 12 }), async ({ text, ends }, cuts) => {
      expect(await played(inReads(text, cuts), ends)).toEqual(await played([text], ends));
    }),
    { numRuns: 500 },
  );
});

test("the reads in which anything comes change nothing", async () => {
  const alphabet = fc.constantFrom(
    "\r\n",
    "\r",
    "\n",
    "0",
    "5",
    "a",
    ";",
    ":",
    " ",
    "hello",
    "\r\n\r\n",
    "x: y",
  );
  const mangled = fc.tuple(wellFormed, fc.nat(2000), alphabet, fc.nat(3)).map(([{ text }, at, put, gone]) => {
    const place = at % text.length;
    return text.slice(0, place) + put + text.slice(place + gone);
  });
  const outcome = (reads: readonly string[]): Promise<unknown> =>
    played(reads, "ends").catch((error: unknown) => (error as { readonly code: string }).code);
  await fc.assert(
    fc.asyncProperty(mangled, fc.array(fc.nat(5000), { maxLength: 12 }), async (text, cuts) => {
      expect(await outcome(inReads(text, cuts))).toEqual(await outcome([text]));
    }),
    { numRuns: 500 },
  );
});

test("an answer is read as the platform reads it", async () => {
  let said = { text: "", ends: "stays" };
  const server = await startRawServer(async (connection) => {
    for (;;) {
      await connection.request();
      connection.say(said.text);
      if (said.ends === "ends") connection.socket.end();
    }
  });
  const client = createHttpClient();
  const readBy = async (response: Pick<HttpResponse, "status" | "headers" | "bytes">) => ({
    status: response.status,
    headers: [...response.headers].sort(([one], [other]) => (one < other ? -1 : 1)),
    body: Buffer.from(await response.bytes()).toString("latin1"),
  });
  await fc.assert(
    fc.asyncProperty(wellFormed, async (next) => {
      said = next;
      const ours = await readBy(await client.send(server.url, request()));
      const theirs = await readBy(await fetch(server.url, { decompress: false, redirect: "manual" }));
      expect(ours).toEqual(theirs);
    }),
    { numRuns: 200 },
  );
});
