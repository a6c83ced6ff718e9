import { describe, expect, it } from "vitest";
import { countInWindow, readWindow, WINDOW_WORDS } from "./sliding-window.ts";

const PERIOD = 10_000;

function make() {
  const words = new Int32Array(WINDOW_WORDS + 2);
  return {
    count: (nowMs: number, amount = 1) =>
      countInWindow(words, 1, { periodMs: PERIOD, amount, nowMs }),
    read: (nowMs: number) => readWindow(words, 1, PERIOD, nowMs),
    words,
  };
}

// The figures are those of HAProxy's freq_ctr with the same events.
describe("a sliding window", () => {
  it("counts the current period in full and the last one by its share", () => {
    const window = make();
    for (let i = 0; i < 100; i++) window.count(50_000 + i);
    expect(window.read(50_100)).toBe(100);
    for (let i = 0; i < 20; i++) window.count(60_000);
    expect([60_000, 62_500, 65_000, 69_999].map(window.read)).toEqual([120, 95, 70, 20]);
  });

  it("forgets what is more than a period ago", () => {
    const window = make();
    window.count(50_000, 40);
    expect([60_000, 65_000, 69_999, 70_001, 99_999].map(window.read)).toEqual([40, 20, 0, 0, 0]);
    window.count(90_000, 3);
    expect(window.read(90_000)).toBe(3);
  });

  it("does not flap over a single event", () => {
    const window = make();
    window.count(50_000);
    expect([55_000, 60_001, 69_000, 70_001].map(window.read)).toEqual([1, 1, 1, 0]);
  });

  it("goes on where 32 bits end, and leaves its neighbours alone", () => {
    const window = make();
    const end = 2 ** 32;
    window.count(end - 4000, 10);
    window.count(end + 1000, 5);
    expect(window.read(end + 1000)).toBe(15);
    expect(window.read(end + 11_000)).toBe(7);
    expect([window.words[0], window.words[4]]).toEqual([0, 0]);
  });
});
