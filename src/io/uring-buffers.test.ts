import { describe, expect, it } from "vitest";
import { mapMemory } from "../linux/native-memory.ts";
import { groupSize, UringBuffers } from "./uring-buffers.ts";
import { UringRing } from "./uring-ring.ts";

describe("UringBuffers", () => {
  const shape = { group: 3, size: 256, countMax: 8, countFirst: 2 };

  it("provides few at first, more on demand, and never more than there are", () => {
    const ring = new UringRing();
    const arena = mapMemory(4096 + groupSize(shape));
    const buffers = new UringBuffers(ring, shape, arena.address, 4096);
    const offsets = () => {
      const found: number[] = [];
      for (let id = 0; id < shape.countMax; id++) {
        try {
          found.push(buffers.offsetOf(id));
        } catch {
          break; // By its assertion: that one has not been provided.
        }
      }
      return found;
    };
    expect(offsets()).toEqual([4096, 4096 + 320]);
    buffers.grow();
    expect(offsets()).toHaveLength(4);
    buffers.grow();
    buffers.grow();
    expect(offsets()).toHaveLength(8);
    expect(offsets().at(-1)! + shape.size).toBeLessThanOrEqual(arena.size);
    ring.destroy();
    buffers.destroy();
  });
});
