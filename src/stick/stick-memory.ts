// Where everything lies in a sticky table's memory: shards, each with a lock and an LRU list of its
// own, so that workers seldom meet.
//
//   shard   ┌────────┬─────────┬──────────┬────────┐
//           │ header │ buckets │ entries  │ blocks │
//           └────────┴─────────┴──────────┴────────┘
//   entry   ┌────┬────┬─────┬─────┬──────┬─────┬──────┬────────┬───────┬────┬──────┬─────┐
//    80 B   │hash│next│newer│older│length│block│server│identity│used at│term│holder│key …│
//           └────┴────┴─────┴─────┴──────┴─────┴──────┴────────┴───────┴────┴──────┴─────┘
//   block   ┌──────┬──────────────────────────────────────────────────────────────────────────────┐
//    64 B   │ next │ … key, continued                                                             │
//           └──────┴──────────────────────────────────────────────────────────────────────────────┘
//
// Entries and blocks are numbered from 1; 0 is none. So memory that is all zero is an empty table,
// and what was never used is never touched. Every word is written only by the holder of its shard's
// lock. Bounded by entriesMax; nothing grows.

import { assert } from "../assert.ts";
import { STICK_KEY_SIZE_MAX } from "./stick-key.ts";

const SHARD_HEADER_WORDS = 16;
export const SHARD_LOCK = 0;
/** Entries in use. */
export const SHARD_COUNT = 1;
/** Chain of entries that were given back, by ENTRY_NEXT. */
export const SHARD_FREE_ENTRY = 2;
/** Entries above this number were never used. */
export const SHARD_ENTRIES_TOUCHED = 3;
/** Chain of blocks that were given back, by BLOCK_NEXT. */
export const SHARD_FREE_BLOCK = 4;
export const SHARD_BLOCKS_TOUCHED = 5;
/** Blocks in use. */
export const SHARD_BLOCKS_USED = 6;
/** Ends of the list by last use. */
export const SHARD_NEWEST = 7;
export const SHARD_OLDEST = 8;
/** Entries that had to go before their time, ever. Survives a reset. */
export const SHARD_EVICTIONS = 9;
/** How often it started anew, for those who remember entries by number. Survives a reset. */
export const SHARD_EPOCH = 10;

/** So that 36 bytes of a key fit, a UUID: most need no block. */
export const ENTRY_WORDS = 20;
export const ENTRY_HASH = 0;
/** The next entry of the same bucket. */
export const ENTRY_NEXT = 1;
export const ENTRY_NEWER = 2;
export const ENTRY_OLDER = 3;
/** Bytes of the whole key. */
export const ENTRY_KEY_LENGTH = 4;
/** The first block of what does not fit in the entry. */
export const ENTRY_BLOCK = 5;
export const ENTRY_SERVER = 6;
export const ENTRY_IDENTITY = 7;
/** When it was last used, in the caller's seconds. */
export const ENTRY_USED_AT = 8;
/** How many seconds it lives after that; 0: as long as the table says. */
export const ENTRY_TERM = 9;
/** The connection that it lives for until that releases it, or NOBODY. */
export const ENTRY_HOLDER = 10;
export const ENTRY_KEY = 11;
export const ENTRY_KEY_SIZE = (ENTRY_WORDS - ENTRY_KEY) * 4;

export const BLOCK_WORDS = 16;
export const BLOCK_NEXT = 0;
export const BLOCK_KEY = 1;
export const BLOCK_KEY_SIZE = (BLOCK_WORDS - BLOCK_KEY) * 4;

/** Words of a cache line. */
const LINE_WORDS = 16;

/** Few enough to scan, many enough that 64 workers seldom meet. */
const SHARDS_MAX = 64;
/** With so many entries, shards of a full table differ by 2 % at most, usually. */
const SHARD_ENTRIES_MIN = 4096;
/** Every key of legal length fits, if need be in place of all others of its shard. */
const SHARD_BLOCKS_MIN = blocksOf(STICK_KEY_SIZE_MAX);

/** The shape of a table's memory, worked out once. Offsets are int32 words from a shard's start. */
export interface StickShape {
  /** A power of two: the top `shardBits` bits of a hash say which. */
  readonly shards: number;
  readonly shardBits: number;
  /** A power of two. */
  readonly buckets: number;
  readonly entries: number;
  readonly blocks: number;
  readonly bucketsAt: number;
  readonly entriesAt: number;
  readonly blocksAt: number;
  /** Words of one shard, whole cache lines. */
  readonly shardWords: number;
}

/** Entries are spread evenly: a shard that is full evicts though others may have room left. */
export function stickShape(entriesMax: number): StickShape {
  assert(Number.isInteger(entriesMax) && entriesMax > 0, "a table has room for something");
  let shardBits = 0;
  while (2 << shardBits <= SHARDS_MAX && entriesMax / (2 << shardBits) >= SHARD_ENTRIES_MIN) {
    shardBits++;
  }
  const entries = Math.ceil(entriesMax / (1 << shardBits));
  const blocks = Math.max(entries, SHARD_BLOCKS_MIN);
  const buckets = 2 ** Math.max(4, Math.ceil(Math.log2(entries)));
  const bucketsAt = SHARD_HEADER_WORDS;
  const entriesAt = bucketsAt + buckets;
  const blocksAt = entriesAt + Math.ceil((entries * ENTRY_WORDS) / LINE_WORDS) * LINE_WORDS;
  const shardWords = blocksAt + blocks * BLOCK_WORDS;
  const shards = 1 << shardBits;
  return {
    ...{ shards, shardBits, buckets, entries, blocks },
    ...{ bucketsAt, entriesAt, blocksAt, shardWords },
  };
}

/** The number of the shard that keys of this hash are in. */
export function shardNumberOf({ shardBits }: StickShape, hash: number): number {
  return shardBits === 0 ? 0 : hash >>> (32 - shardBits);
}

/** How many blocks a key needs beyond its entry. */
export function blocksOf(keyLength: number): number {
  return Math.ceil(Math.max(0, keyLength - ENTRY_KEY_SIZE) / BLOCK_KEY_SIZE);
}
