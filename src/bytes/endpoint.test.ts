import { isIP, isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { endpointPort, formatAddress, formatEndpoint, makeEndpoint } from "./endpoint.ts";

describe("makeEndpoint", () => {
  it("reads what formatEndpoint writes, both families", () => {
    for (const [address, written] of [
      ["127.0.0.1", "127.0.0.1:1883"],
      ["::1", "[::1]:1883"],
      ["2001:db8:0:0:1:0:0:1", "[2001:db8::1:0:0:1]:1883"],
      ["fe80::1:2.3.4.5", "[fe80::1:203:405]:1883"],
      ["::ffff:10.0.0.1", "10.0.0.1:1883"],
    ] as const) {
      expect(formatEndpoint(makeEndpoint(address, 1883)!, 0)).toBe(written);
    }
  });

  it("agrees with node:net on what an address is", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{0,20}$/)),
        (text) => {
          expect(makeEndpoint(text, 1) !== null).toBe(isIP(text) !== 0);
        },
      ),
    );
  });

  it("keeps address and port through text, for any address", () => {
    const address = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(address, fc.integer({ min: 0, max: 65535 }), (bytes, port) => {
        const text = formatAddress(bytes, 0);
        const endpoint = makeEndpoint(text, port)!;
        expect(isIPv6(text) || isIP(text) === 4).toBe(true);
        expect(endpoint.subarray(0, 16)).toEqual(bytes);
        expect(endpointPort(endpoint, 0)).toBe(port);
      }),
    );
  });
});
