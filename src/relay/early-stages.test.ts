import { describe, expect, it } from "vitest";
import { earlyStage } from "./early-stages.ts";
import { onConnectBytes } from "./stages/read-connect.ts";
import { isEarly, READING_CONNECT } from "./state.ts";

const STATES_MAX = 32;

describe("earlyStage", () => {
  it("has a stage for every state before a server is there, and for no other", () => {
    for (let state = 0; state < STATES_MAX; state++) {
      expect(typeof earlyStage(state) === "function", `state ${state}`).toBe(isEarly(state));
    }
  });

  it("reads a CONNECT where one is read", () => {
    expect(earlyStage(READING_CONNECT)).toBe(onConnectBytes);
  });
});
