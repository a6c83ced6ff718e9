import { describe, expect, it } from "vitest";
import { decodeControl, encodeControl } from "./control-codec.ts";

describe("decodeControl and encodeControl", () => {
  it("give back what was put in", () => {
    const packet = { cmd: "unsubscribe", messageId: 5, unsubscriptions: ["a", "b"] } as const;
    const frame = encodeControl({ ...packet, unsubscriptions: [...packet.unsubscriptions] }, 5);
    expect(decodeControl(frame, 5)).toMatchObject(packet);
  });

  it("give null for what mqtt-packet refuses", () => {
    expect(decodeControl(Buffer.from([0xf0, 1, 0x77]), 5)).toBeNull();
    expect(decodeControl(Buffer.from([0xf0, 0]), 4)).toBeNull();
  });
});
