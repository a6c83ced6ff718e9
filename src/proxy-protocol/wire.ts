// What both versions of the PROXY protocol look like on the wire: signatures, numbers, sizes.
// After "The PROXY protocol, versions 1 & 2" (HAProxy, doc/proxy-protocol.txt); constants only.

/** The start of a header of version 1: `PROXY `. */
export const V1_SIGNATURE = Uint8Array.of(0x50, 0x52, 0x4f, 0x58, 0x59, 0x20);

/** The start of a header of version 2: CRLF CRLF NUL CRLF `QUIT` LF. */
export const V2_SIGNATURE = Uint8Array.of(
  ...[0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a],
);

/** The longest line of version 1, CRLF included (2.1: "worst case"). */
export const V1_SIZE_MAX = 107;
/** Signature, version and command, family and transport, length. */
export const V2_FIXED_SIZE = 16;
/** What may follow the fixed part: some ten times what proxies send, far below what it can lie. */
export const V2_REST_SIZE_MAX = 4096;

/** No header, read or written, is larger. */
export const PROXY_HEADER_SIZE_MAX = V2_FIXED_SIZE + V2_REST_SIZE_MAX;

/** The high four bits of byte 13. */
export const V2_VERSION = 2;
/** The low four bits of byte 13. */
export const COMMAND_LOCAL = 0;
export const COMMAND_PROXY = 1;

/** The high four bits of byte 14. */
export const FAMILY_UNSPEC = 0;
export const FAMILY_INET = 1;
export const FAMILY_INET6 = 2;
export const FAMILY_UNIX = 3;

/** The low four bits of byte 14. */
export const TRANSPORT_UNSPEC = 0;
export const TRANSPORT_STREAM = 1;

/** Two addresses and two ports, or two paths, by family. */
export const ADDRESSES_SIZE: readonly number[] = [0, 12, 36, 216];

/** Type and length before the value of each TLV. */
export const TLV_HEADER_SIZE = 3;
/** Client flags and verification result, before the TLVs inside PP2_TYPE_SSL (2.2.6). */
export const SSL_FIXED_SIZE = 5;
export const CRC32C_SIZE = 4;
/** PP2_TYPE_UNIQUE_ID is "up to 128 bytes" (2.2.5). */
export const UNIQUE_ID_SIZE_MAX = 128;

export const TLV_ALPN = 0x01;
export const TLV_AUTHORITY = 0x02;
export const TLV_CRC32C = 0x03;
export const TLV_UNIQUE_ID = 0x05;
export const TLV_SSL = 0x20;
// Inside PP2_TYPE_SSL.
export const TLV_SSL_VERSION = 0x21;
export const TLV_SSL_CN = 0x22;
export const TLV_SSL_CIPHER = 0x23;
export const TLV_SSL_SIGNATURE = 0x24;
export const TLV_SSL_KEY = 0x25;
// Of the range for applications (2.2.8), as three clouds use it.
export const TLV_GCP = 0xe0;
export const TLV_AWS = 0xea;
export const TLV_AZURE = 0xee;

/** The first byte of an AWS value before the id of a VPC endpoint. */
export const AWS_VPC_ENDPOINT = 0x01;
/** The first byte of an Azure value before the LinkID of a private endpoint. */
export const AZURE_LINK_ID = 0x01;

/** Client flags: the client came by TLS. */
export const CLIENT_SSL = 0x01;
/** It gave a certificate over this connection. */
export const CLIENT_CERT_CONN = 0x02;
/** It gave a certificate at least once in this TLS session. */
export const CLIENT_CERT_SESS = 0x04;
