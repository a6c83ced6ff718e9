import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type BucketShape,
  bucketShape,
  changeRate,
  takeTokenAnyway,
  tokenWaitMs,
  tryTakeToken,
} from "./token-bucket.ts";

const T0 = 1_000_000;

interface Bucket {
  tryTake(shape: BucketShape, nowMs: number): boolean;
  waitMs(shape: BucketShape, nowMs: number): number;
}

function makeBucket(words = new Int32Array(new SharedArrayBuffer(12))): Bucket {
  return {
    tryTake: (shape, nowMs) => tryTakeToken(words, 1, shape, nowMs),
    waitMs: (shape, nowMs) => tokenWaitMs(words, 1, shape, nowMs),
  };
}

/** Tries once a millisecond. @returns the times at which an event passed */
function passes(bucket: Bucket, shape: BucketShape, spanMs: number) {
  const times: number[] = [];
  for (let ms = 0; ms < spanMs; ms++) {
    while (bucket.tryTake(shape, T0 + ms)) times.push(ms);
  }
  return times;
}

describe("tryTakeToken", () => {
  it("lets a burst through, and then the rate", () => {
    const times = passes(makeBucket(), bucketShape(100, 20), 1_000);
    expect(times.filter((ms) => ms === 0)).toHaveLength(20);
    expect(times).toHaveLength(20 + 99);
  });

  it("never lets more than burst and rate through, wherever the window begins", () => {
    const times = passes(makeBucket(), bucketShape(333, 7), 5_000);
    for (let from = 0; from < 4_000; from += 137) {
      const inWindow = times.filter((ms) => ms >= from && ms < from + 1_000);
      expect(inWindow.length).toBeLessThanOrEqual(333 + 7);
      expect(inWindow.length).toBeGreaterThanOrEqual(330);
    }
  });

  it("goes on when its microseconds begin anew", () => {
    const bucket = makeBucket();
    const shape = bucketShape(10, 1);
    const wrap = 2 ** 32 / 1_000;
    let passed = 0;
    for (let ms = wrap - 5_000; ms < wrap + 5_000; ms += 10) {
      if (bucket.tryTake(shape, ms)) passed++;
    }
    expect(passed).toBeGreaterThanOrEqual(99);
    expect(passed).toBeLessThanOrEqual(101);
  });

  it("is full again after any silence", () => {
    const bucket = makeBucket();
    const shape = bucketShape(10, 5);
    for (const idleMs of [1_000, 2_160_000, 2_390_000, 3_000_000, 5_000_000, 100_000_000]) {
      passes(bucket, shape, 1);
      const late = T0 + idleMs;
      const took = [0, 1, 2, 3, 4, 5].map(() => bucket.tryTake(shape, late));
      expect(took).toEqual([true, true, true, true, true, false]);
      while (bucket.tryTake(shape, late));
    }
  });

  it("is full before its first event, whatever time it is", () => {
    for (let ms = 1_000; ms < 10_000_000; ms += 100_000) {
      expect(makeBucket().tryTake(bucketShape(1, 1), ms)).toBe(true);
    }
  });

  it("gives nothing away to a thread whose clock is a turn behind", () => {
    const bucket = makeBucket();
    const shape = bucketShape(100, 5);
    let passed = 0;
    for (let ms = 0; ms < 1_000; ms += 10) {
      while (bucket.tryTake(shape, T0 + ms)) passed++;
      while (bucket.tryTake(shape, T0 + ms - 500)) passed++;
    }
    expect(passed).toBe(5 + 99);
  });

  it("is one for all who share its word", () => {
    const words = new Int32Array(new SharedArrayBuffer(12));
    const [one, other] = [makeBucket(words), makeBucket(words)];
    const shape = bucketShape(1, 3);
    const took = [one, other, one, other].map((bucket) => bucket.tryTake(shape, T0));
    expect(took).toEqual([true, true, true, false]);
  });

  it("says how long the next one has to wait", () => {
    const bucket = makeBucket();
    const shape = bucketShape(4, 1);
    expect(bucket.waitMs(shape, T0)).toBe(0);
    bucket.tryTake(shape, T0);
    expect(bucket.waitMs(shape, T0 + 50)).toBe(200);
    expect(bucket.tryTake(shape, T0 + 249)).toBe(false);
    expect(bucket.tryTake(shape, T0 + 250)).toBe(true);
  });
});

describe("takeTokenAnyway", () => {
  const words = () => new Int32Array(new SharedArrayBuffer(12));

  it("says how much too early an event is, and makes the next one wait for longer", () => {
    const bucket = words();
    const waits = [0, 0, 0, 50].map((ms) => {
      return takeTokenAnyway(bucket, 1, bucketShape(10, 2), T0 + ms);
    });
    expect(waits).toEqual([0, 0, 100, 150]);
    expect(tokenWaitMs(bucket, 1, bucketShape(10, 2), T0 + 100)).toBe(200);
  });

  it("holds nobody back after any silence", () => {
    const shape = bucketShape(10, 1);
    for (let idleMs = 1_000; idleMs < 5_000_000; idleMs += 10_000) {
      const bucket = words();
      takeTokenAnyway(bucket, 1, shape, T0);
      expect(takeTokenAnyway(bucket, 1, shape, T0 + idleMs)).toBe(0);
      expect(tokenWaitMs(bucket, 1, shape, T0 + idleMs)).toBe(100);
    }
  });

  it("lets nothing through for free, however many came too early", () => {
    const bucket = words();
    const slowest = bucketShape(1e-6, 2);
    for (let i = 0; i < 1_000; i++) {
      expect(takeTokenAnyway(bucket, 1, slowest, T0 + i) > 0).toBe(i > 1);
    }
    expect(tryTakeToken(bucket, 1, slowest, T0 + 1_000)).toBe(false);
  });
});

describe("changeRate", () => {
  /** @returns how many may pass at once right after the change */
  function passesAfter(taken: number, before: BucketShape, now: BucketShape): number {
    const words = new Int32Array(new SharedArrayBuffer(12));
    for (let i = 0; i < taken; i++) takeTokenAnyway(words, 1, before, T0);
    changeRate(words, 1, before, now, T0);
    let passed = 0;
    while (tryTakeToken(words, 1, now, T0)) passed++;
    expect(tokenWaitMs(words, 1, now, T0)).toBeLessThanOrEqual(now.intervalUs / 1_000);
    return passed;
  }

  it("counts the events of the old rate at the new one", () => {
    const slow = bucketShape(1, 100);
    const fast = bucketShape(1_000, 50);
    expect([0, 20, 100].map((taken) => passesAfter(taken, slow, fast))).toEqual([50, 30, 0]);
    expect([0, 20, 50].map((taken) => passesAfter(taken, fast, slow))).toEqual([100, 80, 50]);
  });

  it("lets the next one wait for one interval, however small the burst is now", () => {
    expect(passesAfter(100, bucketShape(10, 100), bucketShape(10, 5))).toBe(0);
    expect(passesAfter(9, bucketShape(1e-6, 1), bucketShape(10, 5))).toBe(3);
  });

  it("leaves what is owed alone where nothing changes", () => {
    const words = new Int32Array(new SharedArrayBuffer(12));
    const shape = bucketShape(10, 1);
    for (let i = 0; i < 5; i++) takeTokenAnyway(words, 1, shape, T0);
    changeRate(words, 1, shape, { ...shape }, T0);
    expect(tokenWaitMs(words, 1, shape, T0)).toBe(500);
  });
});

/** Runs `other` as if another thread did, right before the step of that number. */
function interrupt(step: number, other: () => void): void {
  let left = step;
  for (const name of ["load", "store", "compareExchange"] as const) {
    const original = Atomics[name] as (...given: unknown[]) => number;
    vi.spyOn(Atomics, name).mockImplementation(((...given: unknown[]) => {
      if (left-- === 0) other();
      return original(...given);
    }) as never);
  }
}

describe("a bucket that two threads use for the first time in long", () => {
  const shape = bucketShape(10, 1);
  const LATE = T0 + 3_000_000;

  function usedLongAgo(): Int32Array {
    const words = new Int32Array(new SharedArrayBuffer(12));
    takeTokenAnyway(words, 1, shape, T0);
    return words;
  }

  afterEach(() => {
    vi.restoreAllMocks();
  });

  const steps = Array.from({ length: 12 }, (_, step) => step);

  it.each(steps)("counts both: %i", (step) => {
    const words = usedLongAgo();
    interrupt(step, () => takeTokenAnyway(words, 1, shape, LATE));
    takeTokenAnyway(words, 1, shape, LATE);
    vi.restoreAllMocks();
    // One thread has fewer steps than that.
    const isAlone = tokenWaitMs(words, 1, shape, LATE) === 100;
    if (isAlone) takeTokenAnyway(words, 1, shape, LATE);
    expect(tokenWaitMs(words, 1, shape, LATE)).toBe(200);
  });

  it.each(steps)("lets one of them through: %i", (step) => {
    const words = usedLongAgo();
    const passed: boolean[] = [];
    interrupt(step, () => passed.push(tryTakeToken(words, 1, shape, LATE)));
    passed.push(tryTakeToken(words, 1, shape, LATE));
    vi.restoreAllMocks();
    if (passed.length === 1) passed.push(tryTakeToken(words, 1, shape, LATE));
    expect(passed.sort()).toEqual([false, true]);
  });

  it.each(steps)("says what the wait is when it is asked meanwhile: %i", (step) => {
    const words = usedLongAgo();
    interrupt(step, () => takeTokenAnyway(words, 1, shape, LATE));
    expect([0, 100]).toContain(tokenWaitMs(words, 1, shape, LATE));
  });
});
