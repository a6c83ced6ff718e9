// Addresses as people write them: `10.0.0.1:1883`, `[2001:db8::1]:1883`, `broker1.example:1883`.
// Pure: a host name is checked for its letters here and looked up elsewhere.

import { type Endpoint, makeEndpoint } from "../bytes/endpoint.ts";
import type { ListenAddress } from "./settings.ts";

export interface HostPort {
  /** As it was written: `[2001:db8::1]:1883`. */
  readonly text: string;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** Null: the host is a name. */
  readonly endpoint: Endpoint | null;
}

// RFC 1123, section 2.1, and the underscore that container networks put into names.
const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})*\.?$/;
const LOOKS_LIKE_IPV4 = /^[\d.]+$/;

/** @returns null when `text` is not an address literal or host name with a port from 1 to 65535 */
export function parseHostPort(text: string): HostPort | null {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  if (match === null) return null;
  const [, bracketed, plain, digits] = match;
  const port = Number(digits);
  if (port < 1 || port > 65_535) return null;
  const host = bracketed ?? plain!;
  const isLiteral = bracketed !== undefined || LOOKS_LIKE_IPV4.test(host);
  const endpoint = isLiteral ? makeEndpoint(host, port) : null;
  if (isLiteral ? endpoint === null : !HOST_NAME.test(host)) return null;
  // Brackets are for IPv6 alone.
  if (bracketed !== undefined && !host.includes(":")) return null;
  return { text, host, port, endpoint };
}

/** @returns null when `text` is not an IP address with a port; listeners are not looked up */
export function parseListenAddress(text: string): ListenAddress | null {
  const parsed = parseHostPort(text);
  const endpoint = parsed?.endpoint ?? null;
  return parsed === null || endpoint === null ? null : { ...parsed, endpoint };
}

/** @returns whether the host must be looked up before it can be dialled */
export function isHostName(address: HostPort): boolean {
  return address.endpoint === null;
}
