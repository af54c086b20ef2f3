import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { addressKind } from "../../src/lib/addresses.ts";
import type { AddressKind } from "../../src/lib/addresses.ts";

const KINDS: Readonly<Record<AddressKind, readonly string[]>> = {
  loopback: [
    "127.0.0.1",
    "127.255.255.254",
    "::1",
    "[::1]",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::7f00:1",
  ],
  unspecified: ["0.0.0.0", "::", "[::]", "::ffff:0.0.0.0"],
  private: [
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::127.0.0.1",
    "::7f00:1",
    "::ffff:0:7f00:1",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "[fec0::1]",
    "ff02::1",
  ],
  public: [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.17",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "2001:200::1",
    "2606:4700::1111",
    "[2a00:1450:4001::8]",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
  ],
};

describe("an address is of the class", () => {
  for (const [kind, addresses] of Object.entries(KINDS))
    test.each([...addresses])(`${kind}: %s`, (address) =>
      expect<string | undefined>(addressKind(address)).toBe(kind),
    );
});

test.each(["", "localhost", "127.1", "0x7f000001", "2130706433", "1.2.3.4.5", "::1::", "g::1", "1.2.3.256"])(
  "%p is no address",
  (text) => expect(addressKind(text)).toBeUndefined(),
);

test("every notation of an IPv6 address is of one class", () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const url = URL.parse(`http://[${address}]/`);
      if (url === null) return; // Bun 1.4.5 does not read ::0:0:0:0:0.0.0.0
      const kind = addressKind(address);
      expect(kind).toBeDefined();
      expect(addressKind(url.hostname)).toBe(kind);
    }),
  );
});
