// Counters by key, in memory that all workers share: how many connections a client has, how often
// it comes, what it has sent. The table behind `track-sc`, `src_conn_rate` and the limits by key.
//
// Keys, expiry and order of last use are those of stick-table.ts, shard by shard; beside each shard
// lie the counters of its entries. A connection that tracks a key holds its entry: what is held
// neither expires nor makes room. Bounded by entriesMax; a table full of held keys counts no
// further client, and says so. Reads no clock: milliseconds are an argument, by a clock that all
// threads share. Rates are HAProxy's (sliding-window.ts).

import { assert } from "../assert.ts";
import { isLockedBy, lock, unlock } from "../bytes/spin-lock.ts";
import { counterNumber, METER_FIELDS, type StoredField } from "../rules/counter-fields.ts";
import { CounterCells } from "./counter-cells.ts";
import { layoutOf, type StoredCounter } from "./counter-layout.ts";
import type { MeterRates } from "./meter-rates.ts";
import { Shard, sumHeaders } from "./shard.ts";
import { hashKey, type StickKey } from "./stick-key.ts";
import {
  SHARD_COUNT,
  SHARD_EPOCH,
  SHARD_EVICTIONS,
  SHARD_LOCK,
  type StickShape,
  shardNumberOf,
  stickShape,
} from "./stick-memory.ts";
import { rangeOfStep, removeWhere, stepCount, walkBuckets } from "./walk.ts";

export interface CounterTableSettings {
  /** The most keys; the one used longest ago makes room. */
  readonly entriesMax: number;
  /** A key that nobody holds and nobody counts for so long is forgotten. */
  readonly expiryMs: number;
  /** Secret, random: keys are chosen by clients, who must not choose where they collide. */
  readonly seed: number;
  readonly counters: readonly StoredCounter[];
  /** What its keys may send, where its listener meters them. */
  readonly meters?: MeterRates;
}

/** Survives structured cloning: this is what a worker is sent. */
export interface CounterTableBuffers {
  readonly settings: CounterTableSettings;
  readonly keys: SharedArrayBuffer;
  readonly counts: SharedArrayBuffer;
}

/** A copy of an entry, for the control plane. */
export interface CounterEntry {
  readonly key: Uint8Array;
  /** Connections that hold it. */
  readonly held: number;
  readonly expiresInMs: number;
  /** Of the counters that the table stores. */
  readonly counts: Readonly<Partial<Record<StoredField, number>>>;
}

/** What is wanted of a counter: that it is more than a value. */
export interface CounterFilter {
  readonly field: StoredField;
  readonly value: number;
}

/** Entries remember their last use in these units, which fit in an int32 for six years. */
const TICK_MS = 100;
/** Held entries that are passed over when room is made. */
const PASSED_MAX = 64;
const EXPIRED_PER_NEW = 2;
/** A handle is the epoch of its shard in these, and the number of its entry from 1. */
const EPOCH = 2 ** 32;

/** What they read means something to their owners alone. */
const METERS: readonly StoredField[] = METER_FIELDS;

const CONNECTIONS = counterNumber("conn_cur");
const CONNECTIONS_EVER = counterNumber("conn_cnt");

/** Control plane: makes an empty table, touched only as it fills. */
export function createCounterTable(settings: CounterTableSettings): CounterTableBuffers {
  assert(settings.expiryMs > 0, "an entry lives for a while");
  const { shards, shardWords, entries } = stickShape(settings.entriesMax);
  const { entryWords } = layoutOf(settings.counters);
  const keys = new SharedArrayBuffer(shards * shardWords * 4);
  return { settings, keys, counts: new SharedArrayBuffer(shards * entries * entryWords * 4) };
}

export class CounterTable {
  private readonly settings: CounterTableSettings;
  private readonly shape: StickShape;
  private readonly shards: readonly Shard[];
  private readonly cells: CounterCells;
  private readonly owner: number;
  // Of the entry that was entered: its number in its shard, and among the entries of all shards.
  private entry = 0;
  private index = 0;

  /** @param owner this thread's worker number, or -1 for the control plane */
  constructor(buffers: CounterTableBuffers, owner: number) {
    this.settings = buffers.settings;
    this.shape = stickShape(buffers.settings.entriesMax);
    this.shards = Array.from({ length: this.shape.shards }, (_, number) => {
      return new Shard(buffers.keys, number, this.shape);
    });
    this.cells = new CounterCells(buffers.counts, buffers.settings.counters);
    this.owner = owner;
  }

  /** What its keys may send; null: nobody meters them. */
  get meters(): MeterRates | null {
    return this.settings.meters ?? null;
  }

  /** @returns the counter; 0 for an unknown key; NOT_STORED when the table has no such counter */
  read(key: StickKey, field: number, nowMs: number): number {
    const shard = this.enterKey(key, nowMs);
    if (shard === null) return 0;
    return this.leave(shard, this.cells.read(this.index, field, nowMs));
  }

  /**
   * Adds to a counter, and to the rate that goes with it; a new key is remembered.
   * @returns what the counter is now; NOT_STORED when there is none; 0 when there was no room
   */
  add(key: StickKey, field: number, amount: number, nowMs: number): number {
    const shard = this.enterKeyKept(key, nowMs);
    if (shard === null) return 0;
    return this.leave(shard, this.cells.add(this.index, field, amount, nowMs));
  }

  /** Sets a counter of a known key. @returns what it was before; NOT_STORED when there is none */
  set(key: StickKey, field: number, value: number, nowMs: number): number {
    const shard = this.enterKey(key, nowMs);
    if (shard === null) return 0;
    return this.leave(shard, this.cells.exchange(this.index, field, value, nowMs));
  }

  has(key: StickKey, nowMs: number): boolean {
    const shard = this.enterKey(key, nowMs);
    return shard !== null && this.leave(shard, 1) === 1;
  }

  /**
   * Counts a connection for a key and holds its entry until `release`.
   * @returns a handle over 0; 0 when every entry that could make room is held
   */
  track(key: StickKey, nowMs: number): number {
    const shard = this.enterKeyKept(key, nowMs);
    if (shard === null) return 0;
    shard.setValue(this.entry, shard.serverOf(this.entry) + 1, 0);
    this.cells.add(this.index, CONNECTIONS, 1, nowMs);
    this.cells.add(this.index, CONNECTIONS_EVER, 1, nowMs);
    return this.leave(shard, epochOf(shard) * EPOCH + this.index + 1);
  }

  /** The connection has ended. Safe for a handle whose entry is gone. */
  release(handle: number, nowMs: number): void {
    const shard = this.enterHandle(handle);
    if (shard === null) return;
    const held = shard.serverOf(this.entry);
    assert(held > 0, "an entry is released as often as it was tracked");
    shard.setValue(this.entry, held - 1, 0);
    this.cells.takeOne(this.index, CONNECTIONS);
    shard.touch(this.entry, ticksOf(nowMs));
    this.leave(shard, 0);
  }

  /** @returns a copy of the key behind a handle, or null when its entry is gone */
  trackedKey(handle: number): Uint8Array | null {
    const shard = this.enterHandle(handle);
    if (shard === null) return null;
    const key = shard.keyOf(this.entry);
    this.leave(shard, 0);
    return key;
  }

  readTracked(handle: number, field: number, nowMs: number): number {
    const shard = this.enterHandle(handle);
    if (shard === null) return 0;
    return this.leave(shard, this.cells.read(this.index, field, nowMs));
  }

  addTracked(handle: number, field: number, amount: number, nowMs: number): number {
    const shard = this.enterHandle(handle);
    if (shard === null) return 0;
    shard.touch(this.entry, ticksOf(nowMs));
    return this.leave(shard, this.cells.add(this.index, field, amount, nowMs));
  }

  /**
   * Puts a cost on a meter, which pays one microsecond off in each.
   * @returns microseconds until all is paid; 0 when the entry is gone or has no such meter
   */
  chargeTracked(handle: number, meter: number, costUs: number, nowMs: number): number {
    // Before anything is locked, as nobody would unlock it.
    assert(costUs >= 0, "a meter is paid off by time alone");
    const shard = this.enterHandle(handle);
    if (shard === null) return 0;
    return this.leave(shard, this.cells.charge(this.index, meter, costUs, nowMs));
  }

  setTracked(handle: number, field: number, value: number, nowMs: number): number {
    const shard = this.enterHandle(handle);
    if (shard === null) return 0;
    return this.leave(shard, this.cells.exchange(this.index, field, value, nowMs));
  }

  /** Keys now, those included that have expired and were neither met nor swept since. */
  count(): number {
    return sumHeaders(this.shards, SHARD_COUNT);
  }

  /** Keys that had to go before their time, ever. */
  evictions(): number {
    return sumHeaders(this.shards, SHARD_EVICTIONS);
  }

  /** Forgets a key that nobody holds. @returns whether it was there and is gone */
  forget(key: StickKey, nowMs: number): boolean {
    const shard = this.enterKey(key, nowMs);
    if (shard === null) return false;
    const isFree = shard.serverOf(this.entry) === 0;
    if (isFree) shard.remove(this.entry);
    return this.leave(shard, isFree ? 1 : 0) === 1;
  }

  /** The steps in which `sweep` goes through the table. */
  get sweepSteps(): number {
    return stepCount(this.shape);
  }

  /** Control plane: forgets what has expired in one part of the table. @returns how many */
  sweep(step: number, nowMs: number): number {
    const range = rangeOfStep(this.shape, step);
    const shard = this.shards[range.shard]!;
    const isGone = (entry: number) => this.isExpired(shard, entry, nowMs);
    return removeWhere(shard, this.owner, range, isGone);
  }

  /**
   * Control plane: copies of at most `max` entries that have not expired, in no order.
   * @param over only entries with more than that on this counter
   */
  list(nowMs: number, max: number, over: CounterFilter | null = null): CounterEntry[] {
    const listed: CounterEntry[] = [];
    this.walk(nowMs, over, (shard, index) => {
      listed.push(this.copy(shard, index, nowMs));
      return listed.length < max;
    });
    return listed;
  }

  /** Control plane: how many entries `list` would find without a limit. */
  countOver(nowMs: number, over: CounterFilter): number {
    let count = 0;
    this.walk(nowMs, over, () => {
      count++;
      return true;
    });
    return count;
  }

  /** Control plane: a copy of the entry of a key, which does not count as a use of it; or null. */
  entryOf(key: StickKey, nowMs: number): CounterEntry | null {
    const shard = this.enterKey(key, nowMs);
    if (shard === null) return null;
    const copy = this.copy(shard, this.index, nowMs);
    this.leave(shard, 0);
    return copy;
  }

  /**
   * Control plane, after a worker has ended and before its number is used again: a shard that it
   * died in may be half changed, so it starts anew, empty, and handles into it mean nothing. What
   * the worker held is released apart from this, by the handles it kept.
   * @returns how many shards that were
   */
  forgetWorker(worker: number): number {
    const left = this.shards.filter(({ words }) => isLockedBy(words, SHARD_LOCK, worker));
    for (const shard of left) {
      shard.reset();
      shard.words[SHARD_EPOCH]!++;
      unlock(shard.words, SHARD_LOCK, worker);
    }
    return left.length;
  }

  // Visits what has not expired, by its shard and its index, as long as that answers true.
  private walk(
    nowMs: number,
    over: CounterFilter | null,
    visit: (shard: Shard, index: number) => boolean,
  ): void {
    const all = { from: 0, to: this.shape.buckets };
    for (const [number, shard] of this.shards.entries()) {
      const goesOn = walkBuckets(shard, this.owner, all, (entry) => {
        if (this.isExpired(shard, entry, nowMs)) return true;
        const index = number * this.shape.entries + entry - 1;
        if (over === null) return visit(shard, index);
        const value = this.cells.read(index, counterNumber(over.field), nowMs);
        return value <= over.value || visit(shard, index);
      });
      if (!goesOn) return;
    }
  }

  private copy(shard: Shard, index: number, nowMs: number): CounterEntry {
    const entry = (index % this.shape.entries) + 1;
    const counts: Partial<Record<StoredField, number>> = {};
    for (const { field } of this.settings.counters) {
      if (METERS.includes(field)) continue;
      counts[field] = this.cells.read(index, counterNumber(field), nowMs);
    }
    const idleMs = Math.max(0, nowMs - shard.usedAt(entry) * TICK_MS);
    const expiresInMs = Math.max(0, this.settings.expiryMs - idleMs);
    return { key: shard.keyOf(entry), held: shard.serverOf(entry), expiresInMs, counts };
  }

  // Three ways into a locked shard, with `entry` and `index` set; `leave` is the way out. null, and
  // nothing is locked: there is no such entry, or the shard's holder is dead.
  private enterKey(key: StickKey, nowMs: number): Shard | null {
    const hash = hashKey(key, this.settings.seed);
    const number = shardNumberOf(this.shape, hash);
    const shard = this.shards[number]!;
    if (!lock(shard.words, SHARD_LOCK, this.owner)) return null;
    const entry = shard.find(key, hash);
    const isKnown = entry !== 0 && !this.isExpired(shard, entry, nowMs);
    return this.enter(shard, number, isKnown ? entry : 0);
  }

  private enterKeyKept(key: StickKey, nowMs: number): Shard | null {
    const hash = hashKey(key, this.settings.seed);
    const number = shardNumberOf(this.shape, hash);
    const shard = this.shards[number]!;
    if (!lock(shard.words, SHARD_LOCK, this.owner)) return null;
    const entry = this.findOrInsert(shard, key, hash, nowMs);
    if (this.enter(shard, number, entry) === null) return null;
    if (shard.usedAt(entry) < 0) this.cells.clear(this.index);
    shard.touch(entry, ticksOf(nowMs));
    return shard;
  }

  private enterHandle(handle: number): Shard | null {
    assert(handle > 0, "a handle of an entry that is held");
    const index = (handle % EPOCH) - 1;
    const number = Math.floor(index / this.shape.entries);
    const shard = this.shards[number]!;
    if (!lock(shard.words, SHARD_LOCK, this.owner)) return null;
    const isThere = epochOf(shard) === Math.floor(handle / EPOCH);
    return this.enter(shard, number, isThere ? (index % this.shape.entries) + 1 : 0);
  }

  private enter(shard: Shard, number: number, entry: number): Shard | null {
    if (entry === 0) {
      unlock(shard.words, SHARD_LOCK, this.owner);
      return null;
    }
    this.entry = entry;
    this.index = number * this.shape.entries + entry - 1;
    return shard;
  }

  private leave(shard: Shard, result: number): number {
    unlock(shard.words, SHARD_LOCK, this.owner);
    return result;
  }

  // @returns an entry, marked by a last use below 0 when it is new; 0 when there is no room
  private findOrInsert(shard: Shard, key: StickKey, hash: number, nowMs: number): number {
    const known = shard.find(key, hash);
    if (known !== 0 && !this.isExpired(shard, known, nowMs)) return known;
    if (known !== 0) shard.remove(known);
    this.removeExpired(shard, nowMs);
    if (!this.makeRoom(shard, key.length, nowMs)) return 0;
    const entry = shard.insert(key, hash);
    shard.setValue(entry, 0, 0);
    shard.touch(entry, -1);
    return entry;
  }

  private removeExpired(shard: Shard, nowMs: number): void {
    for (let removed = 0; removed < EXPIRED_PER_NEW; removed++) {
      const { oldest } = shard;
      if (oldest === 0 || !this.isExpired(shard, oldest, nowMs)) return;
      shard.remove(oldest);
    }
  }

  // What is held goes to the other end of the list, since it is in use.
  private makeRoom(shard: Shard, keyLength: number, nowMs: number): boolean {
    let passed = 0;
    while (!shard.hasRoomFor(keyLength)) {
      const { oldest } = shard;
      if (shard.serverOf(oldest) > 0) {
        if (++passed > Math.min(PASSED_MAX, shard.count)) return false;
        shard.touch(oldest, ticksOf(nowMs));
        continue;
      }
      if (!this.isExpired(shard, oldest, nowMs)) shard.words[SHARD_EVICTIONS]!++;
      shard.remove(oldest);
    }
    return true;
  }

  private isExpired(shard: Shard, entry: number, nowMs: number): boolean {
    if (shard.serverOf(entry) > 0) return false;
    return nowMs - shard.usedAt(entry) * TICK_MS >= this.settings.expiryMs + TICK_MS;
  }
}

function ticksOf(nowMs: number): number {
  return Math.floor(nowMs / TICK_MS);
}

function epochOf(shard: Shard): number {
  return shard.words[SHARD_EPOCH]!;
}
