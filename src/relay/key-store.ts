// One byte string per connection, such as its client id: short ones inline, long ones apart.
//
// Bounded by 65,535 bytes a string (MQTT's own limit). Allocates only for strings longer than
// INLINE_SIZE, once a connection.

import { assert } from "../assert.ts";

/** Holds a UUID with a prefix; most client ids are shorter. */
export const INLINE_SIZE = 40;
export const LENGTH_MAX = 65_535;

export class KeyStore {
  readonly #lengths: Uint16Array;
  readonly #inline: Uint8Array;
  readonly #long = new Map<number, Uint8Array>();

  constructor(count: number) {
    this.#lengths = new Uint16Array(count);
    this.#inline = new Uint8Array(count * INLINE_SIZE);
  }

  set(index: number, source: Uint8Array, offset: number, length: number): void {
    assert(length >= 0 && length <= LENGTH_MAX, "a key fits an MQTT string");
    assert(this.#lengths[index] === 0, "a key is set once");
    this.#lengths[index] = length;
    if (length > INLINE_SIZE) {
      this.#long.set(index, source.slice(offset, offset + length));
      return;
    }
    const at = index * INLINE_SIZE;
    for (let i = 0; i < length; i++) this.#inline[at + i] = source[offset + i]!;
  }

  clear(index: number): void {
    if (this.#lengths[index]! > INLINE_SIZE) this.#long.delete(index);
    this.#lengths[index] = 0;
  }

  lengthOf(index: number): number {
    return this.#lengths[index]!;
  }

  /** The array that holds the key, from `offsetOf` on. */
  bytesOf(index: number): Uint8Array {
    if (this.#lengths[index]! <= INLINE_SIZE) return this.#inline;
    const long = this.#long.get(index);
    assert(long !== undefined, "a long key is kept");
    return long;
  }

  offsetOf(index: number): number {
    return this.#lengths[index]! <= INLINE_SIZE ? index * INLINE_SIZE : 0;
  }
}
