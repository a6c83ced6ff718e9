import { expect, it } from "vitest";
import { UpTimes } from "./up-times.ts";

it("UpTimes counts how often a server went down and how long it was", () => {
  const times = new UpTimes(true, 0);
  expect(times.status(5)).toEqual({ downCount: 0, changedAtMs: null, downtimeMs: 0 });
  times.note(false, 10);
  times.note(false, 11);
  expect(times.status(15)).toEqual({ downCount: 1, changedAtMs: 10, downtimeMs: 5 });
  times.note(true, 30);
  expect(times.status(99)).toEqual({ downCount: 1, changedAtMs: 30, downtimeMs: 20 });
  times.note(false, 100);
  expect(times.status(101)).toEqual({ downCount: 2, changedAtMs: 100, downtimeMs: 21 });
});

it("UpTimes counts a start in the state down as time down, not as going down", () => {
  const times = new UpTimes(false, 100);
  expect(times.status(103)).toEqual({ downCount: 0, changedAtMs: null, downtimeMs: 3 });
  times.note(true, 110);
  expect(times.status(200)).toEqual({ downCount: 0, changedAtMs: 110, downtimeMs: 10 });
});
