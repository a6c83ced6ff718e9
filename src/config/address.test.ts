import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatEndpoint, makeEndpoint } from "../bytes/endpoint.ts";
import { isHostName, parseHostPort, parseListenAddress } from "./address.ts";

describe("parseHostPort", () => {
  test.each([
    ["10.0.0.1:1883", "10.0.0.1", 1883],
    ["[2001:db8::1]:1883", "2001:db8::1", 1883],
    ["[::ffff:10.0.0.1]:1", "::ffff:10.0.0.1", 1],
    ["broker1.example:65535", "broker1.example", 65_535],
    ["broker_1:1883", "broker_1", 1883],
    ["localhost:1883", "localhost", 1883],
    ["1st-broker.example.:1883", "1st-broker.example.", 1883],
  ])("%s", (text, host, port) => {
    const endpoint = isIP(host) === 0 ? null : makeEndpoint(host, port);
    expect(parseHostPort(text)).toEqual({ text, host, port, endpoint });
  });

  test.each([
    "",
    ":1883",
    "1883",
    "10.0.0.1",
    "10.0.0.1:",
    "10.0.0.1:0",
    "10.0.0.1:65536",
    "10.0.0.1:1883 ",
    "10.0.0.1:+1",
    "10.0.0.300:1883",
    "10.0.0:1883",
    "010.0.0.1:1883",
    "2001:db8::1:1883",
    "[2001:db8::1]",
    "[10.0.0.1]:1883",
    "[]:1883",
    "-broker:1883",
    "bro ker:1883",
    "tcp://broker:1883",
    `${"a".repeat(64)}:1883`,
    `${"a.".repeat(127)}a:1883`,
  ])("%j is refused", (text) => {
    expect(parseHostPort(text)).toBeNull();
  });

  test("takes every IPv4 and IPv6 address with every port", () => {
    const port = fc.integer({ min: 1, max: 65_535 });
    fc.assert(
      fc.property(fc.ipV4(), port, (host, number) => {
        expect(parseHostPort(`${host}:${number}`)?.host).toBe(host);
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), port, (host, number) => {
        expect(parseHostPort(`[${host}]:${number}`)?.port).toBe(number);
      }),
    );
  });
});

describe("parseListenAddress", () => {
  test("resolves literals to endpoints", () => {
    const address = parseListenAddress("[0:0::1]:1883");
    expect(address).toMatchObject({ text: "[0:0::1]:1883", host: "0:0::1", port: 1883 });
    expect(formatEndpoint(address!.endpoint, 0)).toBe("[::1]:1883");
  });

  test("refuses host names, which it would have to look up", () => {
    expect(parseListenAddress("localhost:1883")).toBeNull();
  });
});

test("isHostName tells names from literals", () => {
  expect(isHostName(parseHostPort("localhost:1")!)).toBe(true);
  expect(isHostName(parseHostPort("127.0.0.1:1")!)).toBe(false);
  expect(isHostName(parseHostPort("[::1]:1")!)).toBe(false);
});
