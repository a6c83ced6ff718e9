import { describe, expect, it } from "vitest";
import { STICK_KEY_SIZE_MAX } from "./stick-key.ts";
import {
  BLOCK_KEY_SIZE,
  blocksOf,
  ENTRY_KEY_SIZE,
  shardNumberOf,
  stickShape,
} from "./stick-memory.ts";

describe("stickShape", () => {
  it("has one shard for small tables and 64 at most, and room for the longest key in each", () => {
    expect(stickShape(1).shards).toBe(1);
    expect(stickShape(8191).shards).toBe(1);
    expect(stickShape(8192).shards).toBe(2);
    expect(stickShape(10_000_000).shards).toBe(64);
    for (const entriesMax of [1, 5000, 100_000, 1_000_000]) {
      const shape = stickShape(entriesMax);
      expect(shape.entries * shape.shards).toBeGreaterThanOrEqual(entriesMax);
      expect(shape.blocks).toBeGreaterThanOrEqual(blocksOf(STICK_KEY_SIZE_MAX));
      expect(shape.buckets).toBeGreaterThanOrEqual(shape.entries);
    }
  });

  it("takes 150 bytes an entry for a million entries", () => {
    const { shards, shardWords } = stickShape(1_000_000);
    expect((shards * shardWords * 4) / 1_000_000).toBeLessThan(150);
  });
});

describe("shardNumberOf", () => {
  it("is the top bits of a hash, and 0 where there is one shard", () => {
    expect(shardNumberOf(stickShape(100), 0xffff_ffff)).toBe(0);
    const shape = stickShape(1_000_000);
    expect(shape.shards).toBe(64);
    expect(shardNumberOf(shape, 0xffff_ffff)).toBe(63);
    expect(shardNumberOf(shape, 0x0400_0000)).toBe(1);
  });
});

describe("blocksOf", () => {
  it("is what a key needs beyond its entry", () => {
    const edges = [0, ENTRY_KEY_SIZE, ENTRY_KEY_SIZE + 1, ENTRY_KEY_SIZE + BLOCK_KEY_SIZE];
    expect(edges.map(blocksOf)).toEqual([0, 0, 1, 1]);
    expect(blocksOf(ENTRY_KEY_SIZE + BLOCK_KEY_SIZE + 1)).toBe(2);
  });
});
