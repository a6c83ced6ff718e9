// Deadlines for a million sockets: a hierarchical timing wheel (Varghese and Lauck, 1987).
//
//   level 0: 256 buckets of one tick   (4 s)      each bucket: a doubly linked list of slots
//   level 1: 256 buckets of 256 ticks  (17 min)
//   level 2: 256 buckets of 2^16 ticks (3 days)
//   level 3: 256 buckets of 2^24 ticks (2 years)
//
// One deadline a slot. Never early, late by at most one tick plus the time between two advances.
// Moving a deadline to later, which every received byte does, is one store: the slot stays where it
// is and is placed anew when its bucket comes up. Time is an argument; nothing is allocated.

import { assert } from "../assert.ts";

export const TICK_MS = 16;

const LEVELS = 4;
const LEVEL_BITS = 8;
const BUCKETS = 1 << LEVEL_BITS;
const BUCKET_MASK = BUCKETS - 1;
const NONE = -1;

/** Told of each deadline that has passed; may set and clear any deadline. */
export interface DeadlineHandler {
  onDeadline(slot: number): void;
}

export class TimerWheel {
  readonly #startMs: number;
  #tick = 0;
  /** Deadlines that are set. */
  count = 0;
  /** Slots that stand in some bucket. */
  #placed = 0;
  /** The tick a slot wants to hear of; 0 for none. */
  readonly #wanted: Float64Array;
  /** The tick a slot is placed for, never later than wanted; 0 when it stands nowhere. */
  readonly #placedFor: Float64Array;
  readonly #bucket: Int16Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #heads = new Int32Array(LEVELS * BUCKETS).fill(NONE);
  /** A bit for each bucket of level 0 that holds a slot. */
  readonly #occupied = new Int32Array(BUCKETS / 32);

  constructor(slotsMax: number, nowMs: number) {
    this.#startMs = nowMs;
    this.#wanted = new Float64Array(slotsMax);
    this.#placedFor = new Float64Array(slotsMax);
    this.#bucket = new Int16Array(slotsMax);
    this.#next = new Int32Array(slotsMax);
    this.#previous = new Int32Array(slotsMax);
  }

  set(slot: number, atMs: number): void {
    const tick = Math.max(Math.ceil((atMs - this.#startMs) / TICK_MS), this.#tick + 1);
    assert(Number.isFinite(tick), "a deadline is a time");
    if (this.#wanted[slot] === 0) this.count++;
    this.#wanted[slot] = tick;
    const placedFor = this.#placedFor[slot]!;
    if (placedFor !== 0 && placedFor <= tick) return;
    if (placedFor !== 0) this.#unlink(slot);
    this.#place(slot, tick);
  }

  clear(slot: number): void {
    if (this.#wanted[slot] !== 0) this.count--;
    this.#wanted[slot] = 0;
  }

  /** Tells `handler` of every deadline that has passed. */
  advance(nowMs: number, handler: DeadlineHandler): void {
    const target = Math.floor((nowMs - this.#startMs) / TICK_MS);
    while (this.#tick < target) {
      if (this.#placed === 0) {
        this.#tick = target;
        return;
      }
      this.#tick++;
      this.#cascade();
      this.#empty(this.#tick & BUCKET_MASK, handler);
    }
  }

  /**
   * How long the loop may sleep without being late for a deadline. An upper bound: it may wake for
   * a deadline that has moved, or to bring far ones nearer.
   * @returns milliseconds, or -1 when no deadline is set
   */
  nextWaitMs(nowMs: number): number {
    if (this.#placed === 0) return -1;
    const atMs = this.#startMs + (this.#tick + this.#ticksToNext()) * TICK_MS;
    return Math.max(0, Math.ceil(atMs - nowMs));
  }

  // Ticks until an occupied bucket of level 0, or until the next bucket of level 1 is brought down.
  #ticksToNext(): number {
    const current = this.#tick & BUCKET_MASK;
    for (let at = current + 1; at < BUCKETS; at = (at | 31) + 1) {
      const word = this.#occupied[at >> 5]! & (-1 << (at & 31));
      if (word !== 0) return (at & ~31) + 31 - Math.clz32(word & -word) - current;
    }
    return BUCKETS - current;
  }

  // Whenever a level has gone round, the next bucket of the level above is dealt out below.
  #cascade(): void {
    for (let level = 1; level < LEVELS; level++) {
      if ((this.#tick & ((1 << (LEVEL_BITS * level)) - 1)) !== 0) return;
      const index = (this.#tick >>> (LEVEL_BITS * level)) & BUCKET_MASK;
      this.#empty(level * BUCKETS + index, null);
    }
  }

  // Places later ones anew, drops cleared ones and, at level 0, tells of those that are due.
  #empty(bucket: number, handler: DeadlineHandler | null): void {
    for (let slot = this.#heads[bucket]!; slot !== NONE; slot = this.#heads[bucket]!) {
      this.#unlink(slot);
      const wanted = this.#wanted[slot]!;
      if (wanted === 0) continue;
      if (handler === null || wanted > this.#tick) {
        this.#place(slot, wanted);
      } else {
        this.clear(slot);
        handler.onDeadline(slot);
      }
    }
  }

  #place(slot: number, tick: number): void {
    const bucket = this.#bucketFor(tick);
    const head = this.#heads[bucket]!;
    this.#placedFor[slot] = tick;
    this.#bucket[slot] = bucket;
    this.#next[slot] = head;
    this.#previous[slot] = NONE;
    if (head !== NONE) this.#previous[head] = slot;
    this.#heads[bucket] = slot;
    this.#placed++;
    if (bucket < BUCKETS) this.#occupied[bucket >> 5]! |= 1 << (bucket & 31);
  }

  #unlink(slot: number): void {
    assert(this.#placedFor[slot] !== 0, "only a slot that stands in a bucket is taken out");
    const bucket = this.#bucket[slot]!;
    const next = this.#next[slot]!;
    const previous = this.#previous[slot]!;
    if (previous === NONE) this.#heads[bucket] = next;
    else this.#next[previous] = next;
    if (next !== NONE) this.#previous[next] = previous;
    this.#placedFor[slot] = 0;
    this.#placed--;
    const emptied = bucket < BUCKETS && this.#heads[bucket] === NONE;
    if (emptied) this.#occupied[bucket >> 5]! &= ~(1 << (bucket & 31));
  }

  // The lowest level whose buckets tell this tick from now; the highest goes round in 2 years, and
  // what lies further off is placed anew each time. A tick that is due is being cascaded
  // and goes into the bucket that is emptied next.
  #bucketFor(tick: number): number {
    const delta = tick - this.#tick;
    for (let level = 0; level < LEVELS - 1; level++) {
      const shift = LEVEL_BITS * level;
      if (delta < 2 ** (shift + LEVEL_BITS)) {
        return level * BUCKETS + ((tick >>> shift) & BUCKET_MASK);
      }
    }
    const shift = LEVEL_BITS * (LEVELS - 1);
    return (LEVELS - 1) * BUCKETS + ((tick >>> shift) & BUCKET_MASK);
  }
}
