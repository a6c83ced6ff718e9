// Exact counts of open connections over all workers, with a limit each: per server, per listener
// and for the process.
//
// Bounded by its limits: a count never passes the limit it was tried against, however many workers
// try at once. Each worker also keeps its own share, so that what a dead worker held can be given
// back. Does not know what is counted.

import { assert } from "../assert.ts";
import { TALLY_MAX, TALLY_PEAK, TALLY_TOTAL, TALLY_WORDS, tallyWords } from "./layout.ts";

export interface TallyPlace {
  readonly buffer: SharedArrayBuffer;
  /** Where the tally starts, in int32 words. */
  readonly offset: number;
  readonly entries: number;
  readonly workersMax: number;
}

export class Tally {
  private readonly words: Int32Array;
  private readonly entries: number;
  private readonly workersMax: number;
  /** Where this worker's row of shares starts; -1 for the control plane, which only looks. */
  private readonly ownShares: number;

  /** @param worker this thread's worker number, or CONTROL_PLANE */
  constructor(place: TallyPlace, worker: number) {
    assert(worker < place.workersMax, "a worker has a row of its own");
    const { buffer, offset, entries, workersMax } = place;
    this.words = new Int32Array(buffer, offset * 4, tallyWords(entries, workersMax));
    this.entries = entries;
    this.workersMax = workersMax;
    this.ownShares = worker < 0 ? -1 : this.sharesOf(worker);
  }

  /** Counts one more unless the limit is reached. @returns whether it was counted */
  tryAcquire(entry: number): boolean {
    assert(this.ownShares >= 0, "only workers count");
    const at = this.at(entry);
    const max = this.words[at + TALLY_MAX]!;
    // A plain read, see `total`: the swap finds out whether it was the latest.
    let total = this.words[at + TALLY_TOTAL]!;
    for (;;) {
      if (max > 0 && total >= max) return false;
      const seen = Atomics.compareExchange(this.words, at + TALLY_TOTAL, total, total + 1);
      if (seen === total) break;
      total = seen;
    }
    // Only this worker writes its share, so a plain read of it is the latest.
    const share = this.ownShares + entry;
    Atomics.store(this.words, share, this.words[share]! + 1);
    this.raisePeak(at + TALLY_PEAK, total + 1);
    return true;
  }

  /** Takes back one `tryAcquire` of this worker. */
  release(entry: number): void {
    const share = this.ownShares + entry;
    assert(this.ownShares >= 0 && this.words[share]! > 0, "released once per acquire");
    Atomics.store(this.words, share, this.words[share]! - 1);
    Atomics.sub(this.words, this.at(entry) + TALLY_TOTAL, 1);
  }

  /**
   * Open now, over all workers. A plain read, because balancers look at many and an Atomics.load
   * costs several times as much: as fresh as the last Atomics operation of this thread.
   */
  total(entry: number): number {
    return this.words[this.at(entry) + TALLY_TOTAL]!;
  }

  /** The most that were ever open at once. */
  peak(entry: number): number {
    return Atomics.load(this.words, this.at(entry) + TALLY_PEAK);
  }

  /** The limit; 0 means none. */
  max(entry: number): number {
    return Atomics.load(this.words, this.at(entry) + TALLY_MAX);
  }

  /** The same by a plain read, see `total`. */
  maxSeen(entry: number): number {
    return this.words[this.at(entry) + TALLY_MAX]!;
  }

  /** Whether the limit is reached; a plain read, see `total`. */
  isFull(entry: number): boolean {
    const at = this.at(entry);
    const max = this.words[at + TALLY_MAX]!;
    return max > 0 && this.words[at + TALLY_TOTAL]! >= max;
  }

  /** Open now in one worker. */
  share(entry: number, worker: number): number {
    return Atomics.load(this.words, this.sharesOf(worker) + entry);
  }

  /**
   * A limit below what is open closes nothing; it only lets nobody in.
   * @returns the limit before
   */
  setMax(entry: number, max: number): number {
    assert(max >= 0, "a limit is not negative");
    return Atomics.exchange(this.words, this.at(entry) + TALLY_MAX, max);
  }

  /** Control plane: nobody counts this entry any more, and whoever gets its place begins anew. */
  forget(entry: number): void {
    assert(this.total(entry) === 0, "an entry that is forgotten counts nobody");
    Atomics.store(this.words, this.at(entry) + TALLY_MAX, 0);
    Atomics.store(this.words, this.at(entry) + TALLY_PEAK, 0);
  }

  /** Control plane: the most that ever was is from now on what is there now. */
  forgetPeaks(): void {
    for (let entry = 0; entry < this.entries; entry++) {
      const at = this.at(entry);
      if (Atomics.load(this.words, at + TALLY_PEAK) === 0) continue;
      Atomics.store(this.words, at + TALLY_PEAK, 0);
      // A worker may have counted one more meanwhile: the greater counts.
      this.raisePeak(at + TALLY_PEAK, this.total(entry));
    }
  }

  /** Control plane, after a worker has ended: gives back everything it still held. */
  forgetWorker(worker: number): void {
    for (let entry = 0; entry < this.entries; entry++) {
      const share = Atomics.exchange(this.words, this.sharesOf(worker) + entry, 0);
      Atomics.sub(this.words, this.at(entry) + TALLY_TOTAL, share);
    }
  }

  private raisePeak(at: number, candidate: number): void {
    let peak = this.words[at]!;
    while (peak < candidate) {
      const seen = Atomics.compareExchange(this.words, at, peak, candidate);
      if (seen === peak) return;
      peak = seen;
    }
  }

  private at(entry: number): number {
    assert(entry >= 0 && entry < this.entries, "a tally's entries are fixed");
    return entry * TALLY_WORDS;
  }

  private sharesOf(worker: number): number {
    assert(worker >= 0 && worker < this.workersMax, "a worker has a row of its own");
    return this.entries * TALLY_WORDS + worker * this.entries;
  }
}
