import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { addressKind } from "../../src/lib/addresses.ts";
import { customHostFault, isHostLabel, parseTrustedHosts } from "../../src/lib/host-policy.ts";
import type { EgressPolicy } from "../../src/lib/host-policy.ts";

const CLOSED: EgressPolicy = { trusted: [], allowLoopback: false };
const LOCAL: EgressPolicy = { trusted: [], allowLoopback: true };
const trusting = (list: string): EgressPolicy => ({ trusted: parseTrustedHosts(list), allowLoopback: false });

const LOOPBACK_NOTATIONS = [
  "http://127.0.0.1",
  "http://127.0.0.1:8080/v1",
  "http://2130706433",
  "http://0x7f000001",
  "http://0x7f.1",
  "http://0177.0.0.1",
  "http://127.1",
  "http://①②⑦.0.0.1",
  "http://127。0。0。1",
  "http://127.0.0.1.",
  "http://１２７.0.0.1",
  "http://%31%32%37.0.0.1",
  "http://[::1]",
  "http://[::ffff:127.0.0.1]",
  "http://localhost",
  "http://localhost.",
  "http://LOCALHOST",
  "http://foo.localhost",
  "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
  "http://local\u00adhost",
];

const REFUSED = {
  "a private IPv4 address": [
    "http://0",
    "http://0.0.0.0",
    "http://10.0.0.1",
    "http://100.64.0.1",
    "http://168.63.129.16",
    "http://169.254.169.254/latest/meta-data",
    "http://172.16.0.1",
    "http://192.0.0.192",
    "http://192.0.2.1",
    "http://192.88.99.1",
    "http://192.168.0.1",
    "http://198.18.0.1",
    "http://198.51.100.1",
    "http://203.0.113.1",
    "http://224.0.0.1",
    "http://255.255.255.255",
  ],
  "a private IPv6 address": [
    "http://[::]",
    "http://[fe80::1]",
    "http://[fc00::1]",
    "http://[fec0::1]",
    "http://[ff02::1]",
    "http://[fd00:ec2::254]",
    "http://[2001:db8::1]",
  ],
  "IPv4 inside IPv6": [
    "http://[::ffff:169.254.169.254]",
    "http://[::ffff:a9fe:a9fe]",
    "http://[::127.0.0.1]",
    "http://[64:ff9b::a00:1]",
    "http://[2002:7f00:1::]",
    "http://[::ffff:0:7f00:1]",
  ],
  "an internal name": [
    "http://metadata.google.internal.",
    "http://metadata.google.internal",
    "http://metadata",
    "http://metadata.azure.com",
    "http://metadata.tencentyun.com",
    "http://instance-data",
    "http://vllm.default.svc.cluster.local",
    "http://printer.lan",
    "http://api.test",
    "http://x.onion",
  ],
  "a name that DNS cannot hold": [
    "http://my_gw",
    "http://a..b",
    "http://-a.example",
    "http://*.example",
    "http://a!b.example",
    "http://ok.example.",
    "http://a.b.c.d.e.f.g.h.i.j.example",
    `http://${"a".repeat(64)}.example`,
  ],
  "a hosted gateway": ["https://api.portkey.ai/v1", "https://eu.api.portkey.example"],
  "what parsers read differently": [
    "http://a@127.0.0.1",
    "http://a:b@ok.example",
    "http://ok.example#@127.0.0.1",
    "http://127.0.0.1\\@ok.example",
    "http://ok.example\\.evil.test",
    "http://ok.exa\tmple",
    "http://ok.exa\nmple",
    "http://ok.example/\u0000",
    "http:127.0.0.1",
    "http:ok.example",
    "http:///127.0.0.1",
    "http:///ok.example",
    "//ok.example",
    "ok.example",
    "",
    "   ",
    "http://",
    "http://?x",
    "https://ok.example#top",
  ],
  "another scheme": [
    "file:///etc/passwd",
    "data:text/plain,x",
    "s3://bucket/key",
    "blob:https://ok.example/1",
    "gopher://ok.example",
    "ftp://ok.example",
    "ws://ok.example",
    "httpss://ok.example",
  ],
  "a port that is none, or not for HTTP": [
    "http://ok.example:0",
    "http://ok.example:99999",
    "http://ok.example:x",
    "http://ok.example:22",
    "http://ok.example:25",
    "http://ok.example:6379",
    "http://ok.example:5432",
  ],
};

describe("a caller cannot name", () => {
  for (const [what, hosts] of Object.entries(REFUSED))
    test.each(hosts)(`${what}: %j`, (host) => {
      expect(customHostFault(host, CLOSED)).toBeString();
      expect(customHostFault(host, LOCAL)).toBeString();
    });
  test.each(LOOPBACK_NOTATIONS)("this machine: %j", (host) => {
    expect(customHostFault(host, CLOSED)).toBeString();
  });
});

test.each(LOOPBACK_NOTATIONS)("where loopback is allowed, %j is", (host) => {
  expect(customHostFault(host, LOCAL)).toBeUndefined();
});

test.each([
  "https://example.com",
  "https://example.com:443/v1?x=1",
  "http://example.com:8080",
  "  https://ok.example/base  ",
  "http://ollama:11434",
  "http://127.0.0.1.nip.io",
  "http://bücher.example",
  "http://0x08080808",
  "http://[2606:4700::1111]:8080",
  "https://ok.example/api.portkey?via=api.portkey.ai",
])("a caller may name %j", (host) => {
  expect(customHostFault(host, CLOSED)).toBeUndefined();
});

test.each([
  ["vllm.default.svc.cluster.local,my_gw,10.0.0.5,[fd00::5]", "http://vllm.default.svc.cluster.local:8000"],
  ["vllm.default.svc.cluster.local,my_gw,10.0.0.5,[fd00::5]", "http://my_gw"],
  ["vllm.default.svc.cluster.local,my_gw,10.0.0.5,[fd00::5]", "http://10.0.0.5:6379"],
  ["vllm.default.svc.cluster.local,my_gw,10.0.0.5,[fd00::5]", "http://[FD00:0::5]"],
  ["169.254.169.254", "http://169.254.169.254"],
  ["::1", "http://[::1]:3000"],
  ["localhost", "http://localhost."],
  ["localhost", "http://a.b.localhost:3000"],
  ["my_gw:8080", "http://my_gw:8080"],
  ["my_gw:443", "https://my_gw"],
  ["127.0.0.1", "http://127.1"],
])("trusting %p allows %p", (list, host) => {
  expect(customHostFault(host, trusting(list))).toBeUndefined();
});

test.each([
  ["ok.internal", "http://ok.internal.evil.test"],
  ["ok.internal", "http://evilok.internal"],
  ["ok.internal", "http://ok.internal@evil.test"],
  ["ok.internal", "http://ok.internal:80@evil"],
  ["ok.internal", "http://sub.ok.internal"],
  ["ok.internal", "http://ok.internal:0"],
  ["my_gw:8080", "http://my_gw:8081"],
  ["my_gw:8080", "http://my_gw"],
  ["127.0.0.1", "http://127.0.0.2"],
  ["localhost", "http://127.0.0.1"],
  ["localhost", "http://evillocalhost.test"],
])("trusting %p does not allow %p", (list, host) => {
  expect(customHostFault(host, trusting(list))).toBeString();
});

test("a list of trusted hosts is read into the URL parser's notation, each host once", () => {
  expect(parseTrustedHosts(" Ollama ,, my_gw:8080, ::1,[0:0::1],[FD00::5]:80, 10.0.0.5,ollama,")).toEqual([
    "ollama",
    "my_gw:8080",
    "[::1]",
    "[fd00::5]:80",
    "10.0.0.5",
  ]);
  expect(parseTrustedHosts("")).toEqual([]);
  for (const entry of ["http://ollama", "a@ollama", "ollama/v1", "a b"])
    expect(
      customHostFault("http://ollama.internal", trusting(entry.replace("ollama", "ollama.internal"))),
    ).toBeString();
});

test.each(["a", "my-resource", "r2d2", "A1", "a".repeat(63)])("%p is a host label", (label) => {
  expect(isHostLabel(label)).toBeTrue();
});

test.each([
  "",
  "evil.test#",
  "evil.test/",
  "evil.test?",
  "x@evil.test",
  "a.b",
  "..",
  "%2f",
  "-a",
  "a-",
  "a_b",
  "a\n",
  "ä",
  "a".repeat(64),
])("%j is no host label", (label) => {
  expect(isHostLabel(label)).toBeFalse();
});

describe("whatever text is given", () => {
  const octet = fc.oneof(
    fc.nat(255).map(String),
    fc.nat(255).map((value) => `0x${value.toString(16)}`),
  );
  const host = fc.oneof(
    fc.ipV4(),
    fc.ipV4Extended(),
    fc.ipV6().map((address) => `[${address}]`),
    fc.ipV4().map((address) => `[::ffff:${address}]`),
    fc.array(octet, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(".")),
    fc.domain(),
    fc.string({ unit: "binary" }),
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.webUrl(),
    fc
      .tuple(fc.constantFrom("http://", "https://", "http:", ""), host, fc.constantFrom("", "/v1", ":8080"))
      .map((parts) => parts.join("")),
  );

  test("the check does not throw, and lets no address through that is not public", () => {
    fc.assert(
      fc.property(text, (raw) => {
        if (customHostFault(raw, CLOSED) !== undefined) return;
        const { protocol, hostname, username } = new URL(raw.trim());
        expect(["http:", "https:"]).toContain(protocol);
        expect(username).toBe("");
        expect([undefined, "public"]).toContain(addressKind(hostname));
      }),
      { numRuns: 2000 },
    );
  });
});
