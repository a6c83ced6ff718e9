import { describe, expect, it } from "vitest";
import { CONNECTION_STATES } from "../shm/connection-columns.ts";
import {
  CLOSING,
  DIALLING,
  FREE,
  LINGERING,
  mayFollow,
  READING_CONNECT,
  READING_HELLO,
  READING_PROXY_HEADER,
  RELAYING,
  SHAKING_HANDS,
  TRANSITIONS,
  UPGRADING,
  WAITING,
} from "./state.ts";

const STATES = [
  FREE,
  READING_PROXY_HEADER,
  READING_HELLO,
  SHAKING_HANDS,
  UPGRADING,
  READING_CONNECT,
  WAITING,
  DIALLING,
  RELAYING,
  LINGERING,
  CLOSING,
];
const ALLOWED = [
  "free to reading-proxy-header, reading-hello, upgrading, reading-connect, dialling",
  "reading-proxy-header to reading-hello, upgrading, reading-connect, waiting, dialling, " +
    "lingering, closing",
  "reading-hello to shaking-hands, waiting, dialling, lingering, closing",
  "shaking-hands to upgrading, reading-connect, waiting, dialling, lingering, closing",
  "upgrading to reading-connect, waiting, dialling, lingering, closing",
  "reading-connect to waiting, dialling, lingering, closing",
  "waiting to dialling, lingering, closing",
  "dialling to waiting, relaying, lingering, closing",
  "relaying to dialling, lingering, closing",
  "lingering to closing",
  "closing to free",
];

describe("TRANSITIONS", () => {
  it("has a row and a name for every state", () => {
    expect(STATES).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(TRANSITIONS).toHaveLength(STATES.length);
    expect(CONNECTION_STATES).toHaveLength(STATES.length);
  });
});

describe("mayFollow", () => {
  it("allows the steps that are drawn and no others", () => {
    const allowed = STATES.map((from) => {
      const next = STATES.filter((to) => mayFollow(from, to));
      return `${CONNECTION_STATES[from]} to ${next.map((to) => CONNECTION_STATES[to]).join(", ")}`;
    });
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
