// The TLVs that we may put into a header of version 2, as the operator names them. A table; what
// each is made of stands in write-v2.ts.

export const TLV_NAMES = [
  "alpn",
  "authority",
  "unique-id",
  "crc32c",
  // PP2_TYPE_SSL with version and verification result, and what may be inside it.
  "ssl",
  "ssl-cn",
  "ssl-cipher",
  "ssl-signature",
  "ssl-key",
] as const;

export type TlvName = (typeof TLV_NAMES)[number];
