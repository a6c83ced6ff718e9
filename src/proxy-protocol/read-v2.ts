// Reads the binary header of version 2: fixed part, addresses, TLVs (2.2).
//
//   ┌────────────────┬──────────────┬───────────────────┬────────────┬───────────┬───────┐
//   │ signature (12) │ version, cmd │ family, transport │ length (2) │ addresses │ TLVs  │
//   └────────────────┴──────────────┴───────────────────┴────────────┴───────────┴───────┘
//
// The fixed part is judged byte by byte, the rest once, when it is complete. Bounded by 16 + 4096.
// LOCAL and unspecified families are skipped whole: nothing says where their TLVs would begin.

import { ADDRESS_SIZE } from "../bytes/endpoint.ts";
import type { ProxyHeader } from "./proxy-header.ts";
import { readTlvs } from "./read-tlvs.ts";
import { MALFORMED, NEED_MORE, TOO_LARGE } from "./verdict.ts";
import {
  ADDRESSES_SIZE,
  COMMAND_LOCAL,
  COMMAND_PROXY,
  FAMILY_INET,
  FAMILY_INET6,
  FAMILY_UNIX,
  FAMILY_UNSPEC,
  TRANSPORT_STREAM,
  TRANSPORT_UNSPEC,
  V2_FIXED_SIZE,
  V2_REST_SIZE_MAX,
  V2_SIGNATURE,
  V2_VERSION,
} from "./wire.ts";

const IPV4_SIZE = 4;

/**
 * Judges a header whose signature is there.
 * @returns its size, NEED_MORE, or a negative verdict
 */
export function readV2(
  header: ProxyHeader,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  const size = judgeFixed(bytes, offset, length);
  if (size <= 0) return size;
  if (length < size) return NEED_MORE;
  header.version = 2;
  const family = bytes[offset + V2_SIGNATURE.length + 1]! >> 4;
  header.isLocal = isLocal(bytes, offset);
  if (isCommandLocal(bytes, offset) || family === FAMILY_UNSPEC) return size;
  const at = offset + V2_FIXED_SIZE;
  if (!header.isLocal) readAddresses(header, family, bytes, at);
  return readTlvs(header, bytes, offset, at + ADDRESSES_SIZE[family]!, offset + size);
}

// The size that the header declares, NEED_MORE or a refusal.
function judgeFixed(bytes: Uint8Array, offset: number, length: number): number {
  let at = V2_SIGNATURE.length;
  if (length <= at) return NEED_MORE;
  const command = bytes[offset + at]! & 0x0f;
  if (bytes[offset + at]! >> 4 !== V2_VERSION) return MALFORMED;
  if (command !== COMMAND_LOCAL && command !== COMMAND_PROXY) return MALFORMED;
  at += 1;
  if (length <= at) return NEED_MORE;
  const family = bytes[offset + at]! >> 4;
  if (command === COMMAND_PROXY && !isServed(family, bytes[offset + at]! & 0x0f)) return MALFORMED;
  if (length < V2_FIXED_SIZE) return NEED_MORE;
  const rest = (bytes[offset + at + 1]! << 8) | bytes[offset + at + 2]!;
  if (rest > V2_REST_SIZE_MAX) return TOO_LARGE;
  if (command === COMMAND_PROXY && rest < ADDRESSES_SIZE[family]!) return MALFORMED;
  return V2_FIXED_SIZE + rest;
}

// Streams and the unspecified; no MQTT comes in datagrams.
function isServed(family: number, transport: number): boolean {
  if (family > FAMILY_UNIX) return false;
  return transport === TRANSPORT_UNSPEC || transport === TRANSPORT_STREAM;
}

function isCommandLocal(bytes: Uint8Array, offset: number): boolean {
  return (bytes[offset + V2_SIGNATURE.length]! & 0x0f) === COMMAND_LOCAL;
}

function isLocal(bytes: Uint8Array, offset: number): boolean {
  if (isCommandLocal(bytes, offset)) return true;
  const byte = bytes[offset + V2_SIGNATURE.length + 1]!;
  const hasAddress = byte >> 4 === FAMILY_INET || byte >> 4 === FAMILY_INET6;
  return !hasAddress || (byte & 0x0f) === TRANSPORT_UNSPEC;
}

function readAddresses(header: ProxyHeader, family: number, bytes: Uint8Array, at: number): void {
  const size = family === FAMILY_INET ? IPV4_SIZE : ADDRESS_SIZE;
  const ports = at + 2 * size;
  readEndpoint(header.source, bytes, at, size, ports);
  readEndpoint(header.destination, bytes, at + size, size, ports + 2);
}

function readEndpoint(
  target: Uint8Array,
  bytes: Uint8Array,
  at: number,
  size: number,
  portAt: number,
): void {
  const start = ADDRESS_SIZE - size;
  if (size === IPV4_SIZE) target.fill(0xff, start - 2, start);
  for (let i = 0; i < size; i++) target[start + i] = bytes[at + i]!;
  target[ADDRESS_SIZE] = bytes[portAt]!;
  target[ADDRESS_SIZE + 1] = bytes[portAt + 1]!;
}
