// One shard of a sticky table: a hash table with chains, a list by last use, and the blocks of long
// keys, all in shared memory.
//
// No method but keyOf allocates, and every one wants the shard's lock held by the caller. Bounded
// by the shard's entries and blocks. Expiry and eviction are the table's decisions.

import { assert } from "../assert.ts";
import type { StickKey } from "./stick-key.ts";
import {
  BLOCK_KEY,
  BLOCK_KEY_SIZE,
  BLOCK_NEXT,
  BLOCK_WORDS,
  blocksOf,
  ENTRY_BLOCK,
  ENTRY_HASH,
  ENTRY_HOLDER,
  ENTRY_IDENTITY,
  ENTRY_KEY,
  ENTRY_KEY_LENGTH,
  ENTRY_KEY_SIZE,
  ENTRY_NEWER,
  ENTRY_NEXT,
  ENTRY_OLDER,
  ENTRY_SERVER,
  ENTRY_TERM,
  ENTRY_USED_AT,
  ENTRY_WORDS,
  SHARD_BLOCKS_TOUCHED,
  SHARD_BLOCKS_USED,
  SHARD_COUNT,
  SHARD_ENTRIES_TOUCHED,
  SHARD_FREE_BLOCK,
  SHARD_FREE_ENTRY,
  SHARD_NEWEST,
  SHARD_OLDEST,
  type StickShape,
} from "./stick-memory.ts";

export class Shard {
  /** The whole shard; its header first. */
  readonly words: Int32Array;
  private readonly bytes: Uint8Array;
  private readonly shape: StickShape;

  constructor(memory: SharedArrayBuffer, number: number, shape: StickShape) {
    const offset = number * shape.shardWords * 4;
    this.words = new Int32Array(memory, offset, shape.shardWords);
    this.bytes = new Uint8Array(memory, offset, shape.shardWords * 4);
    this.shape = shape;
  }

  get count(): number {
    return this.words[SHARD_COUNT]!;
  }

  /** The entry used longest ago; 0 when the shard is empty. */
  get oldest(): number {
    return this.words[SHARD_OLDEST]!;
  }

  /** @returns the entry of a key, or 0 */
  find(key: StickKey, hash: number): number {
    let entry = this.words[this.bucketOf(hash)]!;
    while (entry !== 0) {
      if (this.get(entry, ENTRY_HASH) === hash && this.hasKey(entry, key)) return entry;
      entry = this.get(entry, ENTRY_NEXT);
    }
    return 0;
  }

  hasRoomFor(keyLength: number): boolean {
    const { words, shape } = this;
    return (
      words[SHARD_COUNT]! < shape.entries &&
      words[SHARD_BLOCKS_USED]! + blocksOf(keyLength) <= shape.blocks
    );
  }

  /** Adds a key that is not there, as the newest; there must be room. @returns its entry */
  insert(key: StickKey, hash: number): number {
    assert(this.hasRoomFor(key.length), "room is made before an entry is added");
    const entry = this.takeEntry();
    const bucket = this.bucketOf(hash);
    this.set(entry, ENTRY_HASH, hash);
    this.set(entry, ENTRY_NEXT, this.words[bucket]!);
    this.words[bucket] = entry;
    this.writeKey(entry, key);
    this.linkNewest(entry);
    this.words[SHARD_COUNT]!++;
    return entry;
  }

  remove(entry: number): void {
    assert(this.words[SHARD_COUNT]! > 0, "only what is there is removed");
    this.unlinkFromBucket(entry);
    this.unlinkFromList(entry);
    this.giveBlocks(entry);
    this.set(entry, ENTRY_NEXT, this.words[SHARD_FREE_ENTRY]!);
    this.words[SHARD_FREE_ENTRY] = entry;
    this.words[SHARD_COUNT]!--;
  }

  /** Makes an entry the newest. */
  touch(entry: number, nowSeconds: number): void {
    this.set(entry, ENTRY_USED_AT, nowSeconds);
    if (this.words[SHARD_NEWEST] === entry) return;
    this.unlinkFromList(entry);
    this.linkNewest(entry);
  }

  setValue(entry: number, server: number, identity: number): void {
    this.set(entry, ENTRY_SERVER, server);
    this.set(entry, ENTRY_IDENTITY, identity);
  }

  /** @param termSeconds how long it lives after its last use without a holder; 0: as all others */
  setTerm(entry: number, holder: number, termSeconds: number): void {
    this.set(entry, ENTRY_HOLDER, holder);
    this.set(entry, ENTRY_TERM, termSeconds);
  }

  holderOf(entry: number): number {
    return this.get(entry, ENTRY_HOLDER);
  }

  termOf(entry: number): number {
    return this.get(entry, ENTRY_TERM);
  }

  serverOf(entry: number): number {
    return this.get(entry, ENTRY_SERVER);
  }

  identityOf(entry: number): number {
    return this.get(entry, ENTRY_IDENTITY);
  }

  usedAt(entry: number): number {
    return this.get(entry, ENTRY_USED_AT);
  }

  /** The first entry of a bucket, or 0. */
  firstOf(bucket: number): number {
    assert(bucket >= 0 && bucket < this.shape.buckets, "a bucket of this shard");
    return this.words[this.shape.bucketsAt + bucket]!;
  }

  /** The next entry of the same bucket, or 0. */
  nextOf(entry: number): number {
    return this.get(entry, ENTRY_NEXT);
  }

  /** Control plane: a copy of the key. */
  keyOf(entry: number): Uint8Array {
    const key = new Uint8Array(this.get(entry, ENTRY_KEY_LENGTH));
    let at = (this.entryAt(entry) + ENTRY_KEY) * 4;
    let room = ENTRY_KEY_SIZE;
    let block = this.get(entry, ENTRY_BLOCK);
    for (let i = 0; i < key.length; i++, room--) {
      if (room === 0) {
        at = (this.blockAt(block) + BLOCK_KEY) * 4;
        room = BLOCK_KEY_SIZE;
        block = this.words[this.blockAt(block) + BLOCK_NEXT]!;
      }
      key[i] = this.bytes[at++]!;
    }
    return key;
  }

  /** Forgets everything, whatever state it is in. */
  reset(): void {
    const { bucketsAt, buckets } = this.shape;
    for (let word = SHARD_COUNT; word <= SHARD_OLDEST; word++) this.words[word] = 0;
    this.words.fill(0, bucketsAt, bucketsAt + buckets);
  }

  private hasKey(entry: number, key: StickKey): boolean {
    if (this.get(entry, ENTRY_KEY_LENGTH) !== key.length) return false;
    let from = key.offset;
    const end = key.offset + key.length;
    let at = (this.entryAt(entry) + ENTRY_KEY) * 4;
    let partEnd = Math.min(end, from + ENTRY_KEY_SIZE);
    let block = this.get(entry, ENTRY_BLOCK);
    for (;;) {
      while (from < partEnd) if (this.bytes[at++] !== key.bytes[from++]) return false;
      if (from === end) return true;
      at = (this.blockAt(block) + BLOCK_KEY) * 4;
      partEnd = Math.min(end, from + BLOCK_KEY_SIZE);
      block = this.words[this.blockAt(block) + BLOCK_NEXT]!;
    }
  }

  private writeKey(entry: number, key: StickKey): void {
    let from = key.offset;
    const end = key.offset + key.length;
    let at = (this.entryAt(entry) + ENTRY_KEY) * 4;
    let partEnd = Math.min(end, from + ENTRY_KEY_SIZE);
    let link = this.entryAt(entry) + ENTRY_BLOCK;
    this.set(entry, ENTRY_KEY_LENGTH, key.length);
    for (;;) {
      while (from < partEnd) this.bytes[at++] = key.bytes[from++]!;
      if (from === end) break;
      const block = this.takeBlock();
      this.words[link] = block;
      link = this.blockAt(block) + BLOCK_NEXT;
      at = (this.blockAt(block) + BLOCK_KEY) * 4;
      partEnd = Math.min(end, from + BLOCK_KEY_SIZE);
    }
    this.words[link] = 0;
  }

  private linkNewest(entry: number): void {
    const newest = this.words[SHARD_NEWEST]!;
    this.set(entry, ENTRY_NEWER, 0);
    this.set(entry, ENTRY_OLDER, newest);
    if (newest === 0) this.words[SHARD_OLDEST] = entry;
    else this.set(newest, ENTRY_NEWER, entry);
    this.words[SHARD_NEWEST] = entry;
  }

  private unlinkFromList(entry: number): void {
    const newer = this.get(entry, ENTRY_NEWER);
    const older = this.get(entry, ENTRY_OLDER);
    if (newer === 0) this.words[SHARD_NEWEST] = older;
    else this.set(newer, ENTRY_OLDER, older);
    if (older === 0) this.words[SHARD_OLDEST] = newer;
    else this.set(older, ENTRY_NEWER, newer);
  }

  private unlinkFromBucket(entry: number): void {
    let link = this.bucketOf(this.get(entry, ENTRY_HASH));
    while (this.words[link] !== entry) {
      assert(this.words[link] !== 0, "an entry is in its bucket");
      link = this.entryAt(this.words[link]!) + ENTRY_NEXT;
    }
    this.words[link] = this.get(entry, ENTRY_NEXT);
  }

  private takeEntry(): number {
    const free = this.words[SHARD_FREE_ENTRY]!;
    if (free === 0) return ++this.words[SHARD_ENTRIES_TOUCHED]!;
    this.words[SHARD_FREE_ENTRY] = this.get(free, ENTRY_NEXT);
    return free;
  }

  private takeBlock(): number {
    this.words[SHARD_BLOCKS_USED]!++;
    const free = this.words[SHARD_FREE_BLOCK]!;
    if (free === 0) return ++this.words[SHARD_BLOCKS_TOUCHED]!;
    this.words[SHARD_FREE_BLOCK] = this.words[this.blockAt(free) + BLOCK_NEXT]!;
    return free;
  }

  private giveBlocks(entry: number): void {
    let block = this.get(entry, ENTRY_BLOCK);
    while (block !== 0) {
      const next = this.words[this.blockAt(block) + BLOCK_NEXT]!;
      this.words[this.blockAt(block) + BLOCK_NEXT] = this.words[SHARD_FREE_BLOCK]!;
      this.words[SHARD_FREE_BLOCK] = block;
      this.words[SHARD_BLOCKS_USED]!--;
      block = next;
    }
  }

  private get(entry: number, field: number): number {
    return this.words[this.entryAt(entry) + field]!;
  }

  private set(entry: number, field: number, value: number): void {
    this.words[this.entryAt(entry) + field] = value;
  }

  private bucketOf(hash: number): number {
    return this.shape.bucketsAt + (hash & (this.shape.buckets - 1));
  }

  private entryAt(entry: number): number {
    assert(entry >= 1 && entry <= this.shape.entries, "entries count from 1");
    return this.shape.entriesAt + (entry - 1) * ENTRY_WORDS;
  }

  private blockAt(block: number): number {
    assert(block >= 1 && block <= this.shape.blocks, "blocks count from 1");
    return this.shape.blocksAt + (block - 1) * BLOCK_WORDS;
  }
}

/** The sum of one word of the headers; no lock is needed. */
export function sumHeaders(shards: readonly Shard[], word: number): number {
  let sum = 0;
  for (const { words } of shards) sum += Atomics.load(words, word);
  return sum;
}
