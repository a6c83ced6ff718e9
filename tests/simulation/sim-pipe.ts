// One direction of a simulated connection: a ring of bytes that are on their way, or there.
//
//   ┌──────┬─────────────────┬──────────────────────┬──────┐
//   │ free │ there: readable │ written, on their way │ free │
//   └──────┴─────────────────┴──────────────────────┴──────┘

export class SimPipe {
  readonly #ring: Uint8Array;
  #start = 0;
  #readable = 0;
  #stored = 0;

  constructor(capacity: number) {
    this.#ring = new Uint8Array(capacity);
  }

  /** Bytes that can be read. */
  get readable(): number {
    return this.#readable;
  }

  /** Bytes that can be written. */
  get room(): number {
    return this.#ring.length - this.#stored;
  }

  put(source: Uint8Array, offset: number, length: number): void {
    if (length > this.room) throw new Error("Cannot put more into a pipe than it has room for");
    const at = (this.#start + this.#stored) % this.#ring.length;
    const first = Math.min(length, this.#ring.length - at);
    this.#ring.set(source.subarray(offset, offset + first), at);
    if (first < length) this.#ring.set(source.subarray(offset + first, offset + length), 0);
    this.#stored += length;
  }

  /** `length` bytes that were on their way are there. */
  arrive(length: number): void {
    this.#readable += length;
    if (this.#readable > this.#stored) throw new Error("Cannot arrive: it was never written");
  }

  /** @returns how many bytes were taken, at most `max` */
  take(target: Uint8Array, offset: number, max: number): number {
    const length = Math.min(max, this.#readable);
    const first = Math.min(length, this.#ring.length - this.#start);
    target.set(this.#ring.subarray(this.#start, this.#start + first), offset);
    if (first < length) target.set(this.#ring.subarray(0, length - first), offset + first);
    this.#drop(length);
    return length;
  }

  /** Forgets what could be read. */
  dropReadable(): void {
    this.#drop(this.#readable);
  }

  #drop(length: number): void {
    this.#start = (this.#start + length) % this.#ring.length;
    this.#readable -= length;
    this.#stored -= length;
  }
}
