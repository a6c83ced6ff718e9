import { describe, expect, it } from "vitest";
import { isLockedBy, lock, unlock } from "./spin-lock.ts";

const makeWords = () => new Int32Array(new SharedArrayBuffer(16));

describe("lock", () => {
  it("takes a free lock, says whose it is, and frees it", () => {
    const words = makeWords();
    for (const owner of [-1, 0, 63]) {
      expect(lock(words, 2, owner)).toBe(true);
      expect(isLockedBy(words, 2, owner)).toBe(true);
      expect(isLockedBy(words, 2, owner + 1)).toBe(false);
      unlock(words, 2, owner);
      expect(isLockedBy(words, 2, owner)).toBe(false);
    }
    expect([...words]).toEqual([0, 0, 0, 0]);
  });

  it("gives up on a lock that stays taken", () => {
    const words = makeWords();
    lock(words, 0, 1);
    expect(lock(words, 0, 2)).toBe(false);
    expect(isLockedBy(words, 0, 1)).toBe(true);
  });

  it("is not for one thread to take twice, nor to free for another", () => {
    const words = makeWords();
    lock(words, 0, 1);
    expect(() => lock(words, 0, 1)).toThrow("twice");
    expect(() => unlock(words, 0, 2)).toThrow("only its holder");
  });
});
