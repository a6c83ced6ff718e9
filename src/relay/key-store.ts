// One byte string per connection, such as its client id: short ones inline, long ones apart.
//
// Bounded by 65,535 bytes a string (MQTT's own limit). Allocates only for strings longer than
// INLINE_SIZE, once a connection.

import { assert } from "../assert.ts";
import { hash32 } from "../bytes/hash32.ts";
import { INLINE_ID_SIZE, LONG_ID_SEED } from "../shm/connection-columns.ts";

/** Holds a UUID with a prefix; most client ids are shorter. */
export const INLINE_SIZE = INLINE_ID_SIZE;
export const LENGTH_MAX = 65_535;

export interface KeyPlaces {
  readonly lengths: Uint16Array;
  /** INLINE_SIZE bytes a string. */
  readonly inline: Uint8Array;
  /** Hashes of long ones, for who sees only their beginnings; null: nobody does. */
  readonly hashes: Int32Array | null;
}

export class KeyStore {
  readonly #lengths: Uint16Array;
  readonly #inline: Uint8Array;
  readonly #hashes: Int32Array | null;
  readonly #long = new Map<number, Uint8Array>();

  /** @param places where lengths and short strings are, for somebody else to see them, too */
  constructor(count: number, places: KeyPlaces = makePlaces(count)) {
    assert(places.inline.length === count * INLINE_SIZE, "there is a place for each string");
    this.#lengths = places.lengths;
    this.#inline = places.inline;
    this.#hashes = places.hashes;
  }

  set(index: number, source: Uint8Array, offset: number, length: number): void {
    assert(length >= 0 && length <= LENGTH_MAX, "a key fits an MQTT string");
    assert(this.#lengths[index] === 0, "a key is set once");
    if (length > INLINE_SIZE) this.#setLong(index, source.slice(offset, offset + length));
    const at = index * INLINE_SIZE;
    const shown = length > INLINE_SIZE ? INLINE_SIZE : length;
    for (let i = 0; i < shown; i++) this.#inline[at + i] = source[offset + i]!;
    // Last: who sees the length sees the bytes.
    this.#lengths[index] = length;
  }

  #setLong(index: number, key: Uint8Array): void {
    this.#long.set(index, key);
    if (this.#hashes !== null) this.#hashes[index] = hash32(key, 0, key.length, LONG_ID_SEED);
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

function makePlaces(count: number): KeyPlaces {
  const inline = new Uint8Array(count * INLINE_SIZE);
  return { lengths: new Uint16Array(count), inline, hashes: null };
}
