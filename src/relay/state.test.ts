import { describe, expect, it } from "vitest";
import {
  CLOSING,
  DIALLING,
  FREE,
  LINGERING,
  mayFollow,
  READING_CONNECT,
  RELAYING,
  STATE_NAMES,
  TRANSITIONS,
} from "./state.ts";

const STATES = [FREE, READING_CONNECT, DIALLING, RELAYING, LINGERING, CLOSING];
const ALLOWED = [
  "free to reading-connect",
  "reading-connect to dialling",
  "reading-connect to lingering",
  "reading-connect to closing",
  "dialling to relaying",
  "dialling to lingering",
  "dialling to closing",
  "relaying to dialling",
  "relaying to lingering",
  "relaying to closing",
  "lingering to closing",
  "closing to free",
];

describe("TRANSITIONS", () => {
  it("has a row and a name for every state", () => {
    expect(STATES).toEqual([0, 1, 2, 3, 4, 5]);
    expect(TRANSITIONS).toHaveLength(STATES.length);
    expect(STATE_NAMES).toHaveLength(STATES.length);
  });
});

describe("mayFollow", () => {
  it("allows the steps that are drawn and no others", () => {
    const allowed = STATES.flatMap((from) =>
      STATES.filter((to) => mayFollow(from, to)).map(
        (to) => `${STATE_NAMES[from]} to ${STATE_NAMES[to]}`,
      ),
    );
    expect(allowed).toEqual(ALLOWED);
  });

  it("leaves every state a way to free", () => {
    for (const state of STATES) {
      let reached = new Set([state]);
      for (const _ of STATES) {
        const next = STATES.filter((to) => [...reached].some((from) => mayFollow(from, to)));
        reached = new Set([...reached, ...next]);
      }
      expect(reached.has(FREE)).toBe(true);
    }
  });
});
