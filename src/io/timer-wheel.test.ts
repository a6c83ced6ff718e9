import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TICK_MS, TimerWheel } from "./timer-wheel.ts";

const SLOTS = 8;

function record() {
  const fired: number[] = [];
  return { fired, onDeadline: (slot: number) => void fired.push(slot) };
}

describe("TimerWheel", () => {
  it("is never early and late by at most a tick, at every level", () => {
    for (const delay of [1, 15, 16, 17, 4_000, 4_096, 4_097, 70_000, 1_100_000, 90_000_000]) {
      const wheel = new TimerWheel(SLOTS, 1_000.5);
      const handler = record();
      wheel.set(3, 1_000.5 + delay);
      wheel.advance(1_000.5 + delay - 0.5, handler);
      expect(handler.fired).toEqual([]);
      wheel.advance(1_000.5 + delay + TICK_MS, handler);
      expect(handler.fired).toEqual([3]);
      expect(wheel.nextWaitMs(1_000.5 + delay + TICK_MS)).toBe(-1);
    }
  });

  it("keeps a deadline that moved to later, to earlier, or away", () => {
    const wheel = new TimerWheel(SLOTS, 0);
    const handler = record();
    wheel.set(0, 100);
    wheel.set(0, 9_000);
    wheel.set(1, 9_000);
    wheel.set(1, 100);
    wheel.set(2, 100);
    wheel.clear(2);
    wheel.advance(200, handler);
    expect(handler.fired).toEqual([1]);
    wheel.advance(9_100, handler);
    expect(handler.fired).toEqual([1, 0]);
  });

  it("lets the one it tells set deadlines, its own too", () => {
    const wheel = new TimerWheel(SLOTS, 0);
    let rounds = 0;
    const again = {
      onDeadline: (slot: number) => {
        rounds++;
        if (rounds < 5) wheel.set(slot, 0);
      },
    };
    wheel.set(0, 10);
    for (let now = 0; now < 200; now += TICK_MS) wheel.advance(now, again);
    expect(rounds).toBe(5);
  });

  it("agrees with a list of deadlines, and never sleeps past one", () => {
    const step = fc.record({
      slot: fc.nat(SLOTS - 1),
      delay: fc.oneof(fc.nat(50), fc.nat(10_000), fc.nat(5_000_000)),
      clear: fc.boolean(),
      pass: fc.oneof(fc.nat(40), fc.nat(6_000), fc.nat(2_000_000)),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const wheel = new TimerWheel(SLOTS, 0);
        const model = new Map<number, number>();
        let now = 0;
        const check = {
          onDeadline: (slot: number) => {
            expect(model.get(slot)).toBeLessThanOrEqual(now);
            model.delete(slot);
          },
        };
        for (const { slot, delay, clear, pass } of steps) {
          if (clear) {
            wheel.clear(slot);
            model.delete(slot);
          } else {
            wheel.set(slot, now + delay);
            model.set(slot, now + delay);
          }
          const earliest = Math.min(...model.values());
          if (model.size > 0) {
            expect(wheel.nextWaitMs(now)).toBeGreaterThanOrEqual(0);
            expect(now + wheel.nextWaitMs(now)).toBeLessThanOrEqual(earliest + 2 * TICK_MS);
          }
          now += pass;
          wheel.advance(now, check);
          expect(wheel.count).toBe(model.size);
          for (const at of model.values()) expect(at).toBeGreaterThan(now - TICK_MS);
        }
      }),
      { numRuns: 300 },
    );
  });
});
