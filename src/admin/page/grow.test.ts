import { expect, it } from "vitest";
import type { HistoryView } from "../history.ts";
import type { PageState } from "../page-state.ts";
import { grow } from "./grow.ts";

const HISTORY: HistoryView = {
  everyMs: 3_000,
  samplesMax: 3,
  sample: 7,
  subjects: { process: { connections: [1, 2] }, "server brokers/gone": { connections: [9] } },
};

function stateAt(sample: number, connections: number): PageState {
  const server = { name: "b1", rates: { connections } };
  const state = {
    sample,
    rates: { connections, connects: 5 },
    listeners: [],
    pools: [{ name: "brokers", rates: { connections }, servers: [server] }],
  };
  return state as unknown as PageState;
}

it("adds a point to each line that is drawn, and keeps the newest", () => {
  const once = grow(HISTORY, stateAt(8, 3));
  expect(once.subjects["process"]).toEqual({ connections: [1, 2, 3] });
  expect(grow(once, stateAt(9, 4)).subjects["process"]).toEqual({ connections: [2, 3, 4] });
});

it("stays as it is without a new sample", () => {
  expect(grow(HISTORY, stateAt(7, 3))).toBe(HISTORY);
});

it("begins lines for who is new, drops who is gone, fills in what was missed", () => {
  const { subjects, sample } = grow(HISTORY, stateAt(9, 3));
  expect(sample).toBe(9);
  expect(subjects["server brokers/b1"]).toEqual({ connections: [3, 3] });
  expect(subjects["server brokers/gone"]).toBeUndefined();
});
