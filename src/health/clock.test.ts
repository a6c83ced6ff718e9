import { expect, it } from "vitest";
import { systemClock } from "./clock.ts";

it("systemClock fires once, unless cleared, and never goes back", async () => {
  const before = systemClock.now();
  const fired: string[] = [];
  const cleared = systemClock.setTimer(() => fired.push("cleared"), 1);
  systemClock.clearTimer(cleared);
  await new Promise<void>((resolve) => {
    systemClock.setTimer(() => fired.push("first"), 1);
    systemClock.setTimer(resolve, 20);
    // The clock's timers keep no process alive, so something else must.
    setTimeout(() => {}, 50);
  });
  expect(fired).toEqual(["first"]);
  expect(systemClock.now() >= before).toBe(true);
});
