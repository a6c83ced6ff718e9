import { expect, test } from "vitest";
import { givenOf } from "../../../tests/fixtures/nginx-document.ts";
import { Report } from "../import/report.ts";
import { readListen } from "./read-listen.ts";

function read(text: string, isHttp = false) {
  const report = new Report();
  const listen = readListen(givenOf(`listen ${text}`), report, isHttp);
  return { listen, said: report.diagnostics };
}

test.each([
  ["1883", ["0.0.0.0:1883"]],
  ["*:1883", ["0.0.0.0:1883"]],
  ["10.0.0.1:1883 ssl", ["10.0.0.1:1883"]],
  ["localhost:1883", ["127.0.0.1:1883"]],
  ["[::1]:1883", ["[::1]:1883"]],
  ["1883-1885", ["0.0.0.0:1883", "0.0.0.0:1884", "0.0.0.0:1885"]],
])("%s", (text, addresses) => {
  const { listen, said } = read(text);
  expect(listen?.addresses).toEqual(addresses);
  expect(said).toEqual([]);
});

test.each(["10.0.0.1", "0", "70000", "1885-1883", "1-9999", "unix:/a", "a.example:1", "1.2.3:4"])(
  "%s is no address",
  (text) => {
    const { listen, said } = read(text);
    expect(listen).toBeNull();
    expect(said).toMatchObject([{ severity: "error", column: 8 }]);
  },
);

test("http blocks have port 80 where none is said", () => {
  expect(read("10.0.0.1", true).listen?.addresses).toEqual(["10.0.0.1:80"]);
  expect(read("443 ssl http2", true).said).toMatchObject([{ severity: "notice" }]);
});

test.each([
  ["[::]:1883", true],
  ["[::]:1883 ipv6only=on", true],
  ["[::]:1883 ipv6only=off", false],
  ["[::1]:1883 ipv6only=off", null],
  ["1883", null],
])("%s keeps IPv4 away: %s", (text, expected) => {
  expect(read(text)).toMatchObject({ listen: { ipv6Only: expected }, said: [] });
});

test("ipv6only is on or off", () => {
  expect(read("[::]:1883 ipv6only=maybe").said).toMatchObject([{ severity: "error" }]);
});

test.each([
  ["1883 udp", "error"],
  ["1883 reuseport", "notice"],
  ["1883 sll", "error"],
])("%s", (text, severity) => expect(read(text).said).toMatchObject([{ severity }]));
