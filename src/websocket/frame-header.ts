// Reads and judges the header of one frame (RFC 6455, 5.2).
//
//   ┌───────────────────┬──────────────────┬─────────────────────┬──────────────┐
//   │ FIN, RSV1-3, code │ MASK, length (7) │ length (0, 2 or 8)  │ key (0 or 4) │
//   └───────────────────┴──────────────────┴─────────────────────┴──────────────┘
//
// Judged byte by byte, so that the verdict never depends on how the bytes were split. A declared
// length meets its limit before a byte of payload is taken. Pure, no allocation.

import {
  CLOSE_PROTOCOL_ERROR,
  CLOSE_TOO_LARGE,
  CLOSE_UNSUPPORTED,
  CONTROL_PAYLOAD_MAX,
  FIRST_CONTROL_OPCODE,
  MASK_SIZE,
  OPCODE_BINARY,
  OPCODE_CONTINUATION,
  OPCODE_PONG,
  OPCODE_TEXT,
} from "./frame-numbers.ts";

/** What `read` answers while the header is not complete and nothing is wrong so far. */
export const HEADER_NEEDS_MORE = 0;

/** What is known of a connection when a frame of it begins: flags that are added up. */
export const EXPECT_MASKED = 1;
/** A fragmented message has begun and not ended. */
export const IN_MESSAGE = 2;

const FIN = 0x80;
const RSV = 0x70;
const OPCODE = 0x0f;
const MASKED = 0x80;
const LENGTH = 0x7f;
/** The length that says: the next two bytes have it. The one above says: the next eight. */
const LENGTH_IN_2 = 126;
const LENGTH_IN_2_MAX = 0xffff;

/** The header read last; made once per reader. */
export class FrameHeader {
  opcode = 0;
  isFinal = false;
  /** Bytes of payload. */
  length = 0;
  /** See mask.ts; 0 without a mask. */
  maskKey = 0;

  /**
   * Judges the `seen` bytes of a header at `at`.
   * @param expected EXPECT_MASKED and IN_MESSAGE, as they apply
   * @param sizeMax the longest payload of a data frame
   * @returns the size of the header, HEADER_NEEDS_MORE, or minus the close code of what is wrong
   */
  read(bytes: Uint8Array, at: number, seen: number, expected: number, sizeMax: number): number {
    if (seen < 1) return HEADER_NEEDS_MORE;
    const first = bytes[at]!;
    const fault = judgeFirst(first, expected);
    if (fault !== 0) return -fault;
    if (seen < 2) return HEADER_NEEDS_MORE;
    const second = bytes[at + 1]!;
    const isMasked = second >= MASKED;
    if (isMasked !== ((expected & EXPECT_MASKED) !== 0)) return -CLOSE_PROTOCOL_ERROR;
    this.opcode = first & OPCODE;
    this.isFinal = first >= FIN;
    this.length = second & LENGTH;
    let size = 2;
    if (this.length > CONTROL_PAYLOAD_MAX) {
      size = this.#readLongLength(bytes, at, seen);
      if (size <= 0) return size;
    }
    if (this.length > sizeMax && this.opcode < FIRST_CONTROL_OPCODE) return -CLOSE_TOO_LARGE;
    this.maskKey = 0;
    if (!isMasked) return size;
    if (seen < size + MASK_SIZE) return HEADER_NEEDS_MORE;
    this.maskKey = readMaskKey(bytes, at + size);
    return size + MASK_SIZE;
  }

  // The size of the header up to its mask.
  #readLongLength(bytes: Uint8Array, at: number, seen: number): number {
    if (this.opcode >= FIRST_CONTROL_OPCODE) return -CLOSE_PROTOCOL_ERROR;
    const isIn2 = this.length === LENGTH_IN_2;
    const size = isIn2 ? 4 : 10;
    if (seen < size) return HEADER_NEEDS_MORE;
    if (isIn2) {
      this.length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
      return this.length < LENGTH_IN_2 ? -CLOSE_PROTOCOL_ERROR : size;
    }
    // "The most significant bit MUST be 0", "the minimal number of bytes MUST be used".
    if (bytes[at + 2]! >= 0x80) return -CLOSE_PROTOCOL_ERROR;
    this.length = readUint32(bytes, at + 2) * 0x1_0000_0000 + readUint32(bytes, at + 6);
    return this.length <= LENGTH_IN_2_MAX ? -CLOSE_PROTOCOL_ERROR : size;
  }
}

// The close code of what is wrong with the first byte, or 0.
function judgeFirst(first: number, expected: number): number {
  // No extension is ever agreed on.
  if ((first & RSV) !== 0) return CLOSE_PROTOCOL_ERROR;
  const isFinal = first >= FIN;
  const inMessage = (expected & IN_MESSAGE) !== 0;
  const opcode = first & OPCODE;
  switch (opcode) {
    case OPCODE_BINARY:
      return inMessage ? CLOSE_PROTOCOL_ERROR : 0;
    case OPCODE_CONTINUATION:
      return inMessage ? 0 : CLOSE_PROTOCOL_ERROR;
    case OPCODE_TEXT:
      return CLOSE_UNSUPPORTED;
    default: {
      const isControl = opcode >= FIRST_CONTROL_OPCODE && opcode <= OPCODE_PONG;
      return isControl && isFinal ? 0 : CLOSE_PROTOCOL_ERROR;
    }
  }
}

function readMaskKey(bytes: Uint8Array, at: number): number {
  const low = bytes[at]! | (bytes[at + 1]! << 8);
  return low | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function readUint32(bytes: Uint8Array, at: number): number {
  const high = (bytes[at]! << 24) | (bytes[at + 1]! << 16);
  return (high | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
