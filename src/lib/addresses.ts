/** Classes of IP addresses: which ones the public internet routes, and what the others are. */
import { isIP } from "node:net";

/** `private` is everything that is neither public nor this machine: special-use, multicast, reserved. */
export type AddressKind = "public" | "loopback" | "unspecified" | "private";

/**
 * The class of `text`, an address as a resolver or the URL parser writes it, with or without brackets;
 * undefined when it is no address. An IPv6 form that carries an IPv4 address to its host is judged as
 * that address.
 */
export const addressKind = (text: string): AddressKind | undefined => {
  const bare = bareAddress(text);
  const version = isIP(bare);
  if (version === 4) return kindOf(IPV4, readIPv4(bare));
  if (version === 6) return kindOf(IPV6, readIPv6(bare));
  return undefined;
};

/** An address without the brackets of a URL and without a zone (`fe80::1%eth0`). */
export const bareAddress = (text: string): string => text.replace(/^\[(.*)\]$/, "$1").replace(/%.*$/, "");

type Class = AddressKind | "carries-ipv4";

/** The first row that matches decides. From the IANA IPv4 special-purpose registry, and Azure. */
const IPV4_CLASSES: readonly (readonly [string, Class])[] = [
  ["0.0.0.0/32", "unspecified"],
  ["0.0.0.0/8", "private"],
  ["10.0.0.0/8", "private"],
  ["100.64.0.0/10", "private"], // shared by carriers, RFC 6598; Alibaba's metadata is 100.100.100.200
  ["127.0.0.0/8", "loopback"],
  ["168.63.129.16/32", "private"], // Azure's host agent, on a public number: learn.microsoft.com, "What is IP address 168.63.129.16?"
  ["169.254.0.0/16", "private"], // link-local, RFC 3927; the metadata of most clouds is 169.254.169.254
  ["172.16.0.0/12", "private"],
  ["192.0.0.0/24", "private"], // IETF protocols, RFC 6890
  ["192.0.2.0/24", "private"], // documentation, RFC 5737
  ["192.88.99.0/24", "private"], // 6to4 relays, RFC 7526
  ["192.168.0.0/16", "private"],
  ["198.18.0.0/15", "private"], // benchmarks, RFC 2544
  ["198.51.100.0/24", "private"],
  ["203.0.113.0/24", "private"],
  ["224.0.0.0/3", "private"], // multicast, reserved, broadcast
  ["0.0.0.0/0", "public"],
];

/** The same for IPv6, where only 2000::/3 is routed. */
const IPV6_CLASSES: readonly (readonly [string, Class])[] = [
  ["::/128", "unspecified"],
  ["::1/128", "loopback"],
  ["::ffff:0:0/96", "carries-ipv4"], // mapped: the kernel connects to the IPv4 address
  ["64:ff9b::/96", "carries-ipv4"], // NAT64, RFC 6052: how an IPv6-only network reaches IPv4
  ["2001::/23", "private"], // IETF protocols, Teredo among them, RFC 2928
  ["2001:db8::/32", "private"], // documentation, RFC 3849
  ["2002::/16", "private"], // 6to4, RFC 7526
  ["3fff::/20", "private"], // documentation, RFC 9637
  ["2000::/3", "public"],
  ["::/0", "private"],
];

interface Row {
  readonly prefix: bigint;
  readonly shift: bigint;
  readonly kind: Class;
}

const readIPv4 = (text: string): bigint =>
  text.split(".").reduce((value, part) => (value << 8n) | BigInt(part), 0n);

const readIPv6 = (text: string): bigint => {
  const [head = "", tail = ""] = text.split("::");
  const left = words(head);
  const right = words(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0n);
  return [...left, ...zeros, ...right].reduce((value, word) => (value << 16n) | word, 0n);
};

/** 16-bit words of one side of `::`; a dotted tail is two of them. */
const words = (text: string): readonly bigint[] => (text === "" ? [] : text.split(":").flatMap(wordsOf));

const wordsOf = (part: string): readonly bigint[] => {
  if (!part.includes(".")) return [BigInt(`0x${part}`)];
  const value = readIPv4(part);
  return [value >> 16n, value & 0xffffn];
};

const compile = (
  classes: readonly (readonly [string, Class])[],
  read: (text: string) => bigint,
  bits: number,
): readonly Row[] =>
  classes.map(([range, kind]) => {
    const [address = "", length = ""] = range.split("/");
    const shift = BigInt(bits - Number(length));
    return { prefix: read(address) >> shift, shift, kind };
  });

const IPV4 = compile(IPV4_CLASSES, readIPv4, 32);
const IPV6 = compile(IPV6_CLASSES, readIPv6, 128);

const kindOf = (rows: readonly Row[], value: bigint): AddressKind => {
  const kind = rows.find((row) => value >> row.shift === row.prefix)?.kind ?? "private";
  return kind === "carries-ipv4" ? kindOf(IPV4, value & 0xffff_ffffn) : kind;
};
