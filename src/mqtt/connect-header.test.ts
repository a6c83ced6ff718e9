import { describe, expect, test } from "vitest";
import { isProtocolName, judgeFlags, levelOf, nameSize } from "./connect-header.ts";
import { Rule } from "./rule.ts";

const bytesOf = (text: string) => Uint8Array.from([0, text.length, ...Buffer.from(text), 9]);

describe("isProtocolName", () => {
  test.each(["MQTT", "MQIsdp"])("%s, and every prefix of it", (name) => {
    const bytes = bytesOf(name);
    for (let seen = 0; seen <= bytes.length; seen++) {
      expect(isProtocolName(bytes, 0, seen)).toBe(true);
    }
    expect(nameSize(bytes, 0)).toBe(2 + name.length);
  });

  test.each(["MQTT", "MQIsdp"])("%s with any one byte changed is none", (name) => {
    for (let index = 0; index < 2 + name.length; index++) {
      for (let value = 0; value < 256; value++) {
        const bytes = bytesOf(name);
        if (bytes[index] === value) continue;
        bytes[index] = value;
        expect([index, value, isProtocolName(bytes, 0, bytes.length)]).toEqual([
          index,
          value,
          false,
        ]);
      }
    }
  });
});

describe("levelOf", () => {
  test("knows five level bytes and no more", () => {
    const known: string[] = [];
    for (const size of [6, 8]) {
      for (let byte = 0; byte < 256; byte++) {
        const level = levelOf(size, byte);
        if (level !== 0) known.push(`${size} ${byte.toString(16)} ${level}`);
      }
    }
    expect(known).toEqual(["6 4 4", "6 5 5", "6 84 4", "8 3 3", "8 83 3"]);
  });
});

// The texts of 3.1.1 (3.1.2.3 to 3.1.2.9) and 5.0, bit by bit; 3.1 disregards what it does not use.
function expectedRule(level: number, flags: number): number {
  const will = (flags & 0x04) !== 0;
  const qos = ((flags & 0x10) !== 0 ? 2 : 0) + ((flags & 0x08) !== 0 ? 1 : 0);
  if (level >= 4 && (flags & 0x01) !== 0) return Rule.reservedFlag;
  if (level >= 4 && !will && qos > 0) return Rule.willQosWithoutWill;
  if (level >= 4 && !will && (flags & 0x20) !== 0) return Rule.willRetainWithoutWill;
  if (will && qos > 2) return Rule.willQosThree;
  const passwordAlone = (flags & 0x40) !== 0 && (flags & 0x80) === 0;
  return level <= 4 && passwordAlone ? Rule.passwordWithoutUserName : 0;
}

describe("judgeFlags", () => {
  test.each([3, 4, 5])("every value of the flags, level %i", (level) => {
    for (let flags = 0; flags < 256; flags++) {
      expect([flags, judgeFlags(level, flags)]).toEqual([flags, expectedRule(level, flags)]);
    }
  });
});
