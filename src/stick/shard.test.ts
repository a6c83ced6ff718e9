import { describe, expect, it } from "vitest";
import { Shard } from "./shard.ts";
import { makeStickKey } from "./stick-key.ts";
import { SHARD_BLOCKS_USED, SHARD_EVICTIONS, stickShape } from "./stick-memory.ts";

const shape = stickShape(16);
const makeShard = () => new Shard(new SharedArrayBuffer(shape.shardWords * 4), 0, shape);

function keyOf(text: string) {
  const bytes = new TextEncoder().encode(text);
  return Object.assign(makeStickKey(), { bytes, length: bytes.length });
}

describe("Shard", () => {
  it("finds entries that share a bucket, or even a hash, by their keys", () => {
    const shard = makeShard();
    const names = ["a", "b", "c", "d"];
    const hashes = [5, 5, 5 + shape.buckets, 5 + 2 * shape.buckets];
    const find = () => names.map((name, i) => shard.find(keyOf(name), hashes[i]!));
    const entries = names.map((name, i) => shard.insert(keyOf(name), hashes[i]!));
    expect(find()).toEqual(entries);
    shard.remove(entries[1]!);
    expect(find()).toEqual([entries[0], 0, entries[2], entries[3]]);
    expect(shard.count).toBe(3);
  });

  it("keeps entries in the order of their last use", () => {
    const shard = makeShard();
    const [a, b, c] = ["a", "b", "c"].map((name, i) => shard.insert(keyOf(name), i));
    for (const entry of [a!, c!, a!]) shard.touch(entry, 1);
    const order = [];
    for (; shard.oldest !== 0; shard.remove(shard.oldest)) order.push(shard.oldest);
    expect(order).toEqual([b, c, a]);
  });

  it("uses entries and blocks again that were given back", () => {
    const shard = makeShard();
    const long = "x".repeat(60_000);
    for (let round = 0; round < 100; round++) {
      expect(shard.hasRoomFor(60_000)).toBe(true);
      const key = keyOf(`${long}${round}`);
      const entry = shard.insert(key, round);
      expect(shard.hasRoomFor(60_000)).toBe(false);
      expect(Buffer.from(shard.keyOf(entry)).equals(key.bytes)).toBe(true);
      shard.remove(entry);
      expect(shard.words[SHARD_BLOCKS_USED]).toBe(0);
    }
  });

  it("has room for its entries and no more", () => {
    const shard = makeShard();
    for (let i = 0; i < 16; i++) shard.insert(keyOf(`${i}`), i);
    expect(shard.hasRoomFor(1)).toBe(false);
    expect(() => shard.insert(keyOf("one more"), 0)).toThrow("room is made");
  });

  it("is empty after a reset but remembers its evictions", () => {
    const shard = makeShard();
    for (let i = 0; i < 10; i++) shard.insert(keyOf(`${"y".repeat(200)}${i}`), i * 7919);
    shard.words[SHARD_EVICTIONS] = 4;
    shard.reset();
    expect([shard.count, shard.oldest, shard.words[SHARD_BLOCKS_USED]]).toEqual([0, 0, 0]);
    expect(shard.words[SHARD_EVICTIONS]).toBe(4);
    for (let i = 0; i < 16; i++) expect(shard.find(keyOf(`${"y".repeat(200)}${i}`), i)).toBe(0);
    for (let i = 0; i < 16; i++) shard.insert(keyOf(`${i}`), i);
    expect(shard.count).toBe(16);
  });
});
