// Reads a PROXY header of either version from the start of a stream, as far as it has arrived.
//
// Bounded: version 1 by 107 bytes, version 2 by 16 + 4096; a longer declared length is refused from
// the fixed part alone. The verdict never depends on how the bytes were split.
// Pure: no I/O, no clock. Whether the sender may be believed is for the caller to know.

import { ProxyHeader } from "./proxy-header.ts";
import { readV1 } from "./read-v1.ts";
import { readV2 } from "./read-v2.ts";
import { NEED_MORE, NOT_PROXY_HEADER } from "./verdict.ts";
import { V1_SIGNATURE, V2_SIGNATURE } from "./wire.ts";

/** Reads headers, one after the other; made once per worker. */
export class ProxyHeaderReader {
  /** Describes the header after a positive verdict, until the next `read`; says nothing else. */
  readonly header = new ProxyHeader();

  /**
   * Judges what has arrived of a stream that should begin with a header. May be called again, from
   * the stream's first byte, whenever more has arrived.
   * @param offset where the stream starts in `bytes`
   * @param length how many bytes are there; may reach beyond the header
   * @returns how many bytes the header takes; NEED_MORE; or a negative verdict (verdict.ts)
   */
  read(bytes: Uint8Array, offset: number, length: number): number {
    const { header } = this;
    header.clear();
    if (length === 0) return NEED_MORE;
    const isText = bytes[offset] === V1_SIGNATURE[0];
    const signature = isText ? V1_SIGNATURE : V2_SIGNATURE;
    if (!beginsWith(bytes, offset, length, signature)) return NOT_PROXY_HEADER;
    if (length < signature.length) return NEED_MORE;
    const verdict = isText
      ? readV1(header, bytes, offset, length)
      : readV2(header, bytes, offset, length);
    if (verdict < 0) header.clear();
    return verdict;
  }
}

/** @returns whether the stream agrees with `signature` as far as both go */
function beginsWith(
  bytes: Uint8Array,
  offset: number,
  length: number,
  signature: Uint8Array,
): boolean {
  const seen = Math.min(length, signature.length);
  for (let i = 0; i < seen; i++) if (bytes[offset + i] !== signature[i]) return false;
  return true;
}
