import { describe, expect, it } from "vitest";
import { AssertionFailure } from "../assert.ts";
import { SLAB_SIZE, SlabPool } from "./slab-pool.ts";

describe("SlabPool", () => {
  it("hands out every slab once, then says so", () => {
    const pool = new SlabPool(4096, 3 * SLAB_SIZE + 100);
    const taken = [pool.take(), pool.take(), pool.take()];
    expect(taken).toEqual([4096, 4096 + SLAB_SIZE, 4096 + 2 * SLAB_SIZE]);
    expect(pool.take()).toBe(-1);
    expect(pool.dry).toBe(1);
    expect(pool.used).toBe(3);
  });

  it("is scarce from the half on", () => {
    const pool = new SlabPool(0, 4 * SLAB_SIZE);
    const first = pool.take();
    expect(pool.isScarce).toBe(false);
    pool.take();
    expect(pool.isScarce).toBe(true);
    pool.give(first);
    expect(pool.isScarce).toBe(false);
  });

  it("reuses the slab given back last, so that few pages are touched", () => {
    const pool = new SlabPool(0, 10 * SLAB_SIZE);
    const first = pool.take();
    const second = pool.take();
    pool.give(first);
    pool.give(second);
    expect(pool.take()).toBe(second);
    expect(pool.take()).toBe(first);
    expect(pool.take()).toBe(2 * SLAB_SIZE);
  });

  it("gives a whole chain back", () => {
    const pool = new SlabPool(0, 4 * SLAB_SIZE);
    const chain = [pool.take(), pool.take(), pool.take()];
    pool.link(chain[0]!, chain[1]!);
    pool.link(chain[1]!, chain[2]!);
    expect(pool.successor(chain[1]!)).toBe(chain[2]);
    expect(pool.successor(chain[2]!)).toBe(-1);
    pool.giveChain(chain[0]!);
    expect(pool.used).toBe(0);
  });

  it("refuses a slab given back twice", () => {
    const pool = new SlabPool(0, SLAB_SIZE);
    const slab = pool.take();
    pool.give(slab);
    expect(() => pool.give(slab)).toThrow(AssertionFailure);
  });
});
