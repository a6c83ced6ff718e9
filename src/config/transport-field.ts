// Kinds of value that only transports have: files, networks, lists of words, source addresses.

import * as z from "zod";
import { type Endpoint, isIpv4Mapped, makeEndpoint } from "../bytes/endpoint.ts";

/** Networks whose bits are those of IPv6 addresses: IPv4 lies behind 96 of them. */
const IPV4_PREFIX_BITS = 96;

/** The path of a file; relative ones start at the folder of the configuration file. */
export function file(what = "the path of a PEM file") {
  // A NUL ends a path for the kernel and not for us.
  const schema = z
    .string()
    .min(1)
    .max(4096)
    .regex(/^[^\0]+$/);
  return { schema, kind: "file", expected: what } as const;
}

/** A list of texts, each of which fits a pattern. */
export function texts(options: {
  readonly max: number;
  readonly pattern: RegExp;
  readonly expected: string;
}) {
  const schema = z.array(z.string().max(256).regex(options.pattern)).max(options.max);
  return { schema, kind: "texts", expected: options.expected } as const;
}

/** A list of words out of a few. */
export function choices<const Choice extends string>(words: readonly Choice[]) {
  return {
    schema: z.array(z.enum(words)),
    kind: "texts",
    expected: `a list of some of ${words.join(", ")}`,
    bounds: words.join(", "),
    choices: words,
  } as const;
}

/** Addresses that share their first bits. */
export interface Network {
  /** As it was written: `10.0.0.0/8`. */
  readonly text: string;
  readonly endpoint: Endpoint;
  /** Bits of the IPv6 address, or of the mapped IPv4 one, that must agree: 0 to 128. */
  readonly prefixBits: number;
}

/** A list of networks. */
export function networks() {
  const one = z.string().transform((written, context): Network => {
    const network = parseNetwork(written);
    if (network !== null) return network;
    context.addIssue({ code: "custom", message: "Invalid network" });
    return z.NEVER;
  });
  return {
    schema: z.array(one).max(1000),
    kind: "networks",
    expected: "a list of addresses and networks such as [10.0.0.1, 10.1.0.0/16, 2001:db8::/32]",
  } as const;
}

/** @returns null when `text` is no IP address, or no network whose bits fit its family */
export function parseNetwork(text: string): Network | null {
  const [, address = "", digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const endpoint = makeEndpoint(address, 0);
  if (endpoint === null) return null;
  const offset = isIpv4Mapped(endpoint, 0) ? IPV4_PREFIX_BITS : 0;
  const prefixBits = digits === undefined ? 128 : offset + Number(digits);
  return prefixBits > 128 ? null : { text, endpoint, prefixBits };
}

export type SourceAddress =
  | { readonly kind: "client" }
  | { readonly kind: "addresses"; readonly endpoints: readonly Endpoint[] };

/** Addresses that connections to one server come from in turn; each has some 28,000 ports. */
const SOURCES_MAX = 64;

/**
 * Where connections to servers come from: the client's own address, or one of this machine, or
 * several of them.
 */
export function sourceAddress() {
  const one = z.string().transform((written, context): Endpoint => {
    const endpoint = makeEndpoint(written, 0);
    if (endpoint !== null) return endpoint;
    context.addIssue({ code: "custom", message: "Invalid address" });
    return z.NEVER;
  });
  const client = z.literal("client").transform((): SourceAddress => ({ kind: "client" }));
  const addresses = z
    .union([one, z.array(one).min(1).max(SOURCES_MAX)])
    .transform((written): SourceAddress => {
      const endpoints = written instanceof Uint8Array ? [written] : written;
      return { kind: "addresses", endpoints };
    });
  return {
    schema: z.union([client, addresses]),
    kind: "text",
    expected: "client, or an IP address of this machine such as 10.0.0.5, or a list of them",
    choices: ["client"],
  } as const;
}

/** A section, or `false` where there is none. */
export function orFalse<Schema extends z.ZodType>(field: {
  readonly schema: Schema;
  readonly expected: string;
}) {
  return {
    schema: z.union([z.literal(false), field.schema]),
    kind: "section",
    expected: `false or ${field.expected}`,
    choices: ["false"],
  } as const;
}

/** A name as it stands in certificates: `a.example`, or `*.a.example` for one label more. */
export const SERVER_NAME_PATTERN =
  /^(\*\.)?[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*$/;

/** A mapping from server names to names of pools. */
export function serverNames() {
  return {
    schema: z.record(z.string(), z.string().min(1).max(64)),
    kind: "section",
    expected: "a mapping from server names to names of pools",
  } as const;
}
