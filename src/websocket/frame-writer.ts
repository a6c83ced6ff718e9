// Writes frames (RFC 6455, 5.2): headers of data frames, and whole control frames.
//
// A frame written here is a whole message: FIN is always set. Pure, no allocation but for the
// reason of a close frame, which ends a connection.

import { encodeText } from "../bytes/utf8.ts";
import { CLOSE_NO_CODE, CONTROL_PAYLOAD_MAX, MASK_SIZE, OPCODE_CLOSE } from "./frame-numbers.ts";
import { moveMasked } from "./mask.ts";

/** The mask key of frames that have none: those of a server. */
export const NO_MASK = 0;

const FIN = 0x80;
const MASKED = 0x80;
const LENGTH_IN_7_MAX = 125;
const LENGTH_IN_16_MAX = 0xffff;
const LENGTH_IN_2 = 126;
const LENGTH_IN_8 = 127;
const CLOSE_CODE_SIZE = 2;

/** @returns a key for `maskKey`: any random int32, but never NO_MASK */
export function toMaskKey(random: number): number {
  return random === NO_MASK ? 1 : random;
}

/**
 * Writes the header of a frame; its payload, masked with `moveMasked` by the same key, follows.
 * @param length bytes of payload, below 2^53
 * @param maskKey NO_MASK in the role of a server, else an unpredictable key (`toMaskKey`)
 * @returns the size of the header
 */
export function writeFrameHeader(
  bytes: Uint8Array,
  at: number,
  opcode: number,
  length: number,
  maskKey: number,
): number {
  const masked = maskKey === NO_MASK ? 0 : MASKED;
  bytes[at] = FIN | opcode;
  let size = 2;
  if (length <= LENGTH_IN_7_MAX) {
    bytes[at + 1] = masked | length;
  } else if (length <= LENGTH_IN_16_MAX) {
    bytes[at + 1] = masked | LENGTH_IN_2;
    bytes[at + 2] = length >> 8;
    bytes[at + 3] = length & 0xff;
    size = 4;
  } else {
    bytes[at + 1] = masked | LENGTH_IN_8;
    writeUint32(bytes, at + 2, Math.floor(length / 0x1_0000_0000));
    writeUint32(bytes, at + 6, length >>> 0);
    size = 10;
  }
  if (masked === 0) return size;
  writeMaskKey(bytes, at + size, maskKey);
  return size + MASK_SIZE;
}

/**
 * Writes a whole ping, pong or close frame.
 * @param payload up to 125 bytes of it, from `payloadAt` on
 * @returns the size of the frame, CONTROL_FRAME_SIZE_MAX at most
 */
export function writeControlFrame(
  bytes: Uint8Array,
  at: number,
  opcode: number,
  payload: Uint8Array,
  payloadAt: number,
  length: number,
  maskKey: number,
): number {
  const headerSize = writeFrameHeader(bytes, at, opcode, length, maskKey);
  for (let i = 0; i < length; i++) bytes[at + headerSize + i] = payload[payloadAt + i]!;
  moveMasked(bytes, at + headerSize, at + headerSize, length, maskKey);
  return headerSize + length;
}

/**
 * Writes a close frame.
 * @param code the close code; CLOSE_NO_CODE for a frame without one
 * @param reason for people; what is over 123 bytes of UTF-8 is cut off between characters
 * @returns the size of the frame, CONTROL_FRAME_SIZE_MAX at most
 */
export function writeClose(
  bytes: Uint8Array,
  at: number,
  code: number,
  reason: string,
  maskKey: number,
): number {
  if (code === CLOSE_NO_CODE) return writeFrameHeader(bytes, at, OPCODE_CLOSE, 0, maskKey);
  const text = encodeText(reason);
  const textLength = cutText(text, CONTROL_PAYLOAD_MAX - CLOSE_CODE_SIZE);
  const length = CLOSE_CODE_SIZE + textLength;
  const start = at + writeFrameHeader(bytes, at, OPCODE_CLOSE, length, maskKey);
  bytes[start] = code >> 8;
  bytes[start + 1] = code & 0xff;
  for (let i = 0; i < textLength; i++) bytes[start + CLOSE_CODE_SIZE + i] = text[i]!;
  moveMasked(bytes, start, start, length, maskKey);
  return start + length - at;
}

// The length of what fits of a text, without half a character at its end.
function cutText(text: Uint8Array, sizeMax: number): number {
  if (text.length <= sizeMax) return text.length;
  let length = sizeMax;
  while (length > 0 && (text[length]! & 0xc0) === 0x80) length -= 1;
  return length;
}

function writeMaskKey(bytes: Uint8Array, at: number, maskKey: number): void {
  for (let i = 0; i < MASK_SIZE; i++) bytes[at + i] = maskKey >>> (i << 3);
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = value >>> (24 - (i << 3));
}
