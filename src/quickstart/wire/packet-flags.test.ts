import { describe, expect, it } from "vitest";
import { PacketType } from "../../mqtt/packet-type.ts";
import { hasValidFlags } from "./packet-flags.ts";

describe("hasValidFlags", () => {
  it("wants 2 for PUBREL, SUBSCRIBE and UNSUBSCRIBE and 0 for the rest", () => {
    const two: number[] = [PacketType.pubrel, PacketType.subscribe, PacketType.unsubscribe];
    for (const type of Object.values(PacketType)) {
      if (type === PacketType.publish) continue;
      const valid = Array.from({ length: 16 }, (_, flags) => flags).filter((flags) =>
        hasValidFlags(type, flags),
      );
      expect(valid).toEqual([two.includes(type) ? 2 : 0]);
    }
  });

  it("lets PUBLISH have any but QoS 3, and DUP with QoS 0", () => {
    const wrong = Array.from({ length: 16 }, (_, flags) => flags).filter(
      (flags) => !hasValidFlags(PacketType.publish, flags),
    );
    expect(wrong).toEqual([0b0110, 0b0111, 0b1000, 0b1001, 0b1110, 0b1111]);
  });
});
