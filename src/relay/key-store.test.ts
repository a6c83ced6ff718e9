import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AssertionFailure } from "../assert.ts";
import { hash32 } from "../bytes/hash32.ts";
import { LONG_ID_SEED } from "../shm/connection-columns.ts";
import { INLINE_SIZE, KeyStore } from "./key-store.ts";

const LENGTHS = [0, 1, INLINE_SIZE - 1, INLINE_SIZE, INLINE_SIZE + 1, 65_535];

function keyOf(store: KeyStore, index: number): number[] {
  const offset = store.offsetOf(index);
  return [...store.bytesOf(index).subarray(offset, offset + store.lengthOf(index))];
}

function keyOfLength(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + seed) & 0xff);
}

describe("KeyStore", () => {
  it("keeps keys of every legal length, beside each other", () => {
    const store = new KeyStore(LENGTHS.length);
    for (const [i, length] of LENGTHS.entries()) store.set(i, keyOfLength(length, i), 0, length);
    for (const [i, length] of LENGTHS.entries()) {
      expect(keyOf(store, i)).toEqual([...keyOfLength(length, i)]);
    }
  });

  it("copies: what it was given may be overwritten", () => {
    const store = new KeyStore(2);
    const source = keyOfLength(200, 1);
    store.set(0, source, 10, 5);
    store.set(1, source, 10, 100);
    source.fill(0);
    expect(keyOf(store, 0)).toEqual([...keyOfLength(200, 1).subarray(10, 15)]);
    expect(keyOf(store, 1)).toEqual([...keyOfLength(200, 1).subarray(10, 110)]);
  });

  it("leaves a hash of each long key for those who see only its beginning", () => {
    const inline = new Uint8Array(2 * INLINE_SIZE);
    const hashes = new Int32Array(2);
    const store = new KeyStore(2, { lengths: new Uint16Array(2), inline, hashes });
    const key = keyOfLength(50, 3);
    store.set(0, key, 0, 50);
    store.set(1, key, 0, INLINE_SIZE);
    expect([...hashes]).toEqual([hash32(key, 0, 50, LONG_ID_SEED), 0]);
    expect([...inline.subarray(0, INLINE_SIZE)]).toEqual([...key.subarray(0, INLINE_SIZE)]);
  });

  it("agrees with a map, whatever is set and cleared", () => {
    const step = fc.record({ index: fc.nat(3), length: fc.constantFrom(...LENGTHS.slice(1, 5)) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const store = new KeyStore(4);
        const model = new Map<number, number[]>();
        for (const [seed, { index, length }] of steps.entries()) {
          store.clear(index);
          const key = keyOfLength(length, seed);
          store.set(index, key, 0, length);
          model.set(index, [...key]);
          for (const [each, bytes] of model) expect(keyOf(store, each)).toEqual(bytes);
        }
      }),
    );
  });

  it("takes a second key only after the first was cleared, and none over MQTT's limit", () => {
    const store = new KeyStore(1);
    store.set(0, keyOfLength(50, 0), 0, 50);
    expect(() => store.set(0, keyOfLength(3, 0), 0, 3)).toThrow(AssertionFailure);
    store.clear(0);
    expect(store.lengthOf(0)).toBe(0);
    expect(() => store.set(0, new Uint8Array(65_536), 0, 65_536)).toThrow(AssertionFailure);
    store.set(0, keyOfLength(3, 0), 0, 3);
    expect(keyOf(store, 0)).toHaveLength(3);
  });
});
