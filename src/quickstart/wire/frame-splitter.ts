// Cuts the byte stream of a client into whole MQTT packets.
//
//   ┌──────────────┬──────────────────────────────┬───────────────────────────┐
//   │ type + flags │ remaining length, 1..4 bytes │ remaining length bytes    │
//   └──────────────┴──────────────────────────────┴───────────────────────────┘
//
// A packet that lies whole in one chunk is given out where it lies. One that does not is
// collected in a buffer that grows with what has arrived: a length that a peer declares never
// sizes an allocation. Longer packets than `sizeMax` are refused from the fixed header alone.

import { REASON, type Reason } from "../reason.ts";

const FIXED_HEADER_MAX = 5;
const FIRST_SIZE = 1024;
/** `#need` while the fixed header is not whole. */
const UNKNOWN = 0;

export interface FrameHandler {
  /** A whole packet, valid until this returns; its body starts at `bodyAt`. False stops. */
  onFrame(frame: Buffer, bodyAt: number): boolean;
}

export class FrameSplitter {
  readonly #sizeMax: number;
  readonly #handler: FrameHandler;
  /** Bytes of a packet that is not whole yet. */
  #part: Buffer | null = null;
  #filled = 0;
  /** Size of that packet with its header, or UNKNOWN. */
  #need = UNKNOWN;

  constructor(sizeMax: number, handler: FrameHandler) {
    this.#sizeMax = sizeMax;
    this.#handler = handler;
  }

  /** @returns 0, or why the stream cannot be read on */
  feed(chunk: Buffer): 0 | Reason {
    let at = 0;
    while (at < chunk.length) {
      if (this.#part !== null) {
        at = this.#fill(chunk, at);
        const verdict = this.#finishPart();
        if (verdict !== 0) return verdict === STOPPED ? 0 : verdict;
        continue;
      }
      const size = packetSize(chunk, at, chunk.length);
      if (size < 0 || size > this.#sizeMax) return refusal(size);
      if (size === UNKNOWN || at + size > chunk.length) {
        this.#startPart(chunk, at, size);
        return 0;
      }
      const frame = at === 0 && size === chunk.length ? chunk : chunk.subarray(at, at + size);
      if (!this.#handler.onFrame(frame, bodyStart(frame))) return 0;
      at += size;
    }
    return 0;
  }

  #startPart(chunk: Buffer, at: number, size: number): void {
    const left = chunk.length - at;
    const wanted = size === UNKNOWN ? FIXED_HEADER_MAX : Math.min(size, Math.max(FIRST_SIZE, left));
    this.#part = Buffer.allocUnsafeSlow(wanted);
    chunk.copy(this.#part, 0, at);
    this.#filled = left;
    this.#need = size;
  }

  // Takes over what is missing, a byte at a time while the fixed header is.
  #fill(chunk: Buffer, at: number): number {
    const missing = this.#need === UNKNOWN ? 1 : this.#need - this.#filled;
    const taken = Math.min(missing, chunk.length - at);
    this.#reserve(this.#filled + taken);
    chunk.copy(this.#part!, this.#filled, at, at + taken);
    this.#filled += taken;
    return at + taken;
  }

  #finishPart(): 0 | typeof STOPPED | Reason {
    if (this.#need === UNKNOWN) {
      const size = packetSize(this.#part!, 0, this.#filled);
      if (size < 0 || size > this.#sizeMax) return refusal(size);
      this.#need = size;
    }
    if (this.#need === UNKNOWN || this.#filled < this.#need) return 0;
    const frame = this.#part!.subarray(0, this.#need);
    this.#part = null;
    this.#need = UNKNOWN;
    return this.#handler.onFrame(frame, bodyStart(frame)) ? 0 : STOPPED;
  }

  #reserve(size: number): void {
    const part = this.#part!;
    if (size <= part.length) return;
    const bound = this.#need === UNKNOWN ? FIXED_HEADER_MAX : this.#need;
    const grown = Buffer.allocUnsafeSlow(Math.min(bound, Math.max(size, 2 * part.length)));
    part.copy(grown, 0, 0, this.#filled);
    this.#part = grown;
  }
}

const STOPPED = -2;
const BAD_LENGTH = -1;

function refusal(size: number): Reason {
  return size === BAD_LENGTH ? REASON.malformedPacket : REASON.packetTooLarge;
}

// Size of the packet at `at`, header included; UNKNOWN when the header is cut off; BAD_LENGTH for a
// fifth length byte or one byte more than the value needs [MQTT-1.5.5-1].
function packetSize(bytes: Buffer, at: number, end: number): number {
  let value = 0;
  for (let i = 1; i < FIXED_HEADER_MAX; i++) {
    if (at + i >= end) return UNKNOWN;
    const byte = bytes[at + i]!;
    value += (byte & 0x7f) * 128 ** (i - 1);
    if (byte < 0x80) return byte === 0 && i > 1 ? BAD_LENGTH : 1 + i + value;
  }
  return BAD_LENGTH;
}

function bodyStart(frame: Buffer): number {
  let at = 1;
  while (frame[at]! >= 0x80) at++;
  return at + 1;
}
