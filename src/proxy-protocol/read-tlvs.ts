// Reads the TLVs of a header of version 2, and those inside PP2_TYPE_SSL; verifies the checksum.
//
//   ┌──────┬────────────┬───────┐
//   │ type │ length (2) │ value │   one after the other, to the end of the header
//   └──────┴────────────┴───────┘
//
// Bounded by the header; a length that reaches beyond it, or beyond the TLV around it, is refused.
// Types that are not known here are skipped. Of two of one type the later one counts.

import { addCrc32c, CRC32C_START, finishCrc32c } from "../bytes/crc32c.ts";
import { decodeText } from "../bytes/utf8.ts";
import type { ProxyHeader, ProxySsl } from "./proxy-header.ts";
import { BAD_CHECKSUM, MALFORMED } from "./verdict.ts";
import {
  AWS_VPC_ENDPOINT,
  AZURE_LINK_ID,
  CRC32C_SIZE,
  SSL_FIXED_SIZE,
  TLV_ALPN,
  TLV_AUTHORITY,
  TLV_AWS,
  TLV_AZURE,
  TLV_CRC32C,
  TLV_GCP,
  TLV_HEADER_SIZE,
  TLV_SSL,
  TLV_SSL_CIPHER,
  TLV_SSL_CN,
  TLV_SSL_KEY,
  TLV_SSL_SIGNATURE,
  TLV_SSL_VERSION,
  TLV_UNIQUE_ID,
  UNIQUE_ID_SIZE_MAX,
} from "./wire.ts";

const NOWHERE = -1;
const BEYOND = -1;
const AZURE_VALUE_SIZE = 5;
const GCP_VALUE_SIZE = 8;
const NO_CHECKSUM_YET = new Uint8Array(CRC32C_SIZE);

/**
 * Reads the TLVs between `at` and `end` of a header that starts at `offset` and ends at `end`.
 * @returns the size of the header, MALFORMED or BAD_CHECKSUM
 */
export function readTlvs(
  header: ProxyHeader,
  bytes: Uint8Array,
  offset: number,
  from: number,
  end: number,
): number {
  let checksumAt = NOWHERE;
  for (let at = from; at < end; ) {
    const next = endOfTlv(bytes, at, end);
    if (next === BEYOND) return MALFORMED;
    const value = at + TLV_HEADER_SIZE;
    if (bytes[at] === TLV_CRC32C) {
      // Which of two would be computed with zeros in place of which?
      if (next - value !== CRC32C_SIZE || checksumAt !== NOWHERE) return MALFORMED;
      checksumAt = value;
    } else if (!readTlv(header, bytes, bytes[at]!, value, next - value)) {
      return MALFORMED;
    }
    at = next;
  }
  const isIntact = checksumAt === NOWHERE || isSumOf(bytes, offset, checksumAt, end);
  return isIntact ? end - offset : BAD_CHECKSUM;
}

function endOfTlv(bytes: Uint8Array, at: number, end: number): number {
  if (at + TLV_HEADER_SIZE > end) return BEYOND;
  const next = at + TLV_HEADER_SIZE + ((bytes[at + 1]! << 8) | bytes[at + 2]!);
  return next > end ? BEYOND : next;
}

// False when the value is not what its type must be.
function readTlv(
  header: ProxyHeader,
  bytes: Uint8Array,
  type: number,
  at: number,
  length: number,
): boolean {
  switch (type) {
    case TLV_ALPN:
      header.alpn = decodeText(bytes, at, length);
      return true;
    case TLV_AUTHORITY:
      header.authority = decodeText(bytes, at, length);
      return true;
    case TLV_UNIQUE_ID:
      header.uniqueId = bytes.slice(at, at + length);
      return length <= UNIQUE_ID_SIZE_MAX;
    case TLV_SSL:
      header.ssl = readSsl(bytes, at, length);
      return header.ssl !== null;
    default:
      readCloudTlv(header, bytes, type, at, length);
      return true;
  }
}

// These types are free for all applications: a value of another form is somebody else's.
function readCloudTlv(
  header: ProxyHeader,
  bytes: Uint8Array,
  type: number,
  at: number,
  length: number,
): void {
  if (type === TLV_AWS && length > 0 && bytes[at] === AWS_VPC_ENDPOINT) {
    header.awsVpcEndpoint = decodeText(bytes, at + 1, length - 1);
  } else if (type === TLV_AZURE && length === AZURE_VALUE_SIZE && bytes[at] === AZURE_LINK_ID) {
    const low = bytes[at + 1]! | (bytes[at + 2]! << 8) | (bytes[at + 3]! << 16);
    header.azureLinkId = (low | (bytes[at + 4]! << 24)) >>> 0;
  } else if (type === TLV_GCP && length === GCP_VALUE_SIZE) {
    const high = BigInt(readUint32(bytes, at));
    header.gcpConnectionId = String((high << 32n) | BigInt(readUint32(bytes, at + 4)));
  }
}

function readSsl(bytes: Uint8Array, at: number, length: number): ProxySsl | null {
  if (length < SSL_FIXED_SIZE) return null;
  const ssl: ProxySsl = {
    client: bytes[at]!,
    verify: readUint32(bytes, at + 1),
    ...{ version: "", cn: "", cipher: "", signature: "", key: "" },
  };
  const end = at + length;
  for (let part = at + SSL_FIXED_SIZE; part < end; ) {
    const next = endOfTlv(bytes, part, end);
    if (next === BEYOND) return null;
    const value = part + TLV_HEADER_SIZE;
    readSslPart(ssl, bytes[part]!, decodeText(bytes, value, next - value));
    part = next;
  }
  return ssl;
}

function readSslPart(ssl: ProxySsl, type: number, text: string): void {
  switch (type) {
    case TLV_SSL_VERSION:
      ssl.version = text;
      break;
    case TLV_SSL_CN:
      ssl.cn = text;
      break;
    case TLV_SSL_CIPHER:
      ssl.cipher = text;
      break;
    case TLV_SSL_SIGNATURE:
      ssl.signature = text;
      break;
    case TLV_SSL_KEY:
      ssl.key = text;
      break;
  }
}

// The sum is made over the whole header with zeros in its own place (2.2.3).
function isSumOf(bytes: Uint8Array, offset: number, sumAt: number, end: number): boolean {
  const behind = sumAt + CRC32C_SIZE;
  let state = addCrc32c(CRC32C_START, bytes, offset, sumAt - offset);
  state = addCrc32c(state, NO_CHECKSUM_YET, 0, CRC32C_SIZE);
  state = addCrc32c(state, bytes, behind, end - behind);
  return finishCrc32c(state) === readUint32(bytes, sumAt);
}

function readUint32(bytes: Uint8Array, at: number): number {
  const high = (bytes[at]! << 24) | (bytes[at + 1]! << 16);
  return (high | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
