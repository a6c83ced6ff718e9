// Addresses as haproxy.cfg writes them (its manual, chapter 2.9), and as our document does.
//
// Bounded by ADDRESSES_MAX addresses a bind, port ranges included. Pure: nothing is looked up.

import { makeEndpoint } from "../../bytes/endpoint.ts";
import { ADDRESSES_MAX } from "../import/address-bound.ts";

export type Parsed<Value> = Value | { readonly mistake: string; readonly expected: string | null };

export interface BindAddress {
  /** `0.0.0.0:1883`, `[::]:1883`. */
  readonly text: string;
  readonly port: number;
}

export interface ServerTarget {
  /** Without brackets. */
  readonly host: string;
  /** How the port is given: itself, as an offset to the port that the client came to, or not. */
  readonly port:
    | { readonly kind: "fixed"; readonly port: number }
    | { readonly kind: "offset"; readonly offset: number };
}

/** Prefixes of families and sockets that say what would be taken anyway. */
const PLAIN_PREFIX = /^(ipv4|ipv6|tcp|tcp4|tcp6|stream\+ipv4|stream\+ipv6)@/;
const OTHER_PREFIXES: Readonly<Record<string, string>> = {
  unix: "is a Unix socket",
  abns: "is a Unix socket",
  abnsz: "is a Unix socket",
  uxst: "is a Unix socket",
  uxdg: "is a Unix socket",
  sockpair: "is a pair of Unix sockets",
  fd: "is a file that another process has opened",
  udp: "is UDP",
  udp4: "is UDP",
  udp6: "is UDP",
  dgram: "is UDP",
  quic: "is QUIC",
  quic4: "is QUIC",
  quic6: "is QUIC",
  mptcp: "is Multipath TCP",
  mptcp4: "is Multipath TCP",
  mptcp6: "is Multipath TCP",
  rhttp: "is reverse HTTP",
  rev: "is reverse HTTP",
};

const HOST_EXPECTED = "an IP address and a port, such as *:1883, 10.0.0.1:1883 or [::]:1883";

export function isMistake<Value>(
  parsed: Parsed<Value>,
): parsed is { readonly mistake: string; readonly expected: string | null } {
  return typeof parsed === "object" && parsed !== null && "mistake" in parsed;
}

/** @param text one of the addresses of a `bind`, between commas */
export function parseBind(text: string): Parsed<readonly BindAddress[]> {
  const plain = withoutPrefix(text);
  if (typeof plain !== "string") return plain;
  const match = /^(.*):(\d{1,5})(?:-(\d{1,5}))?$/.exec(plain);
  if (match === null) return { mistake: `"${text}" has no port`, expected: HOST_EXPECTED };
  const [, hostText, first, last = first] = match;
  const ports = { first: Number(first), last: Number(last) };
  if (ports.first < 1 || ports.last > 65_535 || ports.first > ports.last) {
    return { mistake: `"${text}" has no port`, expected: "ports from 1 to 65535, low to high" };
  }
  if (ports.last - ports.first >= ADDRESSES_MAX) {
    return { mistake: `"${text}" is too many ports`, expected: `at most ${ADDRESSES_MAX}` };
  }
  const host = bindHost(hostText!);
  if (host === null) {
    return { mistake: `"${hostText}" is no IP address`, expected: HOST_EXPECTED };
  }
  const count = ports.last - ports.first + 1;
  return Array.from({ length: count }, (_, i) => {
    const port = ports.first + i;
    return { text: `${host}:${port}`, port };
  });
}

/** @param text the address of a `server` */
export function parseTarget(text: string): Parsed<ServerTarget> {
  const plain = withoutPrefix(text);
  if (typeof plain !== "string") return plain;
  const bracketed = /^\[([^\]]+)\](?::([-+]?\d{1,5}))?$/.exec(plain);
  const parted = bracketed ?? /^(.*?)(?::([-+]?\d{1,5}))?$/.exec(plain)!;
  const [, host = "", port = "+0"] = parted;
  // Without brackets the last colon of an IPv6 address parts the port, as HAProxy has it.
  const isBareIpv6 = bracketed === null && host.includes(":");
  if (host === "" || host === "*" || (isBareIpv6 && makeEndpoint(host, 0) === null)) {
    return { mistake: `"${text}" is no address`, expected: "an address such as 10.0.0.1:1883" };
  }
  const number = Number(port);
  if (/^[-+]/.test(port)) return { host, port: { kind: "offset", offset: number } };
  if (number < 1 || number > 65_535) {
    return { mistake: `"${text}" has no port`, expected: "a port from 1 to 65535" };
  }
  return { host, port: { kind: "fixed", port: number } };
}

/** @returns `10.0.0.1:1883`, `[2001:db8::1]:1883` */
export function joinHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function withoutPrefix(text: string): Parsed<string> {
  if (!text.includes("@") && !text.startsWith("/")) return text;
  const plain = text.replace(PLAIN_PREFIX, "");
  const prefix = /^([a-z0-9+]+)@/.exec(plain)?.[1];
  const why = prefix === undefined ? (plain.startsWith("/") ? "unix" : null) : prefix;
  if (why === null) return plain;
  const reason = OTHER_PREFIXES[why] ?? "is of a family that Fairlead does not know";
  return { mistake: `"${text}" ${reason}`, expected: "TCP over IPv4 or IPv6" };
}

function bindHost(written: string): string | null {
  const host = written.replace(/^\[(.*)\]$/, "$1");
  if (host === "" || host === "*") return "0.0.0.0";
  if (host === "localhost") return "127.0.0.1";
  if (makeEndpoint(host, 0) === null) return null;
  return host.includes(":") ? `[${host}]` : host;
}
