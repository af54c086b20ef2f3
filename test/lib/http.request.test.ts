import { describe, expect, spyOn, test } from "bun:test";
import type { HttpBody, HttpRequest } from "../../src/lib/http.ts";
import { createHttpClient } from "../../src/lib/http.client.ts";
import { RequestHeads } from "../../src/lib/http.request.ts";
import { caught } from "./caught.ts";
import type { SentRequest } from "./raw-server.ts";
import { NO_CONTENT, request, startAnswering, startRawServer } from "./raw-server.ts";

/** What arrives of a request, whose URL ends in this. */
const arrived = async (
  more: Partial<HttpRequest> = {},
  { end = "", host = "127.0.0.1" } = {},
): Promise<SentRequest & { readonly port: number }> => {
  const { promise, resolve } = Promise.withResolvers<SentRequest>();
  const server = await startRawServer(async (connection) => {
    resolve(await connection.request());
    connection.say(NO_CONTENT);
  }, host);
  await createHttpClient().send(`${server.url.slice(0, -1)}${end}`, request(more));
  return { ...(await promise), port: server.port };
};

const post = (body: HttpBody | null, headers: Record<string, string> = {}) =>
  arrived({ method: "POST", headers, body });

/** Without what stands in every head. */
const fieldsOf = ({ head }: SentRequest): string[] =>
  head
    .split("\r\n")
    .slice(1, -2)
    .filter((line) => !/^(?:host|accept|content-length):/.test(line));

describe("a request", () => {
  test("is a line, the host and what is accepted", async () => {
    const { head, body, port } = await arrived();
    expect(head).toBe(`GET / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\naccept: */*\r\n\r\n`);
    expect(body).toBe("");
  });

  test.each(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "Report"])(
    "is of the method it is given: %s",
    async (method) => {
      expect((await arrived({ method })).head).toStartWith(`${method} / HTTP/1.1\r\n`);
    },
  );

  test.each([
    ["POST", "content-length: 0"],
    ["PUT", "content-length: 0"],
    ["PATCH", "content-length: 0"],
    ["GET", undefined],
    ["DELETE", undefined],
    ["HEAD", undefined],
  ])("%s without a body says %p of its length", async (method, said) => {
    const { head } = await arrived({ method, body: null });
    expect(/^content-length: \d+/m.exec(head)?.[0]).toBe(said);
    expect(head).not.toContain("transfer-encoding");
  });

  test("has the fields that it is given, in their order, under names in lower case", async () => {
    const headers = { "X-First": "  a: b;\tc  ", authorization: "Bearer ~!@#$%^&*()", "x-empty": "" };
    expect(fieldsOf(await arrived({ headers }))).toEqual([
      "x-first:   a: b;\tc  ",
      "authorization: Bearer ~!@#$%^&*()",
      "x-empty: ",
    ]);
  });

  test("has the fields of Headers, too", async () => {
    const headers = new Headers({ "X-One": "1" });
    headers.append("x-two", "a");
    headers.append("x-two", "b");
    expect(fieldsOf(await arrived({ headers }))).toEqual(["x-one: 1", "x-two: a, b"]);
  });

  test("accepts what it is told to and nothing else", async () => {
    const { head } = await arrived({ headers: { Accept: "text/event-stream" } });
    expect(head.match(/^accept: .*(?=\r)/gm)).toEqual(["accept: text/event-stream"]);
  });

  test.each(["plain", "of Headers"])("drops the fields that are the connection's: %s", async (kind) => {
    const own = {
      Connection: "close",
      "Content-Length": "7",
      Expect: "100-continue",
      Host: "evil.test",
      "Keep-Alive": "timeout=1",
      "Proxy-Connection": "close",
      TE: "trailers",
      Trailer: "x-sum",
      "Transfer-Encoding": "gzip",
      Upgrade: "h2c",
    };
    const sent = await arrived({
      method: "POST",
      headers: kind === "plain" ? own : new Headers(own),
      body: "hi",
    });
    expect(fieldsOf(sent)).toEqual([]);
    expect(sent.head).toContain(`host: 127.0.0.1:${sent.port}\r\n`);
    expect(sent.head).toContain("content-length: 2\r\n");
  });

  test.each<[string, HttpBody | null]>([
    ["without a body", null],
    ["with a text of several bytes a character", "grüße €"],
    ["with bytes", new Uint8Array([0, 255, 13, 10])],
    ["with a body too large to be joined", "ü".repeat(40_000)],
  ])("writes each character of a field's value as one byte, %s", async (_, body) => {
    const sent = await post(body, { "x-name": "Zoë\u0080ÿ" });
    expect(fieldsOf(sent)).toEqual(["x-name: Zoë\u0080ÿ"]);
    expect(sent.body).toBe(Buffer.from((body ?? "") as string).toString("latin1"));
  });

  test.each<[string, Partial<HttpRequest>]>([
    ["a line ending in a value", { headers: { "x-a": "b\r\nx-c: d" } }],
    ["a return in a value", { headers: { "x-a": "b\rc" } }],
    ["a feed in a value", { headers: { "x-a": "b\nc" } }],
    ["a NUL in a value", { headers: { "x-a": "\0" } }],
    ["a value that is not Latin-1", { headers: { "x-a": "€" } }],
    ["a name with a space", { headers: { "x a": "b" } }],
    ["a name with a colon", { headers: { "x:a": "b" } }],
    ["a name with a line ending", { headers: { "x\r\ny": "b" } }],
    ["a name that is not ASCII", { headers: { "x-ü": "b" } }],
    ["no name", { headers: { "": "b" } }],
    ["a method with a space", { method: "GET /evil" }],
    ["a method with a line ending", { method: "GET\r\n" }],
    ["no method", { method: "" }],
  ])("is not sent with %s", async (_, more) => {
    const server = await startAnswering(NO_CONTENT);
    const client = createHttpClient();
    expect(await caught(client.send(server.url, request(more)))).toBeInstanceOf(TypeError);
    await client.send(server.url, request());
    expect(server.connections).toHaveLength(1);
  });

  test("has no line break around a value, which a key out of a file may have", async () => {
    expect(fieldsOf(await post(null, { authorization: "Bearer a\r\n", "x-b": "\nb" }))).toEqual([
      "authorization: Bearer a",
      "x-b: b",
    ]);
  });

  test("is not told in the error that refuses it", async () => {
    const headers = { authorization: "secret\nsecret" };
    const error = await caught(createHttpClient().send("http://127.0.0.1:1/", request({ headers })));
    expect(String(error)).not.toContain("secret");
  });
});

describe("the target of a request", () => {
  test.each([
    "",
    "?a=b",
    "?a=/b/../c",
    "/",
    "/a/../b/./c/..",
    "/a/%2e%2E/b",
    "/a/.%2e/b",
    "/.hidden/x",
    "//twice//",
    "/a b?c d",
    "/ü/€?ö=😀",
    "/x#fragment",
    "/x?y#fragment?z",
    "/x?#",
    "/a|b^c{d}`e\\f?a|b^c{d}`e\\f",
    '/"<>"?"<>"',
    "/o'clock",
    "/x?name='o'",
    "/a%zz%20?%zz%2F",
    "/x\ty\n",
    "/v1/models/a:b@c;d,e=f!$&()*+~",
  ])("is what a URL makes of it: %p", async (end) => {
    const { head, port } = await arrived({}, { end });
    const url = new URL(`http://127.0.0.1:${port}${end}`);
    url.hash = "";
    expect(head.split("\r\n")[0]).toBe(`GET ${url.href.slice(url.origin.length)} HTTP/1.1`);
  });

  test.each(["no URL", "http://", "/path", "http://a b/", "http://127.0.0.1:99999/"])(
    "has to be a URL: %p",
    async (url) => {
      expect(await caught(createHttpClient().send(url, request()))).toBeInstanceOf(TypeError);
    },
  );
});

describe("the host of a request", () => {
  test("is an IPv6 address in brackets", async () => {
    const { head, port } = await arrived({}, { host: "::1" });
    expect(head).toContain(`host: [::1]:${port}\r\n`);
  });

  test("is in lower case and without what stands before an @", async () => {
    const server = await startAnswering(NO_CONTENT);
    await createHttpClient().send(`HTTP://user:secret@PUB.example:${server.port}/A`, request(), "127.0.0.1");
    const [connection] = server.connections;
    expect(connection?.last).toBe(
      `GET /A HTTP/1.1\r\nhost: pub.example:${server.port}\r\naccept: */*\r\n\r\n`,
    );
  });

  test.each(["http://pub.example:80/", "http://pub.example/"])("has no port at %s", async (url) => {
    const server = await startAnswering(NO_CONTENT);
    const dial = Bun.connect.bind(Bun);
    const dialled: unknown[] = [];
    // Nobody may listen on port 80 here: what dials it is led elsewhere.
    const connecting = spyOn(Bun, "connect").mockImplementation((options) => {
      if ("port" in options) dialled.push(options.port);
      return dial({ ...options, hostname: "127.0.0.1", port: server.port });
    });
    try {
      await createHttpClient().send(url, request());
    } finally {
      connecting.mockRestore();
    }
    expect(dialled).toEqual([80]);
    expect(server.connections[0]?.last).toContain("\r\nhost: pub.example\r\n");
  });
});

describe("a body", () => {
  test.each<[string, HttpBody, string]>([
    ["an empty text", "", ""],
    ["a text", "grüße €😀", "grüße €😀"],
    ["half a character", "a\ud800b", "a\ufffdb"],
    ["bytes", new TextEncoder().encode("bytes"), "bytes"],
    ["a part of a buffer", new TextEncoder().encode("a part of it").subarray(2, 6), "part"],
    ["no bytes", new Uint8Array(), ""],
  ])("of %s has the length of its bytes", async (_, body, text) => {
    const { head, body: came } = await post(body);
    const bytes = Buffer.from(text);
    expect(head).toContain(`\r\ncontent-length: ${bytes.length}\r\n`);
    expect(came).toBe(bytes.toString("latin1"));
  });

  const KIB = 1024;
  test.each([64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 8 * KIB * KIB])(
    "of %d bytes arrives as it was, as bytes and as text",
    async (size) => {
      const bytes = new Uint8Array(size).map((_, index) => (index * 7 + (index >> 8)) & 0x7f);
      const text = Buffer.from(bytes).toString("latin1");
      for (const body of [bytes, text]) {
        const sent = await post(body);
        expect(sent.head).toContain(`content-length: ${size}\r\n`);
        expect(sent.body === text).toBe(true); // a difference of megabytes tells nobody anything
      }
      expect(bytes.length).toBe(size); // not given away
    },
  );

  test("of several MiB of text has the length of its bytes", async () => {
    const text = "€😀ü".repeat(300_000);
    const { head, body } = await post(text);
    expect(head).toContain(`content-length: ${Buffer.byteLength(text)}\r\n`);
    expect(Buffer.from(body, "latin1").toString() === text).toBe(true);
  });

  test("that is a form is written under a boundary of its own", async () => {
    const form = new FormData();
    form.set("model", "grüße");
    form.set("file", new File([new Uint8Array([0, 1, 255])], "a.bin"));
    const { head, body } = await post(form, {
      "Content-Type": "multipart/form-data; boundary=other",
      "x-a": "b",
    });
    const types = head.match(/^content-type: .*(?=\r)/gm) ?? [];
    expect(types).toHaveLength(1);
    expect(head).toContain("\r\nx-a: b\r\n");
    const headers = { "content-type": types[0]?.slice("content-type: ".length) ?? "" };
    const read = await new Response(Buffer.from(body, "latin1"), { headers }).formData();
    expect(read.get("model")).toBe("grüße");
    expect(await (read.get("file") as File).bytes()).toEqual(new Uint8Array([0, 1, 255]));
  });
});

test("a head says how its body ends", () => {
  const head = (length: number | "chunked" | "none") =>
    new RequestHeads("/x", "h").write({ method: "DELETE", headers: {} }, length).text;
  const start = "DELETE /x HTTP/1.1\r\nhost: h\r\naccept: */*\r\n";
  expect(head(3)).toBe(`${start}content-length: 3\r\n\r\n`);
  expect(head("chunked")).toBe(`${start}transfer-encoding: chunked\r\n\r\n`);
  expect(head("none")).toBe(`${start}\r\n`);
});

describe("a head after another to the same place", () => {
  type Fields = Record<string, string>;
  const written = (heads: RequestHeads, headers: Fields | Headers, method = "POST") =>
    heads.write({ method, headers }, 1);
  const FIRST = { authorization: "Bearer a", "x-one": "1" };
  const others: readonly Fields[] = [
    { authorization: "Bearer b", "x-one": "1" },
    { authorization: "Bearer a" },
    { authorization: "Bearer a", "x-two": "1" },
    { authorization: "Bearer a", "x-one": "1", "x-two": "2" },
    { "x-one": "1" },
    { authorization: "Bearer a", "x-one": "\u00e9" },
    {},
  ];

  test.each(others.map((fields) => [fields]))("says its own fields: %j", (fields) => {
    const heads = new RequestHeads("/x", "h");
    for (const each of [FIRST, FIRST, fields, FIRST, fields, fields])
      for (const given of [each, new Headers(each)])
        expect(written(heads, given)).toEqual(written(new RequestHeads("/x", "h"), given));
  });

  test("says its own method", () => {
    const heads = new RequestHeads("/x", "h");
    const methods = ["POST", "PUT", "PUT", "POST"];
    expect(methods.map((method) => written(heads, FIRST, method).text.split(" ")[0])).toEqual(methods);
  });

  test("does not hear of what is done to the fields of the first", () => {
    const heads = new RequestHeads("/x", "h");
    const fields: Fields = { ...FIRST };
    expect(written(heads, fields).text).toContain("Bearer a");
    fields["authorization"] = "Bearer b";
    expect(written(heads, fields).text).toContain("Bearer b");
  });

  test("is refused for itself, and the next is not", () => {
    const heads = new RequestHeads("/x", "h");
    written(heads, FIRST);
    expect(() => written(heads, { ...FIRST, "x-one": "a\r\nb" })).toThrow(TypeError);
    expect(() => written(heads, FIRST, "GET /y")).toThrow(TypeError);
    expect(written(heads, FIRST).text).toContain("x-one: 1\r\n");
  });
});
