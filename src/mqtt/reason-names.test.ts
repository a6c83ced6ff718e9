import { describe, expect, it } from "vitest";
import { ReasonCode, ReturnCode } from "./connack.ts";
import { PacketType } from "./packet-type.ts";
import { reasonName } from "./reason-names.ts";

const { connack, suback, unsuback, disconnect, puback } = PacketType;

describe("reasonName", () => {
  it("has words for every code that the balancer itself sends or meets", () => {
    for (const code of Object.values(ReasonCode)) expect(reasonName(connack, 5, code)).not.toBe("");
    for (const code of Object.values(ReturnCode)) expect(reasonName(connack, 4, code)).not.toBe("");
  });

  it("says what a number means in its packet and version", () => {
    expect(reasonName(connack, 5, 0)).toBe("success");
    expect(reasonName(connack, 4, 0)).toBe("accepted");
    expect(reasonName(disconnect, 5, 0)).toBe("normal disconnection");
    expect(reasonName(disconnect, 5, 4)).toBe("disconnect with will message");
    expect([0, 1, 2].map((code) => reasonName(suback, 5, code))).toEqual([
      "granted QoS 0",
      "granted QoS 1",
      "granted QoS 2",
    ]);
    expect(reasonName(suback, 4, 0x80)).toBe("failure");
    expect(reasonName(suback, 5, 0x80)).toBe("unspecified error");
    expect(reasonName(unsuback, 5, 0x11)).toBe("no subscription existed");
    expect(reasonName(puback, 5, 0x10)).toBe("no matching subscribers");
  });

  it("has no words for a number that means nothing", () => {
    expect([reasonName(connack, 4, 6), reasonName(puback, 5, 0x7f)]).toEqual(["", ""]);
    expect(reasonName(suback, 4, 3)).toBe("");
  });
});
