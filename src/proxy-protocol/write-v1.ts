// Writes the line of version 1 (2.1): who the client is, for a server behind us.
//
// At most 107 bytes. Once a connection, so it may make strings.

import { ADDRESS_SIZE, endpointPort, formatAddress, isIpv4Mapped } from "../bytes/endpoint.ts";

/**
 * Writes the header at `at`; V1_SIZE_MAX bytes of room are enough.
 * Both IPv4: TCP4. Of two families: TCP6, with the IPv4 one mapped. Without a source: UNKNOWN.
 * @param source the client's endpoint is at `sourceAt`; null, or an unspecified address, for none
 * @param destination the endpoint that it connected to is at `destinationAt`
 * @returns the size of the header
 */
export function writeProxyV1(
  bytes: Uint8Array,
  at: number,
  source: Uint8Array | null,
  sourceAt: number,
  destination: Uint8Array,
  destinationAt: number,
): number {
  if (source === null || isUnspecified(source, sourceAt)) {
    return writeAscii(bytes, at, "PROXY UNKNOWN\r\n");
  }
  const isIpv4 = isIpv4Mapped(source, sourceAt) && isIpv4Mapped(destination, destinationAt);
  const words = [
    "PROXY",
    isIpv4 ? "TCP4" : "TCP6",
    addressText(source, sourceAt, isIpv4),
    addressText(destination, destinationAt, isIpv4),
    endpointPort(source, sourceAt),
    endpointPort(destination, destinationAt),
  ];
  return writeAscii(bytes, at, `${words.join(" ")}\r\n`);
}

/** @returns whether the address of the endpoint is `::`, which nobody has */
export function isUnspecified(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < ADDRESS_SIZE; i++) if (bytes[at + i] !== 0) return false;
  return true;
}

function addressText(bytes: Uint8Array, at: number, isIpv4: boolean): string {
  const text = formatAddress(bytes, at);
  return isIpv4 || !isIpv4Mapped(bytes, at) ? text : `::ffff:${text}`;
}

function writeAscii(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return text.length;
}
