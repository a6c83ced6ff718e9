import { describe, expect, it } from "vitest";
import { ScriptedIo } from "../../tests/relay/scripted-io.ts";
import type { IoHandler } from "../io/io.ts";
import { readConnack } from "../mqtt/connack.ts";
import { Rule } from "../mqtt/rule.ts";
import { CLOSE_REASONS, REASON } from "../shm/close-reason.ts";
import { writeGoodbye, writeRefusal } from "./last-words.ts";

const io = new ScriptedIo({} as IoHandler, 2, 1);
const LEVELS = [3, 4, 5];
/** Those for which a client with a good CONNECT is answered: with which codes, in 3.x and 5.0. */
const ANSWERED: Readonly<Record<string, readonly [number, number]>> = {
  "no-server-available": [3, 0x88],
  "servers-full": [3, 0x89],
  "servers-busy": [3, 0x89],
  "dial-refused": [3, 0x88],
  "dial-timeout": [3, 0x88],
  "dial-failed": [3, 0x88],
  "server-tls-failed": [3, 0x88],
  "server-upgrade-refused": [3, 0x88],
  "server-closed": [3, 0x88],
  "server-reset": [3, 0x88],
  "server-unreachable": [3, 0x88],
  "server-removed": [3, 0x88],
  "server-cut": [3, 0x88],
  "moved-by-drain": [3, 0x88],
  "moved-for-balance": [3, 0x88],
  "shut-down": [3, 0x88],
  "buffers-exhausted": [3, 0x89],
  "queue-timeout": [3, 0x89],
  "queue-full": [3, 0x89],
  "admission-timeout": [3, 0x9f],
  "admission-full": [3, 0x9f],
  "refused-by-policy": [5, 0x87],
  banned: [5, 0x8a],
  "version-not-allowed": [1, 0x84],
  "qos-not-allowed": [5, 0x9b],
  "retain-not-allowed": [5, 0x9a],
  "packet-too-large": [3, 0x95],
};
const GOODBYES: Readonly<Record<string, number>> = {
  "shut-down": 0x8b,
  "killed-by-admin": 0x98,
  "server-cut": 0x9c,
  "moved-by-drain": 0x9c,
  "moved-for-balance": 0x9c,
  "idle-timeout": 0x8d,
  "qos-not-allowed": 0x9b,
  "retain-not-allowed": 0x9a,
  "packet-too-large": 0x95,
};

function client(level: number, rule = 0, packetSizeMax = 0) {
  return { level, rule, packetSizeMax, refusalCode: 0, refusalText: null };
}

function words(size: number): number[] {
  return [...io.bytes.subarray(io.scratchOffset, io.scratchOffset + size)];
}

function text(packet: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(packet));
}

describe("writeRefusal", () => {
  it("answers a good CONNECT in its own version, and says why where it can", () => {
    for (const [reason, { name, sentence }] of CLOSE_REASONS.entries()) {
      for (const level of LEVELS) {
        const packet = words(writeRefusal(io, reason, client(level)));
        const codes = ANSWERED[name];
        if (codes === undefined) expect(packet).toEqual([]);
        else if (level < 5) expect(packet).toEqual([0x20, 2, 0, codes[0]]);
        else {
          expect(readConnack(Uint8Array.from(packet), 0, packet.length)).toBe(codes[1]);
          expect(text(packet)).toContain(sentence);
        }
      }
    }
  });

  it("says no more than the client's Maximum Packet Size has room for", () => {
    const size = writeRefusal(io, REASON["shut-down"], client(5, 0, 20));
    expect(words(size)).toEqual([0x20, 3, 0, 0x88, 0]);
  });

  it("names another server with the codes that may, and no other", () => {
    const serverReference = "b.example:8883";
    const refused = (code: number, more: object) => {
      const told = { ...client(5), refusalCode: code, ...more };
      return words(writeRefusal(io, REASON["refused-by-policy"], told));
    };
    for (const code of [0x9c, 0x9d]) {
      const packet = refused(code, { serverReference });
      expect(packet.slice(3, 6)).toEqual([code, packet.length - 5, 0x1c]);
      expect(text(packet)).toContain(serverReference);
      expect(text(refused(code, {}))).not.toContain(serverReference);
    }
    expect(text(refused(0x88, { serverReference }))).not.toContain(serverReference);
    const four = { ...client(4), refusalCode: 0x9c, serverReference };
    expect(words(writeRefusal(io, REASON["refused-by-policy"], four))).toEqual([0x20, 2, 0, 3]);
  });

  it("sends who is moved before its server has answered to the others, if they have names", () => {
    const moved = (more: object) =>
      words(writeRefusal(io, REASON["moved-by-drain"], { ...client(5), ...more }));
    expect(moved({ isMovedForGood: true })[3]).toBe(0x88);
    const now = moved({ serverReference: "b.example" });
    expect([now[3], text(now)]).toEqual([0x9c, expect.stringContaining("b.example")]);
    expect(moved({ serverReference: "b.example", isMovedForGood: true })[3]).toBe(0x9d);
  });

  it("answers a broken CONNECT with its rule's code, whatever the reason", () => {
    const reason = REASON["connect-malformed"];
    const refuse = (rule: number, level: number) =>
      words(writeRefusal(io, reason, client(level, rule)));
    expect(refuse(Rule.clientIdEmpty, 4)).toEqual([0x20, 2, 0, 2]);
    expect(refuse(Rule.willQosThree, 5)).toEqual([0x20, 3, 0, 0x81, 0]);
    expect(refuse(Rule.willQosThree, 4)).toEqual([]);
  });

  it("answers a level that no version has in the form of 3.1.1 [MQTT-3.1.2-2]", () => {
    const size = writeRefusal(io, REASON["connect-malformed"], client(0, Rule.protocolLevel));
    expect(words(size)).toEqual([0x20, 2, 0, 1]);
  });

  it("says nothing to what is not known to be MQTT", () => {
    for (const rule of [0, Rule.notConnect, Rule.tlsInstead, Rule.protocolName]) {
      expect(writeRefusal(io, REASON["shut-down"], client(0, rule))).toBe(0);
    }
  });

  it("writes what a client can read, and never code 0", () => {
    for (const rule of Object.values(Rule)) {
      for (const level of LEVELS) {
        const size = writeRefusal(io, REASON["connect-malformed"], client(level, rule));
        if (size > 0) expect(readConnack(io.bytes, io.scratchOffset, size)).toBeGreaterThan(0);
      }
    }
  });
});

describe("writeGoodbye", () => {
  it("is a DISCONNECT in 5.0 for what the client should know, and silence otherwise", () => {
    for (const [reason, { name, sentence }] of CLOSE_REASONS.entries()) {
      for (const level of [0, ...LEVELS]) {
        const said = words(writeGoodbye(io, reason, client(level)));
        const code = level === 5 ? GOODBYES[name] : undefined;
        if (code === undefined) {
          expect(said).toEqual([]);
        } else {
          expect([said[0], said[2]]).toEqual([0xe0, code]);
          expect(text(said)).toContain(sentence);
        }
      }
    }
  });

  it("tells who is not to come back that the server has moved, and where others are", () => {
    const moved = { isMovedForGood: true, serverReference: "b.example:8883" };
    const reason = REASON["moved-by-drain"];
    const said = words(writeGoodbye(io, reason, { ...client(5), ...moved }));
    expect([said[0], said[2]]).toEqual([0xe0, 0x9d]);
    expect(text(said)).toContain("b.example:8883");
    expect(words(writeGoodbye(io, reason, { ...client(4), ...moved }))).toEqual([]);
  });
});
