import { describe, expect, it } from "vitest";
import { Scene } from "../../../tests/relay/relay-scene.ts";
import { SLAB_SIZE } from "../../io/slab-pool.ts";
import { REASON } from "../../shm/close-reason.ts";
import { endWith, STAY } from "../verdict.ts";
import { hold, joinHeld, leave } from "./early-bytes.ts";

const CONNECTION = 0;

/** A client that has said nothing, and a way to put bytes where the reactor would. */
function quiet(slabs?: number) {
  const scene = new Scene(slabs === undefined ? {} : { slabs });
  scene.io.accept();
  const { context } = scene;
  const put = (bytes: ArrayLike<number>, at = 0): number => {
    scene.io.bytes.set(bytes, at);
    return at;
  };
  const joined = (at: number, length: number) => [...scene.io.bytes.slice(at, at + length)];
  return { scene, context, put, joined };
}

describe("joinHeld", () => {
  it("leaves a first piece where it is", () => {
    const { context, put } = quiet();
    expect(joinHeld(context, CONNECTION, put([1, 2, 3], 5), 3)).toBe(5);
  });

  it("puts a piece behind what is kept, in one piece", () => {
    const { context, put, joined } = quiet();
    expect(hold(context, CONNECTION, put([1, 2, 3]), 3)).toBe(STAY);
    expect(hold(context, CONNECTION, put([4]), 1)).toBe(STAY);
    const start = joinHeld(context, CONNECTION, put([5, 6], 9), 2);
    expect(joined(start, 6)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(context.connections.heldLength[CONNECTION]).toBe(4);
  });

  it("says so when it is more than the scratch area holds", () => {
    const { context, scene, put } = quiet();
    for (let size = 0; size < scene.io.scratchSize; size += SLAB_SIZE) {
      hold(context, CONNECTION, put([1]), SLAB_SIZE);
    }
    expect(joinHeld(context, CONNECTION, put([2]), 1)).toBe(-1);
  });
});

describe("hold", () => {
  it("ends the connection when no buffer is left, and counts it", () => {
    const { context, scene, put } = quiet(1);
    expect(hold(context, CONNECTION, put([1]), SLAB_SIZE)).toBe(STAY);
    const verdict = hold(context, CONNECTION, put([1]), SLAB_SIZE);
    expect(verdict).toBe(endWith(REASON["buffers-exhausted"]));
    expect(scene.count("slabPoolDry")).toBe(1);
  });
});

describe("leave", () => {
  it("gives back what was kept and says what is for the next stage", () => {
    const { context, scene, put } = quiet();
    hold(context, CONNECTION, put([1, 2]), 2);
    leave(context, CONNECTION, 77, 3);
    expect([context.restOffset, context.takeRest()]).toEqual([77, 3]);
    expect(context.connections.heldLength[CONNECTION]).toBe(0);
    expect(scene.io.pool.used).toBe(0);
  });
});
