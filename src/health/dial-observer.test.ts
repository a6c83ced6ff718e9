import { describe, expect, it } from "vitest";
import { ErrorStreak, FailWindow } from "./dial-observer.ts";

const failed = (count: number) => ({ failed: count, succeeded: 0 });
const SUCCEEDED = { failed: 0, succeeded: 1 };

describe("ErrorStreak", () => {
  const settings = { mode: "connections", errorLimit: 10, onError: "mark-down" } as const;

  it("is an error after so many failures in a row, then counts anew", () => {
    const streak = new ErrorStreak(settings);
    expect([4, 5, 1, 9, 1].map((count) => streak.onDials(failed(count)))).toEqual([
      false,
      false,
      true,
      false,
      true,
    ]);
  });

  it("is broken by a success", () => {
    const streak = new ErrorStreak(settings);
    streak.onDials(failed(9));
    expect(streak.onDials({ failed: 5, succeeded: 1 })).toBe(false);
    expect(streak.onDials(failed(9))).toBe(false);
    expect(streak.onDials(failed(1))).toBe(true);
  });
});

describe("FailWindow", () => {
  const settings = { mode: "max-fails", maxFails: 2, failTimeoutMs: 1000 } as const;

  it("takes a server out after so many failures within the time, for as long", () => {
    const window = new FailWindow(settings);
    expect(window.onDials(failed(1), 0)).toBe(false);
    expect(window.onDials(failed(1), 900)).toBe(true);
    expect(window.outUntil).toBe(1900);
    expect([window.isOut(1899), window.isOut(1900)]).toEqual([true, false]);
  });

  it("forgets failures that are far apart, and those before a success", () => {
    const window = new FailWindow(settings);
    expect([0, 1001, 2002].map((nowMs) => window.onDials(failed(1), nowMs))).toEqual([
      false,
      false,
      false,
    ]);
    window.onDials(SUCCEEDED, 2003);
    expect(window.onDials(failed(1), 2004)).toBe(false);
  });

  it("takes it out at the first failure when it is tried again, until a dial succeeds", () => {
    const window = new FailWindow(settings);
    window.onDials(failed(2), 0);
    expect(window.onDials(failed(1), 1000)).toBe(true);
    expect(window.onDials(failed(9), 1500)).toBe(false);
    expect(window.onDials(failed(1), 9000)).toBe(true);
    window.onDials(SUCCEEDED, 10_001);
    expect(window.onDials(failed(1), 10_002)).toBe(false);
  });
});
