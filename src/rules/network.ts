// Networks of addresses, as HAProxy's patterns, `ipmask` and nginx's `geo` write them, and the
// lookup of an address in many of them at once: the longest prefix wins, the first of equals.
//
// A lookup costs one map access per prefix length in use, 129 at most, however many networks there
// are; masks with holes are tried one by one. Pure; bounded by the list it was made from.

import { ADDRESS_SIZE, isIpv4Mapped, makeEndpoint } from "../bytes/endpoint.ts";
import { byteTextOf } from "./byte-text.ts";

export interface Network {
  /** 16 bytes, IPv4 mapped; bits that the mask does not cover are zero. */
  readonly address: Uint8Array;
  /** 16 bytes; of an IPv4 network the first 12 are all ones. */
  readonly mask: Uint8Array;
  readonly isIpv4: boolean;
  /** Leading ones of the mask, 0 to 128; -1: the mask has holes. */
  readonly prefixBits: number;
}

const IPV4_BITS = 96;

/**
 * `192.0.2.0/24`, `10.1/16` (octets left out are zeros before the last one), `10.0.0.0/255.0.0.0`,
 * `2001:db8::/32`, or one address.
 * @returns null when it is no network
 */
export function parseNetwork(text: string): Network | null {
  const [host = "", length, ...rest] = text.split("/");
  if (rest.length > 0) return null;
  const isIpv4 = !host.includes(":");
  const endpoint = makeEndpoint(isIpv4 ? expandIpv4(host) : host, 0);
  const mask = parseMask(length ?? (isIpv4 ? "32" : "128"), isIpv4);
  if (endpoint === null || mask === null) return null;
  const address = applyMask(endpoint, 0, mask);
  return { address, mask, isIpv4, prefixBits: prefixOf(mask) };
}

/** @param text a count of bits, or for IPv4 also four octets. @returns 16 bytes, or null */
export function parseMask(text: string, isIpv4: boolean): Uint8Array | null {
  if (isIpv4 && text.includes(".")) {
    const dotted = makeEndpoint(text, 0);
    return dotted === null ? null : dotted.slice(0, ADDRESS_SIZE).fill(0xff, 0, 12);
  }
  if (!/^\d{1,3}$/.test(text) || Number(text) > (isIpv4 ? 32 : 128)) return null;
  return maskOf(isIpv4 ? IPV4_BITS + Number(text) : Number(text));
}

/** @returns a copy of the 16 bytes at `at`, the bits that are not in `mask` zero */
export function applyMask(bytes: Uint8Array, at: number, mask: Uint8Array): Uint8Array {
  const masked = new Uint8Array(ADDRESS_SIZE);
  for (let i = 0; i < ADDRESS_SIZE; i++) masked[i] = bytes[at + i]! & mask[i]!;
  return masked;
}

/**
 * The IPv4 address that an IPv6 address stands for: `::ffff:a.b.c.d`, `::a.b.c.d`,
 * `2002:a.b.c.d::`.
 * @returns it mapped, or null
 */
export function embeddedIpv4(address: Uint8Array): Uint8Array | null {
  if (isIpv4Mapped(address, 0)) return address;
  const is6to4 = address[0] === 0x20 && address[1] === 0x02;
  if (!is6to4 && address.subarray(0, 12).some((byte) => byte !== 0)) return null;
  const mapped = new Uint8Array(ADDRESS_SIZE).fill(0xff, 10, 12);
  mapped.set(is6to4 ? address.subarray(2, 6) : address.subarray(12, 16), 12);
  return mapped;
}

interface Holed<Result> {
  readonly network: Network;
  readonly result: Result;
}

/** Networks and what each leads to. */
export class NetworkLookup<Result> {
  // By prefix length, longest first: masked address to result. IPv4 networks are kept apart, since
  // an IPv6 network such as ::/0 is asked about IPv4 clients too, but only after them.
  private readonly ipv4 = new Map<number, Map<string, Result>>();
  private readonly ipv6 = new Map<number, Map<string, Result>>();
  private readonly holed: Holed<Result>[] = [];
  private ipv4Lengths: readonly number[] = [];
  private ipv6Lengths: readonly number[] = [];

  add(network: Network, result: Result): void {
    if (network.prefixBits < 0) {
      this.holed.push({ network, result });
      return;
    }
    const family = network.isIpv4 ? this.ipv4 : this.ipv6;
    const ofLength = family.get(network.prefixBits) ?? new Map<string, Result>();
    family.set(network.prefixBits, ofLength);
    const key = byteTextOf(network.address, 0, ADDRESS_SIZE);
    if (!ofLength.has(key)) ofLength.set(key, result);
    this.ipv4Lengths = descending(this.ipv4);
    this.ipv6Lengths = descending(this.ipv6);
  }

  /** @param address 16 bytes. @returns what the narrowest network leads to, or undefined */
  find(address: Uint8Array): Result | undefined {
    const mapped = isIpv4Mapped(address, 0);
    const first = mapped ? find(this.ipv4, this.ipv4Lengths, address) : undefined;
    const found = first ?? find(this.ipv6, this.ipv6Lengths, address);
    if (found !== undefined) return found;
    const ipv4 = embeddedIpv4(address);
    if (ipv4 === null) return undefined;
    const embedded = mapped ? undefined : find(this.ipv4, this.ipv4Lengths, ipv4);
    return embedded ?? this.holed.find(({ network }) => isIn(ipv4, network))?.result;
  }
}

function find<Result>(
  family: ReadonlyMap<number, ReadonlyMap<string, Result>>,
  lengths: readonly number[],
  address: Uint8Array,
): Result | undefined {
  for (const bits of lengths) {
    const masked = applyMask(address, 0, MASKS[bits]!);
    const result = family.get(bits)?.get(byteTextOf(masked, 0, ADDRESS_SIZE));
    if (result !== undefined) return result;
  }
  return undefined;
}

function isIn(address: Uint8Array, { address: network, mask }: Network): boolean {
  return applyMask(address, 0, mask).every((byte, i) => byte === network[i]);
}

function descending(family: ReadonlyMap<number, unknown>): readonly number[] {
  return [...family.keys()].sort((a, b) => b - a);
}

// As inet_aton has it: what is left out are zeros before the last octet.
function expandIpv4(host: string): string {
  const parts = host.split(".");
  while (parts.length < 4) parts.splice(parts.length - 1, 0, "0");
  return parts.join(".");
}

function maskOf(bits: number): Uint8Array {
  const mask = new Uint8Array(ADDRESS_SIZE);
  for (let i = 0; i < bits; i++) mask[i >> 3]! |= 0x80 >> (i & 7);
  return mask;
}

const MASKS: readonly Uint8Array[] = Array.from({ length: 129 }, (_, bits) => maskOf(bits));

function prefixOf(mask: Uint8Array): number {
  return MASKS.findIndex((whole) => whole.every((byte, i) => byte === mask[i]));
}
