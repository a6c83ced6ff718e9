import { describe, expect, test } from "vitest";
import { PACKET_TYPE_NAMES, PacketType } from "./packet-type.ts";

describe("PACKET_TYPE_NAMES", () => {
  test("stand at the number of their type", () => {
    expect(PACKET_TYPE_NAMES).toHaveLength(16);
    for (const [name, type] of Object.entries(PacketType)) {
      expect(PACKET_TYPE_NAMES[type]).toBe(name);
    }
  });
});
