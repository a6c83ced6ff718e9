import { describe, expect, it } from "vitest";
import { ScriptedIo } from "../../tests/relay/scripted-io.ts";
import type { IoHandler } from "../io/io.ts";
import { readConnack } from "../mqtt/connack.ts";
import { Rule } from "../mqtt/rule.ts";
import { CLOSE_REASONS, REASON } from "../shm/close-reason.ts";
import { writeGoodbye, writeRefusal } from "./last-words.ts";

const io = new ScriptedIo({} as IoHandler, 2, 1);
const LEVELS = [3, 4, 5];
/** Those for which a client with a good CONNECT is answered. */
const ANSWERED = [
  "no-server-available",
  "servers-full",
  "dial-refused",
  "dial-timeout",
  "dial-failed",
  "shut-down",
];

function words(size: number): number[] {
  return [...io.bytes.subarray(io.scratchOffset, io.scratchOffset + size)];
}

describe("writeRefusal", () => {
  it("answers a good CONNECT in its own version, for the reasons that are nobody's secret", () => {
    for (const [reason, { name }] of CLOSE_REASONS.entries()) {
      for (const level of LEVELS) {
        const size = writeRefusal(io, reason, 0, level);
        const packet = level === 5 ? [0x20, 3, 0, 0x88, 0] : [0x20, 2, 0, 3];
        expect(words(size)).toEqual(ANSWERED.includes(name) ? packet : []);
      }
    }
  });

  it("answers a broken CONNECT with its rule's code, whatever the reason", () => {
    const reason = REASON["connect-malformed"];
    expect(words(writeRefusal(io, reason, Rule.clientIdEmpty, 4))).toEqual([0x20, 2, 0, 2]);
    expect(words(writeRefusal(io, reason, Rule.willQosThree, 5))).toEqual([0x20, 3, 0, 0x81, 0]);
    expect(writeRefusal(io, reason, Rule.willQosThree, 4)).toBe(0);
  });

  it("answers a level that no version has in the form of 3.1.1 [MQTT-3.1.2-2]", () => {
    const size = writeRefusal(io, REASON["connect-malformed"], Rule.protocolLevel, 0);
    expect(words(size)).toEqual([0x20, 2, 0, 1]);
  });

  it("says nothing to what is not known to be MQTT", () => {
    for (const rule of [0, Rule.notConnect, Rule.tlsInstead, Rule.protocolName]) {
      expect(writeRefusal(io, REASON["shut-down"], rule, 0)).toBe(0);
    }
  });

  it("writes what a client can read, and never code 0", () => {
    for (const rule of Object.values(Rule)) {
      for (const level of LEVELS) {
        const size = writeRefusal(io, REASON["connect-malformed"], rule, level);
        if (size > 0) expect(readConnack(io.bytes, io.scratchOffset, size)).toBeGreaterThan(0);
      }
    }
  });
});

describe("writeGoodbye", () => {
  it("is a DISCONNECT for a shutdown in 5.0, and silence otherwise", () => {
    for (const [reason, { name }] of CLOSE_REASONS.entries()) {
      for (const level of [0, ...LEVELS]) {
        const said = words(writeGoodbye(io, reason, level));
        expect(said).toEqual(name === "shut-down" && level === 5 ? [0xe0, 2, 0x8b, 0] : []);
      }
    }
  });
});
