import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { type AddressInfo, createServer } from "node:net";
import { createEgress, EgressRefused } from "../../src/lib/egress.ts";
import type { EgressPolicy, OpenedSocket, ResolvedAddress, SocketRequest } from "../../src/lib/egress.ts";
import { dialSocket, type DialOptions } from "../../src/lib/egress.socket.ts";
import { startSocketUpstream } from "../support/socket-upstream.ts";
import { closedUrl } from "../support/upstream.ts";
import { within } from "../support/wait.ts";
import { caught } from "./caught.ts";
import { CERTIFICATE, PRIVATE_KEY } from "./certificate.ts";

const CLOSED: EgressPolicy = { trusted: [], allowLoopback: false };
const LOCAL: EgressPolicy = { trusted: [], allowLoopback: true };
const PUBLIC: readonly ResolvedAddress[] = [{ address: "93.184.215.14", family: 4 }];

const request = (more: Partial<SocketRequest> = {}): SocketRequest => ({
  headers: {},
  protocols: [],
  signal: new AbortController().signal,
  maxMessageBytes: 1024,
  ...more,
});

const upstream = startSocketUpstream();
afterEach(() => upstream.reset());
afterAll(() => upstream.close());

const opened = (answer: OpenedSocket | Response): OpenedSocket => {
  if (answer instanceof Response) throw new Error(`The session was refused with ${answer.status}`);
  return answer;
};

describe("a WebSocket to a host that a caller named", () => {
  test.each([
    ["http://127.0.0.1/", "private_address"],
    ["https://169.254.169.254/v1/realtime", "private_address"],
    ["http://metadata.google.internal/", "not_allowed"],
    ["http://a:b@ok.example/", "userinfo"],
    ["ws://ok.example/", "scheme"],
  ])("%s is refused", async (url, reason) => {
    const error = await caught(createEgress({ policy: CLOSED }).connect(url, request(), "caller"));
    expect(error).toBeInstanceOf(EgressRefused);
    expect(error).toMatchObject({ reason });
  });

  test("is refused when its name leads to a private address", async () => {
    const dialled: string[] = [];
    const egress = createEgress({
      policy: CLOSED,
      resolve: async () => [{ address: "10.0.0.1", family: 4 }],
      dial: async (url) => {
        dialled.push(url);
        return new Response();
      },
    });
    const error = await caught(egress.connect("https://ok.example/", request(), "caller"));
    expect(error).toMatchObject({ reason: "private_address" });
    expect(dialled).toEqual([]);
  });

  test("is dialled by the address that was checked, under its own name, and tries the next one", async () => {
    const dialled: (readonly [string, DialOptions])[] = [];
    const egress = createEgress({
      policy: CLOSED,
      resolve: async () => [...PUBLIC, { address: "2606:2800:220:1::1", family: 6 }],
      dial: async (url, options) => {
        dialled.push([url, options]);
        if (dialled.length === 1) throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
        return new Response(null, { status: 403 });
      },
    });
    await egress.connect("https://ok.example:8443/v1/x?model=m", request(), "caller");
    expect(dialled.map(([url]) => url)).toEqual([
      "wss://93.184.215.14:8443/v1/x?model=m",
      "wss://[2606:2800:220:1::1]:8443/v1/x?model=m",
    ]);
    expect(dialled[1]?.[1]).toMatchObject({
      headers: { host: "ok.example:8443" },
      tls: { serverName: "ok.example" },
    });
  });

  test("has the certificate of its name", async () => {
    const secure = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: { cert: CERTIFICATE, key: PRIVATE_KEY },
      fetch: (incoming) => new Response(incoming.headers.get("host"), { status: 403 }),
    });
    // Loopback plays the public address, and the test's certificate an authority.
    const trusting = { ca: CERTIFICATE };
    const egress = createEgress({
      policy: CLOSED,
      resolve: async () => PUBLIC,
      dial: (url, { tls, ...options }) =>
        dialSocket(url.replace("93.184.215.14", "127.0.0.1"), {
          ...options,
          ...(tls === undefined ? {} : { tls: { ...tls, ...trusting } }),
        }),
    });
    const call = (host: string) => egress.connect(`https://${host}:${secure.port}/`, request(), "caller");
    const answer = await call("pub.example");
    expect(answer).toBeInstanceOf(Response);
    expect(await (answer as Response).text()).toBe(`pub.example:${secure.port}`); // checked a line above
    expect(await caught(call("other.example"))).toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    await secure.stop(true);
  });
});

describe("dialling", () => {
  const connect = (more: Partial<SocketRequest> = {}) =>
    createEgress({ policy: LOCAL }).connect(`${upstream.url}/v1/realtime`, request(more), "fixed");

  test("shows a refusal whole", async () => {
    upstream.refuse(() =>
      Response.json({ error: { message: "no" } }, { status: 429, headers: { "retry-after": "3" } }),
    );
    const answer = await connect();
    expect(answer).toBeInstanceOf(Response);
    expect(answer).toMatchObject({ status: 429 });
    expect(answer.headers.get("retry-after")).toBe("3");
    expect(await (answer as Response).json()).toEqual({ error: { message: "no" } }); // checked above
  });

  test("leaves no connection behind a refusal that was read", async () => {
    const gone = Promise.withResolvers<void>();
    const server = createServer((socket) => {
      socket.once("data", () => socket.write("HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno"));
      socket.on("close", () => gone.resolve());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo; // it listens on a port
    const answer = await createEgress({ policy: LOCAL }).connect(
      `http://127.0.0.1:${port}/`,
      request(),
      "fixed",
    );
    expect(await (answer as Response).text()).toBe("no"); // a server like this opens nothing
    await within(gone.promise, "the connection to end", 1000);
    server.close();
  });

  test("follows no redirect", async () => {
    upstream.refuse(
      () => new Response(null, { status: 302, headers: { location: `${upstream.url}/elsewhere` } }),
    );
    expect(await connect()).toMatchObject({ status: 302 });
    expect(upstream.openings.all).toHaveLength(1);
  });

  test("sees no proxy of the environment", async () => {
    const before = process.env["HTTP_PROXY"];
    process.env["HTTP_PROXY"] = await closedUrl();
    try {
      opened(await connect()).terminate();
    } finally {
      if (before === undefined) delete process.env["HTTP_PROXY"];
      else process.env["HTTP_PROXY"] = before;
    }
  });

  test("tells where nobody listens", async () => {
    const call = createEgress({ policy: LOCAL }).connect(await closedUrl(), request(), "fixed");
    expect(await caught(call)).toMatchObject({ code: "ECONNREFUSED" });
  });

  test("ends with its signal, before and after it is open", async () => {
    const early = new AbortController();
    upstream.refuse(() => new Promise<Response>(() => undefined));
    const call = connect({ signal: early.signal });
    await upstream.openings.next();
    early.abort();
    expect(await caught(call)).toHaveProperty("name", "AbortError");
    const late = new AbortController();
    opened(await connect({ signal: late.signal }));
    const session = await upstream.sessions.next();
    late.abort();
    expect(await session.closed).toMatchObject({ code: 1006 });
    expect(await caught(connect({ signal: late.signal }))).toHaveProperty("name", "AbortError");
  });

  test("keeps what is said, and that it ended, until somebody listens", async () => {
    upstream.greet("one", new Uint8Array([2]));
    const socket = opened(await connect());
    const session = await upstream.sessions.next();
    const told: unknown[] = [];
    const { promise: over, resolve } = Promise.withResolvers<void>();
    session.socket.close(4000, "bye");
    socket.listen({
      message: (message) => told.push(message),
      drained: () => undefined,
      closed: (code, reason) => {
        told.push([code, reason]);
        resolve();
      },
    });
    await over;
    expect(told).toEqual(["one", Buffer.from([2]), [4000, "bye"]]);
  });
});
