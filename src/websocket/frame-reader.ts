// Takes the payload out of the frames that peers send (RFC 6455), many connections at once.
//
// A piece of a stream goes in as it was received; its payload comes out where the piece was,
// without gaps, unmasked. 31 bytes of state a slot; nothing is allocated, but for control frames
// that were split (control-payloads.ts). Frames are not answered here: `reply` has what should be.
// Pure: no I/O, no clock. Which frames are legal is judged in frame-header.ts.

import { assert } from "../assert.ts";
import { Random32 } from "../bytes/random32.ts";
import { readClosePayload } from "./close-payload.ts";
import { ControlPayloads } from "./control-payloads.ts";
import { EXPECT_MASKED, FrameHeader, HEADER_NEEDS_MORE, IN_MESSAGE } from "./frame-header.ts";
import {
  CLOSE_NO_CODE,
  CONTROL_FRAME_SIZE_MAX,
  FIRST_CONTROL_OPCODE,
  FRAME_HEADER_SIZE_MAX,
  OPCODE_CLOSE,
  OPCODE_PING,
  OPCODE_PONG,
} from "./frame-numbers.ts";
import { NO_MASK, toMaskKey, writeControlFrame } from "./frame-writer.ts";
import { moveMasked, turnMask } from "./mask.ts";

/** We are the server: the peer's frames must be masked, ours are not (5.1). */
export const FRAME_SERVER = 0;
/** We are the client: the peer's frames must not be masked, ours are. */
export const FRAME_CLIENT = 1;

const NOT_CLOSED = 0;
const CLOSE_CODE_SIZE = 2;
const FRAME_SIZE_LIMIT = 0x7fff_ffff;

export class FrameReader {
  /**
   * Frames that the piece read last asks for, masked if we are the client, `replyLength` bytes from
   * the start on; overwritten by the next `read`. At most one pong, as of several pings only the
   * last must be answered (5.5.3), and one close frame that returns the peer's code; a caller that
   * has sent a close frame of its own drops it.
   */
  readonly reply = new Uint8Array(2 * CONTROL_FRAME_SIZE_MAX);
  replyLength = 0;

  readonly #header = new FrameHeader();
  readonly #controls = new ControlPayloads();
  readonly #maskKeys: Random32;

  // By slot. What frame-header.ts is told of the connection: EXPECT_MASKED, IN_MESSAGE.
  readonly #expected: Uint8Array;
  readonly #sizeMax: Int32Array;
  // Bytes that are still to come of the payload under way; 0 between frames and inside a header.
  readonly #left: Int32Array;
  // The opcode and the mask key of that payload, the key turned to its next byte.
  readonly #opcode: Uint8Array;
  readonly #maskKey: Int32Array;
  // What has come of a header that was split, and how many bytes that is.
  readonly #partial: Uint8Array;
  readonly #partialSize: Uint8Array;
  readonly #closeCode: Uint16Array;

  /** @param maskSeed where the keys of masked replies come from; differs between workers */
  constructor(slotsMax: number, maskSeed = 0) {
    this.#maskKeys = new Random32(maskSeed);
    this.#expected = new Uint8Array(slotsMax);
    this.#sizeMax = new Int32Array(slotsMax);
    this.#left = new Int32Array(slotsMax);
    this.#opcode = new Uint8Array(slotsMax);
    this.#maskKey = new Int32Array(slotsMax);
    this.#partial = new Uint8Array(slotsMax * FRAME_HEADER_SIZE_MAX);
    this.#partialSize = new Uint8Array(slotsMax);
    this.#closeCode = new Uint16Array(slotsMax);
  }

  /**
   * Begins a stream: the next byte is the first of a frame.
   * @param role FRAME_SERVER or FRAME_CLIENT: what we are
   * @param frameSizeMax the longest payload of a data frame that is accepted, below 2^31
   */
  begin(slot: number, role: number, frameSizeMax: number): void {
    assert(role === FRAME_SERVER || role === FRAME_CLIENT, "we are a server or a client");
    assert(frameSizeMax > 0 && frameSizeMax <= FRAME_SIZE_LIMIT, "a frame's limit is an int32");
    this.release(slot);
    this.#expected[slot] = role === FRAME_SERVER ? EXPECT_MASKED : 0;
    this.#sizeMax[slot] = frameSizeMax;
    this.#left[slot] = 0;
    this.#partialSize[slot] = 0;
    this.#closeCode[slot] = NOT_CLOSED;
  }

  /** Gives back what is kept for a slot; to be called when its connection ends. */
  release(slot: number): void {
    this.#controls.release(slot);
  }

  /** The code that the peer closed with: 0 not yet, 1005 without a code. No payload follows it. */
  closeCode(slot: number): number {
    return this.#closeCode[slot]!;
  }

  /** True exactly when the next byte is the first of a frame. */
  atBoundary(slot: number): boolean {
    return this.#left[slot] === 0 && this.#partialSize[slot] === 0;
  }

  /**
   * Reads the next piece of a slot's stream. The payload of its binary frames and of their
   * continuations is unmasked and moved together, to start at `offset`; the rest of the piece is
   * overwritten in part.
   * @returns how many bytes of payload are at `offset` now; or minus the close code of what is
   *   wrong with the stream, after which the slot is of no use until `begin`
   */
  read(slot: number, bytes: Uint8Array, offset: number, length: number): number {
    this.replyLength = 0;
    const end = offset + length;
    let to = offset;
    let at = offset;
    while (at < end && this.#closeCode[slot] === NOT_CLOSED) {
      if (this.#left[slot] === 0) {
        const taken = this.#readHeader(slot, bytes, at, end);
        if (taken < 0) return taken;
        at += taken;
        continue;
      }
      const taken = Math.min(this.#left[slot]!, end - at);
      if (this.#opcode[slot]! >= FIRST_CONTROL_OPCODE) {
        const fault = this.#readControl(slot, bytes, at, taken);
        if (fault < 0) return fault;
      } else {
        moveMasked(bytes, to, at, taken, this.#maskKey[slot]!);
        to += taken;
        this.#consume(slot, taken);
      }
      at += taken;
    }
    return to - offset;
  }

  #consume(slot: number, count: number): void {
    this.#left[slot]! -= count;
    if (this.#left[slot] !== 0) this.#maskKey[slot] = turnMask(this.#maskKey[slot]!, count);
  }

  // Takes the bytes of a header, all that are left or those up to its end, and says how many.
  #readHeader(slot: number, bytes: Uint8Array, at: number, end: number): number {
    if (this.#partialSize[slot] !== 0) return this.#resumeHeader(slot, bytes, at, end);
    const size = this.#judge(slot, bytes, at, end - at);
    if (size !== HEADER_NEEDS_MORE) return size < 0 ? size : this.#beginPayload(slot, size);
    this.#keepPartial(slot, bytes, at, end);
    return end - at;
  }

  #resumeHeader(slot: number, bytes: Uint8Array, at: number, end: number): number {
    const before = this.#partialSize[slot]!;
    const seen = Math.min(FRAME_HEADER_SIZE_MAX, before + end - at);
    this.#keepPartial(slot, bytes, at, at + seen - before);
    const size = this.#judge(slot, this.#partial, slot * FRAME_HEADER_SIZE_MAX, seen);
    if (size < 0) return size;
    if (size === HEADER_NEEDS_MORE) return seen - before;
    this.#partialSize[slot] = 0;
    return this.#beginPayload(slot, size - before);
  }

  #keepPartial(slot: number, bytes: Uint8Array, from: number, end: number): void {
    let to = slot * FRAME_HEADER_SIZE_MAX + this.#partialSize[slot]!;
    for (let at = from; at < end; at++) this.#partial[to++] = bytes[at]!;
    this.#partialSize[slot]! += end - from;
  }

  #judge(slot: number, bytes: Uint8Array, at: number, seen: number): number {
    return this.#header.read(bytes, at, seen, this.#expected[slot]!, this.#sizeMax[slot]!);
  }

  // A frame's header was read. `taken` is only passed through, unless the frame is at fault.
  #beginPayload(slot: number, taken: number): number {
    const { opcode, length, isFinal } = this.#header;
    this.#opcode[slot] = opcode;
    this.#left[slot] = length;
    this.#maskKey[slot] = this.#header.maskKey;
    if (opcode < FIRST_CONTROL_OPCODE) {
      if (isFinal) this.#expected[slot]! &= ~IN_MESSAGE;
      else this.#expected[slot]! |= IN_MESSAGE;
      return taken;
    }
    if (length > 0) return taken;
    const fault = this.#onControl(slot, this.reply, 0, 0);
    return fault < 0 ? fault : taken;
  }

  // Payload of a control frame: unmasked where it is, and kept if it is not all of it.
  #readControl(slot: number, bytes: Uint8Array, at: number, length: number): number {
    moveMasked(bytes, at, at, length, this.#maskKey[slot]!);
    const isFirst = this.#controls.isEmpty(slot);
    this.#consume(slot, length);
    const isLast = this.#left[slot] === 0;
    if (isFirst && isLast) return this.#onControl(slot, bytes, at, length);
    const payload = this.#controls.append(slot, bytes, at, length);
    if (!isLast) return 0;
    const fault = this.#onControl(slot, payload.bytes, 0, payload.length);
    this.#controls.release(slot);
    return fault;
  }

  // A whole control frame. Gives minus a close code for a close frame that is wrong, else 0.
  #onControl(slot: number, payload: Uint8Array, at: number, length: number): number {
    switch (this.#opcode[slot]) {
      case OPCODE_PING:
        this.replyLength = this.#writeReply(slot, 0, OPCODE_PONG, payload, at, length);
        return 0;
      case OPCODE_CLOSE: {
        const code = readClosePayload(payload, at, length);
        if (code < 0) return code;
        this.#closeCode[slot] = code;
        // The code goes back without its reason, which is the peer's own.
        const echoed = code === CLOSE_NO_CODE ? 0 : CLOSE_CODE_SIZE;
        const { replyLength } = this;
        this.replyLength += this.#writeReply(slot, replyLength, OPCODE_CLOSE, payload, at, echoed);
        return 0;
      }
      default:
        // A pong: nobody asked for it, and nothing depends on it.
        return 0;
    }
  }

  #writeReply(
    slot: number,
    to: number,
    opcode: number,
    payload: Uint8Array,
    at: number,
    length: number,
  ): number {
    const isServer = (this.#expected[slot]! & EXPECT_MASKED) !== 0;
    const maskKey = isServer ? NO_MASK : toMaskKey(this.#maskKeys.next());
    return writeControlFrame(this.reply, to, opcode, payload, at, length, maskKey);
  }
}
