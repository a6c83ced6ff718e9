import { expect, it } from "vitest";
import { gettid } from "../linux/libc.ts";
import { readThreadTimes } from "./thread-times.ts";

it("says how long a thread has run", () => {
  const folder = `/proc/self/task/${gettid()}`;
  const before = readThreadTimes(folder)!;
  let after = before;
  // However slow the machine is: while it looks, it runs.
  while (after.usedNs === before.usedNs) after = readThreadTimes(folder)!;
  expect(after.usedNs).toBeGreaterThan(before.usedNs);
});

it("knows nothing of a thread that is not there", () => {
  expect(readThreadTimes("/proc/self/task/0")).toBeNull();
});
