import { describe, expect, test } from "vitest";
import { isMistake, joinHostPort, parseBind, parseTarget } from "./addresses.ts";

function bound(text: string): readonly string[] | string {
  const parsed = parseBind(text);
  return isMistake(parsed) ? parsed.mistake : parsed.map((address) => address.text);
}

describe("parseBind", () => {
  test.each([
    ["*:1883", ["0.0.0.0:1883"]],
    [":1883", ["0.0.0.0:1883"]],
    ["localhost:1883", ["127.0.0.1:1883"]],
    ["10.0.0.1:1883-1885", ["10.0.0.1:1883", "10.0.0.1:1884", "10.0.0.1:1885"]],
    ["[::]:1883", ["[::]:1883"]],
    [":::1883", ["[::]:1883"]],
    ["ipv4@10.0.0.1:1883", ["10.0.0.1:1883"]],
    ["tcp6@[2001:db8::1]:1883", ["[2001:db8::1]:1883"]],
  ])("takes %s", (text, addresses) => expect(bound(text)).toEqual(addresses));

  test.each([
    ["1883", "no port"],
    ["*:0", "no port"],
    ["*:70000", "no port"],
    ["*:2000-1000", "no port"],
    ["*:1-2000", "too many ports"],
    ["broker.example:1883", "no IP address"],
    ["/run/x.sock", "Unix socket"],
    ["fd@3", "another process"],
    ["quic4@*:8883", "QUIC"],
    ["what@*:1", "does not know"],
  ])("says why %s is none", (text, why) => expect(bound(text)).toContain(why));
});

describe("parseTarget", () => {
  test.each([
    ["10.0.0.1:1883", "10.0.0.1", { kind: "fixed", port: 1883 }],
    ["broker.example:1883", "broker.example", { kind: "fixed", port: 1883 }],
    ["10.0.0.1", "10.0.0.1", { kind: "offset", offset: 0 }],
    ["10.0.0.1:+100", "10.0.0.1", { kind: "offset", offset: 100 }],
    ["10.0.0.1:-100", "10.0.0.1", { kind: "offset", offset: -100 }],
    ["[2001:db8::1]:1883", "2001:db8::1", { kind: "fixed", port: 1883 }],
    ["2001:db8::1:1883", "2001:db8::1", { kind: "fixed", port: 1883 }],
  ])("takes %s", (text, host, port) => expect(parseTarget(text)).toEqual({ host, port }));

  test.each(["*:1883", ":1883", "10.0.0.1:0", "10.0.0.1:99999", "unix@/x"])("refuses %s", (text) =>
    expect(isMistake(parseTarget(text))).toBe(true),
  );
});

test("joinHostPort puts IPv6 into brackets", () => {
  expect(joinHostPort("10.0.0.1", 1)).toBe("10.0.0.1:1");
  expect(joinHostPort("2001:db8::1", 1)).toBe("[2001:db8::1]:1");
});
