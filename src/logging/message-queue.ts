// Messages that wait for their receiver: first in, first out, within a limit of bytes. What does
// not fit is dropped and counted, the newest first, so that what is kept has no gap.

import { assert } from "../assert.ts";

/** What an object of its own costs besides its bytes. */
const OVERHEAD = 64;

export class MessageQueue {
  readonly #bytesMax: number;
  #messages: Uint8Array[] = [];
  /** Of `#messages`: those before it are gone. */
  #first = 0;
  #bytes = 0;
  droppedCount = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get count(): number {
    return this.#messages.length - this.#first;
  }

  /** @returns whether there was room */
  push(message: Uint8Array): boolean {
    const bytes = message.length + OVERHEAD;
    if (this.#bytes + bytes > this.#bytesMax) {
      this.droppedCount++;
      return false;
    }
    this.#bytes += bytes;
    this.#messages.push(message);
    return true;
  }

  /** The oldest message, which stays. */
  get first(): Uint8Array | null {
    return this.#messages[this.#first] ?? null;
  }

  /** Takes the oldest message out. */
  shift(): Uint8Array {
    const message = this.#messages[this.#first];
    assert(message !== undefined, "only what is there is taken out");
    this.#bytes -= message.length + OVERHEAD;
    this.#first++;
    if (this.#first === this.#messages.length || this.#first === 1_024) {
      this.#messages = this.#messages.slice(this.#first);
      this.#first = 0;
    }
    return message;
  }

  /** Takes the oldest ones, one at least, as long as they are no more than `bytesMax` together. */
  shiftBatch(bytesMax: number): Uint8Array[] {
    const batch: Uint8Array[] = [];
    for (let size = 0; this.first !== null; ) {
      size += this.first.length;
      if (batch.length > 0 && size > bytesMax) break;
      batch.push(this.shift());
    }
    return batch;
  }

  /** Gives up on everything. */
  dropAll(): void {
    this.droppedCount += this.count;
    this.#messages = [];
    this.#first = 0;
    this.#bytes = 0;
  }
}
