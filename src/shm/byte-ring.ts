// A ring of bytes in shared memory with one producer (a worker) and one consumer (the control
// plane): room for records, and who may touch which bytes when.
//
//   header   ┌──────┬──────┬─ … 64 bytes
//            │ head │ tail │       bytes taken out and put in so far, modulo 2^32
//            └──────┴──────┴─ …
//   record   ┌────────────┬─ …
//            │ size (int) │       whatever log-ring.ts and trace-ring.ts put there
//            └────────────┴─ …
//
// Records are whole, contiguous and 8-byte aligned; a size of -1 says "go on at the start". A full
// ring says so and never blocks. What is in records, others know.

import { assert } from "../assert.ts";
import { LOG_HEAD, LOG_HEADER_SIZE, LOG_TAIL } from "./layout.ts";

/** The first word of every record. */
const WRAP = -1;

class ByteRing {
  protected readonly header: Int32Array;
  protected readonly bytes: Uint8Array;
  protected readonly ints: Int32Array;
  protected readonly floats: Float64Array;
  protected readonly size: number;

  /** @param size bytes of records behind the header at `offset`; a power of two */
  constructor(buffer: SharedArrayBuffer, offset: number, size: number) {
    assert((size & (size - 1)) === 0, "a ring is a power of two");
    this.size = size;
    this.header = new Int32Array(buffer, offset, LOG_HEADER_SIZE / 4);
    this.bytes = new Uint8Array(buffer, offset + LOG_HEADER_SIZE, size);
    this.ints = new Int32Array(buffer, offset + LOG_HEADER_SIZE, size / 4);
    this.floats = new Float64Array(buffer, offset + LOG_HEADER_SIZE, size / 8);
  }

  /** Bytes in the ring that have not been read. */
  get used(): number {
    return (Atomics.load(this.header, LOG_TAIL) - Atomics.load(this.header, LOG_HEAD)) >>> 0;
  }
}

/** The worker's end. */
export class ByteRingWriter extends ByteRing {
  #reserved = 0;

  /**
   * Room for a record; `publish` is due when it is filled in.
   * @param size in bytes, its first word included
   * @returns where it is, or -1: the ring is full
   */
  protected reserve(size: number): number {
    const whole = (size + 7) & ~7;
    const tail = Atomics.load(this.header, LOG_TAIL);
    const free = this.size - this.used;
    let at = tail & (this.size - 1);
    let wasted = 0;
    if (at + whole > this.size) {
      wasted = this.size - at;
      if (wasted + whole > free) return -1;
      this.ints[at >> 2] = WRAP;
      at = 0;
    }
    if (wasted + whole > free) return -1;
    this.ints[at >> 2] = whole;
    this.#reserved = wasted + whole;
    return at;
  }

  /** Published last: a reader that sees the tail sees the record. */
  protected publish(): void {
    const tail = Atomics.load(this.header, LOG_TAIL);
    Atomics.store(this.header, LOG_TAIL, (tail + this.#reserved) | 0);
    this.#reserved = 0;
  }
}

/** The control plane's end. */
export class ByteRingReader extends ByteRing {
  #head = 0;

  /** @returns where the oldest record is, until `release`; -1 when the ring is empty */
  protected oldest(): number {
    if (this.used === 0) return -1;
    let head = Atomics.load(this.header, LOG_HEAD);
    let at = head & (this.size - 1);
    if (this.ints[at >> 2] === WRAP) {
      head = (head + this.size - at) | 0;
      at = 0;
    }
    const size = this.ints[at >> 2]!;
    assert(size > 0 && size <= this.size, "a record has a size");
    this.#head = (head + size) | 0;
    return at;
  }

  /** The record that `oldest` has found was read. */
  protected release(): void {
    Atomics.store(this.header, LOG_HEAD, this.#head);
  }

  /** Takes everything out of the ring without looking at it. */
  discard(): void {
    Atomics.store(this.header, LOG_HEAD, Atomics.load(this.header, LOG_TAIL));
  }
}
