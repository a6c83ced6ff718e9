import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { ProxyHeaderReader } from "./read.ts";
import { V1_SIZE_MAX } from "./wire.ts";
import { isUnspecified, writeProxyV1 } from "./write-v1.ts";

function write(source: Uint8Array | null, destination: Uint8Array): string {
  const bytes = new Uint8Array(3 + V1_SIZE_MAX);
  const pair = Uint8Array.from([...(source ?? []), ...destination]);
  const size =
    source === null
      ? writeProxyV1(bytes, 3, null, 0, destination, 0)
      : writeProxyV1(bytes, 3, pair, 0, pair, source.length);
  return new TextDecoder("latin1").decode(bytes.subarray(3, 3 + size));
}

describe("writeProxyV1", () => {
  test.each([
    ["192.168.0.1", "192.168.0.11", "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n"],
    ["2001:db8::1", "::1", "PROXY TCP6 2001:db8::1 ::1 56324 443\r\n"],
    ["192.0.2.1", "2001:db8::1", "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 56324 443\r\n"],
    ["2001:db8::1", "192.0.2.1", "PROXY TCP6 2001:db8::1 ::ffff:192.0.2.1 56324 443\r\n"],
    ["::", "192.0.2.1", "PROXY UNKNOWN\r\n"],
  ])("from %s to %s", (source, destination, line) => {
    expect(write(makeEndpoint(source, 56324)!, makeEndpoint(destination, 443)!)).toBe(line);
  });

  test("without a source", () => {
    expect(write(null, makeEndpoint("192.0.2.1", 443)!)).toBe("PROXY UNKNOWN\r\n");
  });

  test("is read back, whatever the endpoints, and is never longer than it may be", () => {
    const reader = new ProxyHeaderReader();
    const ipv4 = fc.uint8Array({ minLength: 6, maxLength: 6 }).map((tail) => {
      return Uint8Array.from([...new Array(10).fill(0), 0xff, 0xff, ...tail]);
    });
    const ipv6 = fc.uint8Array({ minLength: 18, maxLength: 18 });
    const any = fc.oneof(ipv4, ipv6).filter((endpoint) => !isUnspecified(endpoint, 0));
    fc.assert(
      fc.property(any, any, (source, destination) => {
        const bytes = new Uint8Array(V1_SIZE_MAX);
        const size = writeProxyV1(bytes, 0, source, 0, destination, 0);
        expect(size).toBeLessThanOrEqual(V1_SIZE_MAX);
        expect(reader.read(bytes, 0, size)).toBe(size);
        expect(reader.header.source).toEqual(source);
        expect(reader.header.destination).toEqual(destination);
      }),
    );
  });
});

describe("isUnspecified", () => {
  test("is for the address of all zeros, whatever the port", () => {
    expect(isUnspecified(makeEndpoint("::", 1883)!, 0)).toBe(true);
    expect(isUnspecified(makeEndpoint("0.0.0.0", 0)!, 0)).toBe(false);
    expect(isUnspecified(makeEndpoint("::1", 0)!, 0)).toBe(false);
  });
});
