import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { createEgress, EgressRefused } from "../../src/lib/egress.ts";
import type { EgressOptions, EgressPolicy, EgressRequest, ResolvedAddress } from "../../src/lib/egress.ts";
import type { HttpBody, HttpRequest } from "../../src/lib/http.ts";
import { createHttpClient } from "../../src/lib/http.client.ts";
import { caught } from "./caught.ts";
import { CERTIFICATE, PRIVATE_KEY } from "./certificate.ts";

const CLOSED: EgressPolicy = { trusted: [], allowLoopback: false };
const LOCAL: EgressPolicy = { trusted: [], allowLoopback: true };
const PUBLIC: readonly ResolvedAddress[] = [{ address: "93.184.215.14", family: 4 }];

const request = (more: Partial<EgressRequest> = {}): EgressRequest => ({
  method: "GET",
  headers: {},
  signal: new AbortController().signal,
  ...more,
});

interface Dialled {
  readonly url: string;
  readonly request: HttpRequest;
  /** Where the connection goes instead of to the URL's name. */
  readonly address: string | undefined;
}

/** An egress whose calls are noted instead of made. */
const noted = (options: Partial<EgressOptions> = {}) => {
  const dialled: Dialled[] = [];
  const egress = createEgress({
    policy: CLOSED,
    resolve: async () => PUBLIC,
    client: {
      send: async (url, request, address) => {
        dialled.push({ url, request, address });
        return new Response("ok");
      },
    },
    ...options,
  });
  return { dialled, egress };
};

const reasonOf = async (call: Promise<unknown>): Promise<unknown> => {
  const error = await caught(call);
  return error instanceof EgressRefused ? error.reason : error;
};

const servers: Bun.Server<undefined>[] = [];
const serve = (handle: (request: Request) => Response): Bun.Server<undefined> => {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: handle });
  servers.push(server);
  return server;
};
afterAll(() => Promise.all(servers.map((server) => server.stop(true))));

describe("a host that a caller named", () => {
  test.each([
    ["http://127.0.0.1/", "private_address"],
    ["http://[::ffff:a9fe:a9fe]/", "private_address"],
    ["http://metadata.google.internal/", "not_allowed"],
    ["http://my_gw/", "not_allowed"],
    ["http://a:b@ok.example/", "userinfo"],
    ["file:///etc/passwd", "scheme"],
    ["data:text/plain,x", "scheme"],
    ["http://ok.example:0/", "port"],
    ["http://ok.example:6379/", "port"],
  ])("%s is refused: %s", async (url, reason) => {
    const { dialled, egress } = noted();
    expect(await reasonOf(egress.send(new URL(url), request(), "caller"))).toBe(reason);
    expect(dialled).toEqual([]);
  });

  test.each<[string, readonly ResolvedAddress[]]>([
    ["loopback", [{ address: "127.0.0.1", family: 4 }]],
    ["metadata", [{ address: "169.254.169.254", family: 4 }]],
    ["a private IPv6 address", [{ address: "fd00::1", family: 6 }]],
    ["a link-local address with a zone", [{ address: "fe80::1%eth0", family: 6 }]],
    ["a public and a private address", [...PUBLIC, { address: "10.0.0.1", family: 4 }]],
    ["a public and a mapped private address", [...PUBLIC, { address: "::ffff:10.0.0.1", family: 6 }]],
    ["what is no address", [{ address: "elsewhere", family: 4 }]],
    ["what no URL can hold", [{ address: "2606:4700::1111%eth0", family: 6 }]],
    ["an address of another family", [{ address: "2606:4700::1111", family: 4 }]],
  ])("is refused when its name stands for %s", async (_, addresses) => {
    for (const policy of [CLOSED, LOCAL]) {
      const { dialled, egress } = noted({ policy, resolve: async () => addresses });
      expect(await reasonOf(egress.send(new URL("http://pub.example/"), request(), "caller"))).toBe(
        "private_address",
      );
      expect(dialled).toEqual([]);
    }
  });

  test("is dialled by a checked address under its own name", async () => {
    const { dialled, egress } = noted();
    const headers = { authorization: "Bearer k", Host: "evil.test" };
    await egress.send(new URL("https://pub.example:8443/v1/x?y=1"), request({ headers }), "caller");
    expect(dialled[0]).toMatchObject({
      url: "https://pub.example:8443/v1/x?y=1",
      address: "93.184.215.14",
      request: { headers: { authorization: "Bearer k" } },
    });
  });

  test("is dialled at an IPv6 address", async () => {
    const { dialled, egress } = noted({ resolve: async () => [{ address: "2606:4700::1111", family: 6 }] });
    await egress.send(new URL("http://pub.example/"), request(), "caller");
    expect(dialled[0]).toMatchObject({ url: "http://pub.example/", address: "2606:4700::1111" });
  });

  test("is dialled as it stands when it is a public address", async () => {
    const { dialled, egress } = noted({ resolve: () => Promise.reject(new Error("no question expected")) });
    await egress.send(new URL("http://8.8.8.8/v1"), request(), "caller");
    expect(dialled[0]).toMatchObject({ url: "http://8.8.8.8/v1", address: undefined });
  });

  test("stays with its first answer while that is remembered, and is judged again after", async () => {
    let now = 1000;
    const answers = [PUBLIC, [{ address: "127.0.0.1", family: 4 as const }]];
    const { dialled, egress } = noted({ resolve: async () => answers.shift() ?? [], now: () => now });
    const send = () => egress.send(new URL("http://pub.example/"), request(), "caller");
    await send();
    await send();
    expect(dialled.map(({ address }) => address)).toEqual(["93.184.215.14", "93.184.215.14"]);
    now += 30_001;
    expect(await reasonOf(send())).toBe("private_address");
    expect(dialled).toHaveLength(2);
  });

  test("is dialled by name when it is trusted", async () => {
    const policy = { trusted: ["my_gw", "10.0.0.5"], allowLoopback: true };
    const resolve = () => Promise.reject(new Error("no question expected"));
    for (const host of ["my_gw", "10.0.0.5", "localhost", "127.0.0.1", "[::1]"]) {
      const { dialled, egress } = noted({ policy, resolve });
      await egress.send(new URL(`https://${host}:8000/`), request(), "caller");
      expect(dialled[0]?.url).toBe(`https://${host}:8000/`);
      expect(dialled[0]?.address).toBeUndefined();
    }
  });

  test("that has no address is a network error, not a refusal", async () => {
    const { egress } = noted({ resolve: async () => [] });
    expect(await caught(egress.send(new URL("http://pub.example/"), request(), "caller"))).toMatchObject({
      code: "ENOTFOUND",
    });
    const failing = noted({
      resolve: () => Promise.reject(Object.assign(new Error(), { code: "EAI_AGAIN" })),
    });
    expect(
      await caught(failing.egress.send(new URL("http://pub.example/"), request(), "caller")),
    ).toMatchObject({
      code: "EAI_AGAIN",
    });
  });

  test("is not waited for once the call has ended", async () => {
    const leaving = new AbortController();
    const { dialled, egress } = noted({ resolve: () => new Promise(() => undefined) });
    const call = egress.send(new URL("http://pub.example/"), request({ signal: leaving.signal }), "caller");
    leaving.abort(new Error("client left"));
    expect(await reasonOf(call)).toEqual(new Error("client left"));
    expect(dialled).toEqual([]);
  });
});

describe("a name of several addresses", () => {
  const SEVERAL: readonly ResolvedAddress[] = [1, 2, 3, 4, 5, 6].map((last) => ({
    address: `93.184.215.${last}`,
    family: 4,
  }));
  const failing = (code: string) => {
    const dialled: string[] = [];
    const egress = createEgress({
      policy: CLOSED,
      resolve: async () => SEVERAL,
      client: {
        send: async (_url, _request, address = "") => {
          dialled.push(address);
          if (address.includes("215.3")) return new Response("ok");
          throw Object.assign(new TypeError(), { code });
        },
      },
    });
    const send = (body: HttpBody) =>
      egress.send(new URL("http://pub.example/"), request({ method: "POST", body }), "caller");
    return { dialled, send };
  };

  test("is tried at the next one when the last took no connection", async () => {
    const { dialled, send } = failing("ECONNREFUSED");
    expect((await send("{}")).status).toBe(200);
    expect(dialled).toEqual(["93.184.215.1", "93.184.215.2", "93.184.215.3"]);
  });

  test("is not tried again when a connection was made", async () => {
    const { dialled, send } = failing("ECONNRESET");
    expect(await caught(send("{}"))).toMatchObject({ code: "ECONNRESET" });
    expect(dialled).toEqual(["93.184.215.1"]);
  });

  test("is tried at the next one with a body that can be read only once, since nothing of it was read", async () => {
    const { dialled, send } = failing("ETIMEDOUT");
    expect((await send(new Blob(["{}"]).stream())).status).toBe(200);
    expect(dialled).toHaveLength(3);
  });
});

describe("a host of our own", () => {
  test("is dialled by name, wherever it is", async () => {
    const { dialled, egress } = noted();
    await egress.send(new URL("http://10.0.0.5:6379/x"), request(), "fixed");
    await egress.send(new URL("https://my_gw.internal/"), request(), "fixed");
    expect(dialled.map(({ url }) => url)).toEqual(["http://10.0.0.5:6379/x", "https://my_gw.internal/"]);
    expect(dialled.map(({ address }) => address)).toEqual([undefined, undefined]);
  });

  test.each([
    ["file:///etc/passwd", "scheme"],
    ["http://a@ok.example/", "userinfo"],
    ["http://ok.example:0/", "port"],
  ])("still is called over HTTP only: %s", async (url, reason) => {
    const { dialled, egress } = noted();
    expect(await reasonOf(egress.send(new URL(url), request(), "fixed"))).toBe(reason);
    expect(dialled).toEqual([]);
  });
});

describe("the gateway does not call itself", () => {
  const self = () => ({ host: "10.1.2.3", port: 8787 });
  const policy = { trusted: ["10.1.2.3"], allowLoopback: true };

  test.each([
    "http://localhost:8787/v1",
    "http://gw.localhost:8787/",
    "http://127.0.0.1:8787/",
    "http://127.9.9.9:8787/",
    "http://[::1]:8787/",
    "http://0.0.0.0:8787/",
    "http://[::ffff:127.0.0.1]:8787/",
    "https://10.1.2.3:8787/",
  ])("at %s", async (url) => {
    for (const trust of ["fixed", "caller"] as const) {
      const { dialled, egress } = noted({ policy, self });
      expect(await reasonOf(egress.send(new URL(url), request(), trust))).toBe("self");
      expect(dialled).toEqual([]);
    }
  });

  test("but calls its neighbours, and anyone before it listens", async () => {
    const { dialled, egress } = noted({ policy, self });
    await egress.send(new URL("http://127.0.0.1:8788/"), request(), "caller");
    await egress.send(new URL("http://ok.example:8787/"), request(), "caller");
    await noted({ policy, self: () => undefined }).egress.send(
      new URL("http://127.0.0.1:8787/"),
      request(),
      "caller",
    );
    expect(dialled).toHaveLength(2);
  });
});

describe("over real connections", () => {
  test.each([301, 302, 303, 307, 308])("a %p is handed back, not followed", async (status) => {
    let reached = 0;
    const secret = serve(() => {
      reached++;
      return new Response("secret");
    });
    const upstream = serve(() => new Response(null, { status, headers: { location: secret.url.href } }));
    const egress = createEgress({ policy: LOCAL });
    const headers = { "x-api-key": "k" };
    const response = await egress.send(
      upstream.url,
      request({ method: "POST", body: "{}", headers }),
      "caller",
    );
    expect(response.status).toBe(status);
    expect(reached).toBe(0);
  });

  test("a packed body arrives packed", async () => {
    const packed = Bun.gzipSync("hello");
    const upstream = serve(() => new Response(packed, { headers: { "content-encoding": "gzip" } }));
    const response = await createEgress({ policy: LOCAL }).send(upstream.url, request(), "fixed");
    expect(await response.bytes()).toEqual(new Uint8Array(packed));
  });

  test("the upstream sees its own host, whatever the headers say", async () => {
    const upstream = serve((incoming) => new Response(incoming.headers.get("host")));
    const response = await createEgress({ policy: LOCAL }).send(
      upstream.url,
      request({ headers: { host: "evil.test" } }),
      "fixed",
    );
    expect(await response.text()).toBe(upstream.url.host);
  });

  test("ending the call ends the connection", async () => {
    const gone = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: (incoming) => {
        incoming.signal.addEventListener("abort", () => gone.resolve());
        asked.resolve();
        return new Promise<Response>(() => undefined);
      },
    });
    servers.push(server);
    const leaving = new AbortController();
    const call = createEgress({ policy: LOCAL }).send(
      server.url,
      request({ signal: leaving.signal }),
      "fixed",
    );
    await asked.promise;
    leaving.abort();
    expect(await caught(call)).toHaveProperty("name", "AbortError");
    await gone.promise;
  });

  describe("a pinned call", () => {
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: { cert: CERTIFICATE, key: PRIVATE_KEY },
      fetch: (incoming) => new Response(incoming.headers.get("host")),
    });
    servers.push(server);
    // Loopback plays the public address, and the test's certificate an authority.
    const client = createHttpClient({ ca: CERTIFICATE });
    const egress = createEgress({
      policy: CLOSED,
      resolve: async () => PUBLIC,
      client: {
        send: (url, request, address) =>
          client.send(url, request, address?.replace("93.184.215.14", "127.0.0.1")),
      },
    });
    const call = (host: string) =>
      egress.send(new URL(`https://${host}:${server.port}/`), request(), "caller");

    test("is checked against the name, which is the Host too", async () => {
      expect(await (await call("pub.example")).text()).toBe(`pub.example:${server.port}`);
    });

    test("does not reuse the connection of another name at the same address", async () => {
      await (await call("pub.example")).text();
      expect(await caught(call("other.example"))).toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    });
  });
});

describe("a proxy of the environment", () => {
  const before = process.env["HTTP_PROXY"];
  afterEach(() => {
    if (before === undefined) delete process.env["HTTP_PROXY"];
    else process.env["HTTP_PROXY"] = before;
  });

  test("sees nothing", async () => {
    let proxied = 0;
    const proxy = serve(() => {
      proxied++;
      return new Response("proxy");
    });
    const upstream = serve(() => new Response("upstream"));
    process.env["HTTP_PROXY"] = proxy.url.href;
    const response = await createEgress({ policy: LOCAL }).send(upstream.url, request(), "fixed");
    expect(await response.text()).toBe("upstream");
    expect(proxied).toBe(0);
  });
});

describe("a host that only a server named", () => {
  test.each(["http://127.0.0.1:1/x", "http://models.internal/x", "http://[::1]/x"])(
    "is judged as if the policy vouched for nobody: %s",
    async (url) => {
      const policy = { trusted: ["models.internal"], allowLoopback: true };
      const { egress, dialled } = noted({ policy });
      await egress.send(url, request(), url.includes("internal") ? "caller" : "fixed");
      expect(await reasonOf(egress.send(url, request(), "stranger"))).toBeString();
      expect(dialled).toHaveLength(1);
    },
  );

  test("is called by its checked address when it is public", async () => {
    const { egress, dialled } = noted();
    await egress.send("https://files.example/x", request(), "stranger");
    expect(dialled[0]).toMatchObject({ url: "https://files.example/x", address: "93.184.215.14" });
  });
});

test("a URL that names its host in another way than most is judged by itself", async () => {
  const { egress, dialled } = noted();
  await egress.send("http:/8.8.8.8/x", request(), "caller");
  for (const url of [
    "http:/127.0.0.1:1/x",
    "http:/127.0.0.1:1/./x",
    "http:///127.0.0.1:1/x",
    "http:\\\\127.0.0.1:1/x",
  ])
    expect(await reasonOf(egress.send(url, request(), "caller"))).toBe("private_address");
  expect(dialled).toHaveLength(1);
});
