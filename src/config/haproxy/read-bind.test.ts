import { expect, test } from "vitest";
import { at, listenersOf } from "../../../tests/fixtures/haproxy-document.ts";

test("a bind has addresses with commas between them, and options behind them", () => {
  const { plain, said } = listenersOf("  bind 10.0.0.1:1883,:1884-1885 maxconn 5");
  expect(at(plain, "mqtt", "listen")).toEqual(["10.0.0.1:1883", "0.0.0.0:1884", "0.0.0.0:1885"]);
  expect(at(plain, "mqtt", "connections")).toBe(5);
  expect(said).toEqual([]);
});

test("an address that is wrong is reported at its own column, and nothing else", () => {
  const { said } = listenersOf("  bind 10.0.0.1:1883,what");
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/^4:22: the address "what" has no port/);
});
