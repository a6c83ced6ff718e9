// Which server a client was sent to: keys of any length to servers, in memory that all workers
// share, with expiry and a limit.
//
// Bounded by entriesMax: when a shard is full, its entry used longest ago makes room. Keys are kept
// and compared whole. Nobody holds two locks, and a lock is given up on after about a second, so
// nothing here can deadlock: when a thread dies inside, the others miss in that shard until the
// control plane calls `forgetWorker`, which empties it. Reads no clock; seconds are an argument, by
// a clock that all threads share.

import { assert } from "../assert.ts";
import { isLockedBy, lock, unlock } from "../bytes/spin-lock.ts";
import { Shard, sumHeaders } from "./shard.ts";
import { hashKey, type StickKey } from "./stick-key.ts";
import {
  blocksOf,
  SHARD_COUNT,
  SHARD_EVICTIONS,
  SHARD_LOCK,
  type StickShape,
  shardNumberOf,
  stickShape,
} from "./stick-memory.ts";

export interface StickTableSettings {
  /** The most entries; the one used longest ago makes room. */
  readonly entriesMax: number;
  /** An entry that is not used for so long is forgotten. */
  readonly expirySeconds: number;
  /** Secret, random: keys are chosen by clients, who must not choose where they collide. */
  readonly seed: number;
}

/** Survives structured cloning: this is what a worker is sent. */
export interface StickTableBuffers {
  readonly settings: StickTableSettings;
  readonly memory: SharedArrayBuffer;
}

/** What a key leads to. Fill the same object in again for each use. */
export interface StickValue {
  /** A server number of the plan that was current when it was stored. */
  server: number;
  /** `ServerStates.identity` of that server: what it is, whatever number a later plan gives it. */
  identity: number;
}

/** A copy of an entry, for the control plane. */
export interface StickEntry extends Readonly<StickValue> {
  readonly key: Uint8Array;
  /** Seconds until it is forgotten if nobody uses it. */
  readonly expiresInSeconds: number;
}

/** A copy of an entry with the time of its last use, on its way into another table. */
export interface StickRecord extends Readonly<StickValue> {
  readonly key: Uint8Array;
  readonly usedAtSeconds: number;
}

/** Expired entries that go with each store, so that a quiet table shrinks. */
const EXPIRED_PER_STORE = 2;
/** Buckets that the control plane looks through before it lets workers in again. */
const BUCKETS_PER_LOCK = 64;

/** May remove the entry it is given, and no other. @returns whether to go on */
type EntryVisitor = (shard: Shard, entry: number) => boolean;

/** Control plane: makes an empty table of about 132 bytes an entry, touched only as it fills. */
export function createStickTable(settings: StickTableSettings): StickTableBuffers {
  assert(settings.expirySeconds > 0, "an entry lives for a while");
  const { shards, shardWords } = stickShape(settings.entriesMax);
  return { settings, memory: new SharedArrayBuffer(shards * shardWords * 4) };
}

export class StickTable {
  /** What the latest `lookup` that answered true has found. */
  readonly found: StickValue = { server: -1, identity: 0 };
  /** Entries that the latest `store` removed before their time. */
  evicted = 0;
  private readonly settings: StickTableSettings;
  private readonly shape: StickShape;
  private readonly shards: readonly Shard[];
  private readonly owner: number;

  /** @param owner this thread's worker number, or CONTROL_PLANE: the name it takes locks by */
  constructor(buffers: StickTableBuffers, owner: number) {
    this.settings = buffers.settings;
    this.shape = stickShape(buffers.settings.entriesMax);
    this.shards = Array.from(
      { length: this.shape.shards },
      (_, number) => new Shard(buffers.memory, number, this.shape),
    );
    this.owner = owner;
  }

  /** The parts that `listShard` and `renumberShard` take one by one. */
  get shardCount(): number {
    return this.shards.length;
  }

  /** Puts the server of a key into `found` and marks the entry used now. @returns whether known */
  lookup(key: StickKey, nowSeconds: number): boolean {
    const hash = hashKey(key, this.settings.seed);
    const shard = this.shardOf(hash);
    if (!this.lock(shard)) return false;
    const known = this.lookupLocked(shard, key, hash, nowSeconds);
    this.unlock(shard);
    return known;
  }

  /**
   * Remembers a server for a key, in place of any other, as used now.
   * @returns whether it was kept; false when the shard's lock stayed taken
   */
  store(key: StickKey, value: StickValue, nowSeconds: number): boolean {
    const hash = hashKey(key, this.settings.seed);
    const shard = this.shardOf(hash);
    this.evicted = 0;
    if (!this.lock(shard)) return false;
    this.removeExpired(shard, nowSeconds, EXPIRED_PER_STORE);
    let entry = shard.find(key, hash);
    if (entry === 0) {
      this.makeRoom(shard, key.length, nowSeconds);
      entry = shard.insert(key, hash);
    }
    shard.touch(entry, nowSeconds);
    shard.setValue(entry, value.server, value.identity);
    this.unlock(shard);
    return true;
  }

  /** Control plane: a copy of a key's entry, expired or not; looking is no use of it. */
  peek(key: StickKey): StickRecord | null {
    const hash = hashKey(key, this.settings.seed);
    const shard = this.shardOf(hash);
    if (!this.lock(shard)) return null;
    const entry = shard.find(key, hash);
    const record =
      entry === 0
        ? null
        : {
            key: shard.keyOf(entry),
            server: shard.serverOf(entry),
            identity: shard.identityOf(entry),
            usedAtSeconds: shard.usedAt(entry),
          };
    this.unlock(shard);
    return record;
  }

  /** @returns whether the key was known */
  forget(key: StickKey): boolean {
    const hash = hashKey(key, this.settings.seed);
    const shard = this.shardOf(hash);
    if (!this.lock(shard)) return false;
    const entry = shard.find(key, hash);
    if (entry !== 0) shard.remove(entry);
    this.unlock(shard);
    return entry !== 0;
  }

  /** The same, unless the key leads to something else by now. @returns whether it was forgotten */
  forgetIf(key: StickKey, { server, identity }: Readonly<StickValue>): boolean {
    const hash = hashKey(key, this.settings.seed);
    const shard = this.shardOf(hash);
    if (!this.lock(shard)) return false;
    const entry = shard.find(key, hash);
    const isIt =
      entry !== 0 && shard.serverOf(entry) === server && shard.identityOf(entry) === identity;
    if (isIt) shard.remove(entry);
    this.unlock(shard);
    return isIt;
  }

  /** Entries now, those included that have expired and were not met since. */
  count(): number {
    return sumHeaders(this.shards, SHARD_COUNT);
  }

  /** Entries that had to go before their time, ever. */
  evictions(): number {
    return sumHeaders(this.shards, SHARD_EVICTIONS);
  }

  /** Control plane: forgets every expired entry. @returns how many */
  sweep(nowSeconds: number): number {
    let removed = 0;
    for (const shard of this.shards) {
      let removedNow = BUCKETS_PER_LOCK;
      while (removedNow === BUCKETS_PER_LOCK && this.lock(shard)) {
        removedNow = this.removeExpired(shard, nowSeconds, BUCKETS_PER_LOCK);
        this.unlock(shard);
        removed += removedNow;
      }
    }
    return removed;
  }

  /** Control plane: forgets every client of a server. @returns how many */
  removeServer(server: number): number {
    return this.renumber((entry) => (entry.server === server ? -1 : entry.server));
  }

  /**
   * Control plane, when a plan gives servers other numbers. `numberOf` is given the same object
   * each time and answers the new number, or -1 to have the entry forgotten.
   * @returns how many were forgotten
   */
  renumber(numberOf: (value: Readonly<StickValue>) => number): number {
    let removed = 0;
    for (let shard = 0; shard < this.shardCount; shard++) {
      removed += this.renumberShard(shard, numberOf);
    }
    return removed;
  }

  /** The same for one shard: large tables take their time. */
  renumberShard(number: number, numberOf: (value: Readonly<StickValue>) => number): number {
    const value: StickValue = { server: -1, identity: 0 };
    let removed = 0;
    this.visitShard(this.shards[number]!, (shard, entry) => {
      value.server = shard.serverOf(entry);
      value.identity = shard.identityOf(entry);
      const server = numberOf(value);
      if (server >= 0) {
        shard.setValue(entry, server, value.identity);
      } else {
        shard.remove(entry);
        removed++;
      }
      return true;
    });
    return removed;
  }

  /** Control plane: copies of the entries that have not expired, at most `max`, in no order. */
  list(nowSeconds: number, max: number): StickEntry[] {
    assert(max > 0, "a list has room for something");
    const entries: StickEntry[] = [];
    this.visit((shard, entry) => {
      const expiresInSeconds = this.settings.expirySeconds - (nowSeconds - shard.usedAt(entry));
      const server = shard.serverOf(entry);
      const identity = shard.identityOf(entry);
      if (expiresInSeconds > 0) {
        entries.push({ key: shard.keyOf(entry), server, identity, expiresInSeconds });
      }
      return entries.length < max;
    });
    return entries;
  }

  /** Control plane: copies of what a shard holds, used since then, in no order. */
  listShard(number: number, sinceSeconds: number): StickRecord[] {
    const records: StickRecord[] = [];
    this.visitShard(this.shards[number]!, (shard, entry) => {
      const usedAtSeconds = shard.usedAt(entry);
      if (usedAtSeconds < sinceSeconds) return true;
      const server = shard.serverOf(entry);
      const identity = shard.identityOf(entry);
      records.push({ key: shard.keyOf(entry), server, identity, usedAtSeconds });
      return true;
    });
    return records;
  }

  /**
   * Control plane: takes a copy of another table's entry in, unless its key is known here. Copies
   * come in the order of their use, so that the oldest make room for the others.
   */
  adopt({ key, server, identity, usedAtSeconds }: StickRecord): void {
    const place = { bytes: key, offset: 0, length: key.length };
    const hash = hashKey(place, this.settings.seed);
    const shard = this.shardOf(hash);
    if (!this.lock(shard)) return;
    if (shard.find(place, hash) === 0) {
      this.makeRoom(shard, key.length, usedAtSeconds);
      const entry = shard.insert(place, hash);
      shard.touch(entry, usedAtSeconds);
      shard.setValue(entry, server, identity);
    }
    this.unlock(shard);
  }

  /** Control plane: forgets everything. */
  clear(): void {
    for (const shard of this.shards) {
      if (!this.lock(shard)) continue;
      shard.reset();
      this.unlock(shard);
    }
  }

  /**
   * Control plane, after a worker has ended and before its number is used again: a shard that it
   * died in may be half changed, so it starts anew, empty.
   * @returns how many shards that were
   */
  forgetWorker(worker: number): number {
    const left = this.shards.filter(({ words }) => isLockedBy(words, SHARD_LOCK, worker));
    for (const shard of left) {
      shard.reset();
      unlock(shard.words, SHARD_LOCK, worker);
    }
    return left.length;
  }

  private lookupLocked(shard: Shard, key: StickKey, hash: number, nowSeconds: number): boolean {
    const entry = shard.find(key, hash);
    if (entry === 0) return false;
    if (this.isExpired(shard, entry, nowSeconds)) {
      shard.remove(entry);
      return false;
    }
    shard.touch(entry, nowSeconds);
    this.found.server = shard.serverOf(entry);
    this.found.identity = shard.identityOf(entry);
    return true;
  }

  private makeRoom(shard: Shard, keyLength: number, nowSeconds: number): void {
    assert(blocksOf(keyLength) <= this.shape.blocks, "an empty shard has room for any key");
    while (!shard.hasRoomFor(keyLength)) {
      const { oldest } = shard;
      if (!this.isExpired(shard, oldest, nowSeconds)) {
        shard.words[SHARD_EVICTIONS]!++;
        this.evicted++;
      }
      shard.remove(oldest);
    }
  }

  // Used times fall from newest to oldest but for a second's difference between threads.
  private removeExpired(shard: Shard, nowSeconds: number, max: number): number {
    let removed = 0;
    while (removed < max && shard.oldest !== 0) {
      if (!this.isExpired(shard, shard.oldest, nowSeconds)) break;
      shard.remove(shard.oldest);
      removed++;
    }
    return removed;
  }

  private isExpired(shard: Shard, entry: number, nowSeconds: number): boolean {
    return nowSeconds - shard.usedAt(entry) >= this.settings.expirySeconds;
  }

  // Some buckets at a time, so that workers wait for microseconds. A shard whose lock stays taken
  // is left out: whoever holds it is dead, and `forgetWorker` will empty it.
  private visit(visitor: EntryVisitor): void {
    for (const shard of this.shards) if (!this.visitShard(shard, visitor)) return;
  }

  private visitShard(shard: Shard, visitor: EntryVisitor): boolean {
    for (let bucket = 0; bucket < this.shape.buckets; bucket += BUCKETS_PER_LOCK) {
      if (!this.lock(shard)) return true;
      const end = Math.min(bucket + BUCKETS_PER_LOCK, this.shape.buckets);
      let goOn = true;
      for (let each = bucket; goOn && each < end; each++) goOn = visitBucket(shard, each, visitor);
      this.unlock(shard);
      if (!goOn) return false;
    }
    return true;
  }

  private shardOf(hash: number): Shard {
    return this.shards[shardNumberOf(this.shape, hash)]!;
  }

  private lock(shard: Shard): boolean {
    return lock(shard.words, SHARD_LOCK, this.owner);
  }

  private unlock(shard: Shard): void {
    unlock(shard.words, SHARD_LOCK, this.owner);
  }
}

function visitBucket(shard: Shard, bucket: number, visitor: EntryVisitor): boolean {
  let entry = shard.firstOf(bucket);
  while (entry !== 0) {
    const next = shard.nextOf(entry);
    if (!visitor(shard, entry)) return false;
    entry = next;
  }
  return true;
}
