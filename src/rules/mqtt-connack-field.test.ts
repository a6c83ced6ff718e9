import { describe, expect, it } from "vitest";
import { CONNACK_FIELDS, connackField, isConnack } from "./mqtt-connack-field.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const version5 = bytes(
  ...[0x20, 27, 1, 0, 24],
  ...[0x11, 0, 0, 0x0e, 0x10, 0x12, 0, 2, 0x69, 0x64, 0x24, 1],
  ...[0x26, 0, 1, 0x61, 0, 1, 0x62, 0x13, 0, 60, 0x29, 0],
);

describe("connackField", () => {
  it("reads 3.1.1", () => {
    const packet = bytes(0x20, 2, 0, 5);
    const read = (name: string) => connackField(packet, name);
    expect(["flags", "reason_code", "protocol_version", "17"].map(read)).toEqual([
      ...["0", "5", "4", null],
    ]);
  });

  it("reads 5.0 and its properties", () => {
    const read = (name: string) => connackField(version5, name);
    expect(["flags", "reason_code", "protocol_version"].map(read)).toEqual(["1", "0", "5"]);
    expect(["17", "18", "36", "19", "41", "33", "31"].map(read)).toEqual([
      ...["3600", "id", "1", "60", "0", "0", null],
    ]);
    expect(CONNACK_FIELDS).toHaveLength(20);
  });

  it("wants the whole packet, and nothing behind it", () => {
    for (let size = 0; size < version5.length; size++) {
      expect(isConnack(version5, 0, size)).toBe(-1);
    }
    expect(isConnack(bytes(9, ...version5, 9), 1, version5.length + 1)).toBe(true);
  });

  it.each([
    ["another type", bytes(0x30, 2, 0, 0)],
    ["flags that are reserved", bytes(0x20, 2, 2, 0)],
    ["one byte only", bytes(0x20, 1, 0)],
    ["a property of CONNECT", bytes(0x20, 5, 0, 0, 2, 0x17, 1)],
    ["a property twice", bytes(0x20, 7, 0, 0, 4, 0x24, 1, 0x24, 1)],
    ["a property cut short", bytes(0x20, 5, 0, 0, 2, 0x13, 1)],
    ["properties that are longer than they say", bytes(0x20, 5, 0, 0, 1, 0x24, 1)],
  ])("refuses %s", (_, packet) => {
    expect(connackField(packet, "flags")).toBeNull();
  });
});
