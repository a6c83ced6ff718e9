// The first bytes of each packet of one stream, cut out as the stream comes in pieces: what a trace
// shows of it.
//
//   ┌─────────────┬────────────────────────┬──────────────┐
//   │ type, flags │ remaining length, 1..4 │ that many    │  of which `keepMax` bytes are kept
//   └─────────────┴────────────────────────┴──────────────┘
//
// Bounded by keepMax bytes; allocates nothing after construction. Pure: no I/O, no clock.

/** As much as a fixed header can take. */
const FIXED_HEADER_MAX = 5;

export class PacketHeads {
  /** The head that was being collected, `length` bytes of it. */
  readonly bytes: Uint8Array;
  length = 0;
  /** Of the packet that the head is of, its fixed header included; 0: not known yet. */
  packetSize = 0;
  /** True exactly when `bytes` holds all that is kept of a packet; `next` goes on. */
  isWhole = false;
  /** True from the byte on that cannot be MQTT's; everything after it is passed over. */
  isGarbage = false;
  // Bytes of a packet that are not kept and still to come.
  #skip: number;

  /** @param skip bytes to come of a packet that has begun already */
  constructor(keepMax: number, skip: number) {
    this.bytes = new Uint8Array(Math.max(keepMax, FIXED_HEADER_MAX));
    this.#skip = skip;
  }

  /**
   * Takes bytes up to the end of one head, or all there are.
   * @returns where the bytes begin that are left; when it is `end`, look at `isWhole` all the same
   */
  take(source: Uint8Array, from: number, end: number): number {
    if (this.isWhole) return from;
    if (this.isGarbage) return end;
    let at = this.#pass(from, end);
    while (at < end && !this.isWhole) {
      at = this.packetSize === 0 ? this.#takeHeader(source, at) : this.#takeBody(source, at, end);
    }
    return at;
  }

  /** Forgets the head that was whole: the next one may come. */
  next(): void {
    this.length = 0;
    this.packetSize = 0;
    this.isWhole = false;
  }

  #pass(from: number, end: number): number {
    const passed = Math.min(this.#skip, end - from);
    this.#skip -= passed;
    return from + passed;
  }

  #takeHeader(source: Uint8Array, at: number): number {
    const byte = source[at]!;
    this.bytes[this.length] = byte;
    this.length += 1;
    const isBroken = this.length === 1 ? byte >> 4 === 0 : this.length === FIXED_HEADER_MAX;
    if (this.length > 1 && byte < 0x80) this.#endHeader();
    else if (isBroken) {
      this.isGarbage = true;
      this.isWhole = true;
    }
    return at + 1;
  }

  #endHeader(): void {
    let remaining = 0;
    for (let i = 1; i < this.length; i++) remaining |= (this.bytes[i]! & 0x7f) << (7 * (i - 1));
    this.packetSize = this.length + remaining;
    this.#judgeWhole();
  }

  #takeBody(source: Uint8Array, from: number, end: number): number {
    const wanted = Math.min(this.packetSize, this.bytes.length) - this.length;
    const count = Math.min(wanted, end - from);
    for (let i = 0; i < count; i++) this.bytes[this.length + i] = source[from + i]!;
    this.length += count;
    this.#judgeWhole();
    return from + count;
  }

  #judgeWhole(): void {
    if (this.length < Math.min(this.packetSize, this.bytes.length)) return;
    this.isWhole = true;
    this.#skip = this.packetSize - this.length;
  }
}
