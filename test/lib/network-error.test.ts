import { afterAll, describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { lookup } from "node:dns/promises";
import { BodyUndecodable } from "../../src/lib/body.ts";
import { createHttpClient } from "../../src/lib/http.client.ts";
import { classifyNetworkError } from "../../src/lib/network-error.ts";
import type { NetworkCause, NetworkFault } from "../../src/lib/network-error.ts";
import { caught } from "./caught.ts";
import { CERTIFICATE, PRIVATE_KEY } from "./certificate.ts";

const HEAD = "HTTP/1.1 200 OK\r\n";

const cleanups: (() => unknown)[] = [];
afterAll(() => Promise.all(cleanups.map((clean) => clean())));

/** The URL of a server that does this to every connection once something was asked. */
const upstream = async (answer: (socket: Socket) => void): Promise<string> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => answer(socket));
  });
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${await listen(server)}/secret-path?key=secret-key`;
};

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
  );

/** What the failure of a call is; `address` is dialled instead of the URL's name. */
const faultOf = async (
  url: string,
  { ca, address, signal = new AbortController().signal }: Partial<FaultOptions> = {},
): Promise<NetworkFault> => {
  const client = createHttpClient(ca === undefined ? {} : { ca });
  const call = client.send(url, { method: "GET", headers: {}, signal }, address);
  return classifyNetworkError(await caught(call.then((response) => response.text())));
};

interface FaultOptions {
  readonly ca: string;
  readonly address: string;
  readonly signal: AbortSignal;
}

describe("a failed call is named by its cause", () => {
  test("nobody listens", async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await faultOf(`http://127.0.0.1:${port}/`)).toEqual({
      cause: "refused",
      message: "connection refused",
    });
  });

  test("a name that does not exist", async () => {
    const name = "a".repeat(64); // longer than a label may be, so that no name server is asked
    const fault = { cause: "dns", message: "name not resolved" } as const;
    expect(await faultOf(`http://${name}.invalid/`)).toEqual(fault);
    expect(classifyNetworkError(await caught(lookup(`${name}.invalid`)))).toEqual(fault);
  });

  test.each<[string, (socket: Socket) => void]>([
    ["before its head", (socket) => socket.end()],
    ["before its head, with a reset", (socket) => socket.resetAndDestroy()],
    ["inside a body of known length", (socket) => socket.end(`${HEAD}content-length: 9\r\n\r\nabc`)],
    [
      "inside a chunked body",
      (socket) => socket.end(`${HEAD}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`),
    ],
  ])("the upstream closes %s", async (_, answer) => {
    expect(await faultOf(await upstream(answer))).toEqual({ cause: "reset", message: "connection closed" });
  });

  test("the upstream's head is too large", async () => {
    const url = await upstream((socket) => socket.end(`${HEAD}x: ${"x".repeat(100_000)}\r\n\r\n`));
    expect(await faultOf(url)).toEqual({ cause: "other", message: "response head is too large" });
  });

  test("the upstream's head is none", async () => {
    const url = await upstream((socket) => socket.end("SSH-2.0-secret\r\n\r\n"));
    expect(await faultOf(url)).toEqual({ cause: "other", message: "response is not valid HTTP" });
  });

  test("the upstream's chunks are none", async () => {
    const url = await upstream((socket) => socket.end(`${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n`));
    expect(await faultOf(url)).toEqual({ cause: "other", message: "response is not valid HTTP" });
  });

  test("the call is cancelled", async () => {
    const leaving = new AbortController();
    const url = await upstream(() => leaving.abort());
    expect(await faultOf(url, { signal: leaving.signal })).toEqual({
      cause: "aborted",
      message: "call cancelled",
    });
  });

  test("a deadline passes", async () => {
    const late = new AbortController();
    const url = await upstream(() => late.abort(new DOMException("late", "TimeoutError")));
    expect(await faultOf(url, { signal: late.signal })).toEqual({ cause: "timeout", message: "timed out" });
  });
});

describe("TLS", () => {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert: CERTIFICATE, key: PRIVATE_KEY },
    fetch: () => new Response("ok"),
  });
  cleanups.push(() => server.stop(true));
  const url = `https://127.0.0.1:${server.port}/`;

  test("a certificate that nobody trusted signed", async () => {
    expect(await faultOf(url)).toEqual({ cause: "tls", message: "TLS certificate not trusted" });
  });

  test("a certificate for another name", async () => {
    const named = `https://other.example:${server.port}/`;
    expect(await faultOf(named, { ca: CERTIFICATE, address: "127.0.0.1" })).toEqual({
      cause: "tls",
      message: "TLS certificate is for another name",
    });
  });

  test("a server that says nothing to it", async () => {
    const silent = await upstream(() => undefined);
    const client = createHttpClient({ connectMs: 20 });
    const request = { method: "GET", headers: {}, signal: new AbortController().signal };
    const call = client.send(silent.replace("http:", "https:"), request);
    expect(classifyNetworkError(await caught(call))).toEqual({ cause: "timeout", message: "timed out" });
  });

  test("a server that does not speak it", async () => {
    const plain = await upstream((socket) => socket.end(`${HEAD}content-length: 0\r\n\r\n`));
    expect(await faultOf(plain.replace("http:", "https:"))).toEqual({
      cause: "tls",
      message: "TLS handshake failed",
    });
  });
});

test.each<[string, NetworkCause, string]>([
  ["CERT_HAS_EXPIRED", "tls", "TLS certificate expired"],
  ["CERT_REVOKED", "tls", "TLS certificate not trusted"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls", "TLS certificate not trusted"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "tls", "TLS handshake failed"],
  ["EAI_AGAIN", "dns", "name not resolved"],
  ["EHOSTUNREACH", "refused", "host unreachable"],
  ["ETIMEDOUT", "timeout", "timed out"],
  ["Malformed_HTTP_Response", "other", "response is not valid HTTP"],
  ["SOMETHING_NEW", "other", "connection failed"],
])("code %s is %s: %s", (code, cause, message) => {
  const error = Object.assign(new TypeError("fetching https://secret"), { code });
  expect(classifyNetworkError(error)).toEqual({ cause, message });
});

test("what is no error of the network has no cause of its own", () => {
  const fault = { cause: "other", message: "connection failed" } as const;
  for (const thrown of [undefined, "secret", 1, {}, new Error("secret")])
    expect(classifyNetworkError(thrown)).toEqual(fault);
  expect(classifyNetworkError(new BodyUndecodable())).toEqual({
    cause: "other",
    message: "response body could not be decoded",
  });
});
