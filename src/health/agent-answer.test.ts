import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAgentAnswer } from "./agent-answer.ts";

const NOTHING = { weightPercent: null, connectionsMax: null, admin: null, up: null, reason: "" };

describe("parseAgentAnswer", () => {
  it.each([
    ["up", { up: true }],
    ["down #disk full", { up: false, reason: "disk full" }],
    ["failed,#", { up: false }],
    ["stopped", { up: false }],
    ["ready 75%", { admin: "ready", weightPercent: 75 }],
    ["DRAIN", { admin: "drain" }],
    ["maint", { admin: "maintenance" }],
    ["up, 0% maxconn:30", { up: true, weightPercent: 0, connectionsMax: 30 }],
    ["99999%", { weightPercent: 25_600 }],
  ])("reads %j", (line, expected) => {
    expect(parseAgentAnswer(line)).toEqual({ ...NOTHING, ...expected });
  });

  it.each(["", "#only a comment", "perhaps", "up or down", "75", "-5%", "maxconn:"])(
    "takes nothing from %j",
    (line) => {
      expect(parseAgentAnswer(line)).toBeNull();
    },
  );

  it("reads any line without falling", () => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        const answer = parseAgentAnswer(line);
        expect(answer === null || answer.reason.length <= 256).toBe(true);
      }),
    );
  });
});
