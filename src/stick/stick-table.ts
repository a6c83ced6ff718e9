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
import { rangeOfStep, removeWhere, stepCount, walkBuckets } from "./walk.ts";

export interface StickTableSettings {
  /** The most entries; the one used longest ago makes room. */
  readonly entriesMax: number;
  /** An entry that is not used for so long is forgotten, or earlier where its term is shorter. */
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
  /** How long it lives after that; 0: as long as its table says. */
  readonly termSeconds: number;
  /** It lives for a connection that is open: it is in use now. */
  readonly isHeld: boolean;
}

/** The holder of entries that live on their own. No connection is named so: see id-table.ts. */
export const NOBODY = -1;

/** Expired entries that go with each store, so that a quiet table shrinks. */
const EXPIRED_PER_STORE = 2;
/** Held entries that are passed over to find one that can make room; after so many, one goes. */
const PASSED_PER_STORE = 8;

/** May remove the entry it is given, and no other. @returns whether to go on */
type ShardVisitor = (shard: Shard, entry: number) => boolean;

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
   * @param holder the name of a connection that will `release` it: until then it does not expire
   * @returns whether it was kept; false when the shard's lock stayed taken
   */
  store(key: StickKey, value: StickValue, nowSeconds: number, holder = NOBODY): boolean {
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
    shard.setTerm(entry, holder, 0);
    this.unlock(shard);
    return true;
  }

  /**
   * The connection that a key was stored for has ended. Nothing happens where the key was stored
   * anew since, for a connection that came later.
   * @param seconds how long the key is known from now on, within the table's expiry; 0: no longer
   * @returns whether the entry was that connection's
   */
  release(key: StickKey, holder: number, seconds: number, nowSeconds: number): boolean {
    assert(holder !== NOBODY, "only who holds an entry can release it");
    const hash = hashKey(key, this.settings.seed);
    const shard = this.shardOf(hash);
    if (!this.lock(shard)) return false;
    const entry = shard.find(key, hash);
    const isIts = entry !== 0 && shard.holderOf(entry) === holder;
    if (isIts) this.releaseLocked(shard, entry, seconds, nowSeconds);
    this.unlock(shard);
    return isIts;
  }

  /** Control plane: releases what connections that are gone did hold, for the table's expiry. */
  releaseWhere(isGone: (holder: number) => boolean, nowSeconds: number): void {
    this.visit((shard, entry) => {
      const holder = shard.holderOf(entry);
      if (holder !== NOBODY && isGone(holder)) {
        this.releaseLocked(shard, entry, this.settings.expirySeconds, nowSeconds);
      }
      return true;
    });
  }

  /** Control plane: a copy of a key's entry, expired or not; looking is no use of it. */
  peek(key: StickKey): StickRecord | null {
    const hash = hashKey(key, this.settings.seed);
    const shard = this.shardOf(hash);
    if (!this.lock(shard)) return null;
    const entry = shard.find(key, hash);
    const record = entry === 0 ? null : recordOf(shard, entry);
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

  /** Entries now, those included that have expired and were neither met nor swept since. */
  count(): number {
    return sumHeaders(this.shards, SHARD_COUNT);
  }

  /** Entries that had to go before their time, ever. */
  evictions(): number {
    return sumHeaders(this.shards, SHARD_EVICTIONS);
  }

  /** The steps in which `sweep` goes through the table. */
  get sweepSteps(): number {
    return stepCount(this.shape);
  }

  /** Control plane: forgets what has expired in one part of the table. @returns how many */
  sweep(step: number, nowSeconds: number): number {
    const range = rangeOfStep(this.shape, step);
    const shard = this.shards[range.shard]!;
    const isGone = (entry: number) => this.isExpired(shard, entry, nowSeconds);
    return removeWhere(shard, this.owner, range, isGone);
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
      const { key, server, identity, ...use } = recordOf(shard, entry);
      const expiresInSeconds = this.expiresIn(use, nowSeconds);
      if (expiresInSeconds > 0) entries.push({ key, server, identity, expiresInSeconds });
      return entries.length < max;
    });
    return entries;
  }

  /** @returns seconds until an entry is forgotten if nobody uses it; 0 or less: it has expired */
  expiresIn(
    { usedAtSeconds, termSeconds, isHeld }: Omit<StickRecord, "key" | "server" | "identity">,
    nowSeconds: number,
  ): number {
    if (isHeld) return this.settings.expirySeconds;
    return this.lifeOf(termSeconds) - (nowSeconds - usedAtSeconds);
  }

  /** Control plane: copies of what a shard has that is held or used since then, in no order. */
  listShard(number: number, sinceSeconds: number): StickRecord[] {
    const records: StickRecord[] = [];
    this.visitShard(this.shards[number]!, (shard, entry) => {
      const isHeld = shard.holderOf(entry) !== NOBODY;
      if (isHeld || shard.usedAt(entry) >= sinceSeconds) records.push(recordOf(shard, entry));
      return true;
    });
    return records;
  }

  /**
   * Control plane: takes a copy of another table's entry in, unless its key is known here. Copies
   * come in the order of their use, so that the oldest make room for the others. Nobody holds an
   * entry here: its connection knows the other table only.
   */
  adopt({ key, server, identity, usedAtSeconds, termSeconds }: StickRecord): void {
    const place = { bytes: key, offset: 0, length: key.length };
    const hash = hashKey(place, this.settings.seed);
    const shard = this.shardOf(hash);
    if (!this.lock(shard)) return;
    if (shard.find(place, hash) === 0) {
      this.makeRoom(shard, key.length, usedAtSeconds);
      const entry = shard.insert(place, hash);
      shard.touch(entry, usedAtSeconds);
      shard.setValue(entry, server, identity);
      shard.setTerm(entry, NOBODY, termSeconds);
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

  private releaseLocked(shard: Shard, entry: number, seconds: number, nowSeconds: number): void {
    if (seconds <= 0) {
      shard.remove(entry);
      return;
    }
    shard.touch(entry, nowSeconds);
    shard.setTerm(entry, NOBODY, Math.min(seconds, this.settings.expirySeconds));
  }

  private makeRoom(shard: Shard, keyLength: number, nowSeconds: number): void {
    assert(blocksOf(keyLength) <= this.shape.blocks, "an empty shard has room for any key");
    let passed = 0;
    while (!shard.hasRoomFor(keyLength)) {
      const { oldest } = shard;
      if (passed < PASSED_PER_STORE && passOver(shard, oldest, nowSeconds)) {
        passed++;
        continue;
      }
      if (!this.isExpired(shard, oldest, nowSeconds)) {
        shard.words[SHARD_EVICTIONS]!++;
        this.evicted++;
      }
      shard.remove(oldest);
    }
  }

  // Used times fall from newest to oldest but for a second's difference between threads.
  private removeExpired(shard: Shard, nowSeconds: number, max: number): void {
    for (let looked = 0; looked < max && shard.oldest !== 0; looked++) {
      if (passOver(shard, shard.oldest, nowSeconds)) continue;
      if (!this.isExpired(shard, shard.oldest, nowSeconds)) return;
      shard.remove(shard.oldest);
    }
  }

  private isExpired(shard: Shard, entry: number, nowSeconds: number): boolean {
    if (shard.holderOf(entry) !== NOBODY) return false;
    return nowSeconds - shard.usedAt(entry) >= this.lifeOf(shard.termOf(entry));
  }

  // A reload may have made the expiry shorter since the entry was released.
  private lifeOf(termSeconds: number): number {
    const { expirySeconds } = this.settings;
    return termSeconds === 0 ? expirySeconds : Math.min(termSeconds, expirySeconds);
  }

  private visit(visitor: ShardVisitor): void {
    for (const shard of this.shards) if (!this.visitShard(shard, visitor)) return;
  }

  private visitShard(shard: Shard, visitor: ShardVisitor): boolean {
    const all = { from: 0, to: this.shape.buckets };
    return walkBuckets(shard, this.owner, all, (entry) => visitor(shard, entry));
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

// An entry that is held is in use now, whenever its client came.
function passOver(shard: Shard, entry: number, nowSeconds: number): boolean {
  if (shard.holderOf(entry) === NOBODY) return false;
  shard.touch(entry, nowSeconds);
  return true;
}

function recordOf(shard: Shard, entry: number): StickRecord {
  return {
    key: shard.keyOf(entry),
    server: shard.serverOf(entry),
    identity: shard.identityOf(entry),
    usedAtSeconds: shard.usedAt(entry),
    termSeconds: shard.termOf(entry),
    isHeld: shard.holderOf(entry) !== NOBODY,
  };
}
