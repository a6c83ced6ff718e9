import { generate } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { AUTH_NEEDS_MORE, readAuths } from "./auth.ts";

const AUTH = generate(
  {
    ...({ cmd: "auth", reasonCode: 0x18 } as const),
    properties: {
      authenticationMethod: "SCRAM-SHA-1",
      authenticationData: Buffer.alloc(300, 0xf0),
      reasonString: "once more",
    },
  },
  { protocolVersion: 5 },
);
/** Code 0 and no properties may be left out (5.0, 3.15.2.1). */
const SHORT = Uint8Array.of(0xf0, 0);
const CONNACK = Uint8Array.of(0x20, 3, 0, 0, 0);

function sizeOf(...pieces: readonly Uint8Array[]): number {
  const bytes = Buffer.concat([Buffer.from("before"), ...pieces]);
  return readAuths(bytes, 6, bytes.length - 6);
}

describe("readAuths", () => {
  it("tells the end of an AUTH, whatever is in it and behind it", () => {
    expect(sizeOf(AUTH)).toBe(AUTH.length);
    expect(sizeOf(SHORT)).toBe(2);
    expect(sizeOf(AUTH, CONNACK)).toBe(AUTH.length);
    expect(sizeOf(AUTH, SHORT, AUTH, CONNACK)).toBe(2 * AUTH.length + 2);
    expect(sizeOf(SHORT, AUTH.subarray(0, 20))).toBe(2);
  });

  it("waits for the rest of the first one", () => {
    for (let length = 1; length < AUTH.length; length++) {
      expect(sizeOf(AUTH.subarray(0, length))).toBe(AUTH_NEEDS_MORE);
    }
  });

  it("takes nothing else for one", () => {
    expect(sizeOf()).toBe(0);
    expect(sizeOf(CONNACK)).toBe(0);
    // Flags that are reserved; a length of a fifth byte; one of more bytes than it needs.
    expect(sizeOf(Uint8Array.of(0xf1, 0))).toBe(0);
    expect(sizeOf(Uint8Array.of(0xf0, 0x80, 0x80, 0x80, 0x80, 1))).toBe(0);
    expect(sizeOf(Uint8Array.of(0xf0, 0x80, 0))).toBe(0);
  });

  it("waits for none that is larger than an answer may be", () => {
    expect(sizeOf(Uint8Array.of(0xf0, 0x80, 0x80, 4))).toBe(AUTH_NEEDS_MORE);
    expect(sizeOf(Uint8Array.of(0xf0, 0x81, 0x80, 4))).toBe(0);
  });
});
