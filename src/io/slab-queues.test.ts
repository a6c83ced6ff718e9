import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SLAB_SIZE, SlabPool } from "./slab-pool.ts";
import { SlabQueues } from "./slab-queues.ts";

const SOURCE = 20 * SLAB_SIZE;

function makeQueues(slabs: number) {
  const bytes = new Uint8Array(SOURCE + slabs * SLAB_SIZE);
  for (let i = 0; i < SOURCE; i++) bytes[i] = (i * 31) & 0xff;
  const pool = new SlabPool(SOURCE, slabs * SLAB_SIZE);
  return { bytes, pool, queues: new SlabQueues(bytes, pool, 4) };
}

describe("SlabQueues", () => {
  it("gives bytes back in order, whatever the sizes they come and go in", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 3 * SLAB_SIZE }), { maxLength: 6 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: SLAB_SIZE }), (lengths, bite) => {
        const { bytes, pool, queues } = makeQueues(30);
        const given: number[] = [];
        for (const length of lengths) {
          expect(queues.append(2, 7, length)).toBe(true);
          given.push(...bytes.subarray(7, 7 + length));
        }
        const copied = bytes.slice();
        queues.copyTo(2, 0);
        const waiting = Buffer.from(bytes.subarray(0, given.length));
        expect(waiting.equals(Buffer.from(given))).toBe(true);
        bytes.set(copied);
        const taken: number[] = [];
        while (!queues.isEmpty(2)) {
          const count = Math.min(bite, queues.frontLength(2));
          const offset = queues.frontOffset(2);
          taken.push(...bytes.subarray(offset, offset + count));
          queues.consume(2, count);
        }
        expect(Buffer.from(taken).equals(Buffer.from(given))).toBe(true);
        expect(pool.used).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it("says when the pool is dry, and gives everything back on clear", () => {
    const { pool, queues } = makeQueues(2);
    expect(queues.append(0, 0, SLAB_SIZE)).toBe(true);
    expect(queues.append(1, 0, SLAB_SIZE + 1)).toBe(false);
    queues.clear(0);
    queues.clear(1);
    expect(pool.used).toBe(0);
    expect(queues.isEmpty(1)).toBe(true);
  });
});
