import { expect, test } from "vitest";
import { at, listenersOf } from "../../../tests/fixtures/haproxy-document.ts";

test("a rate is so many a second, and says where it comes from", () => {
  const { plain } = listenersOf("  bind *:1\n  rate-limit sessions 7");
  expect(at(plain, "mqtt", "accepts")).toEqual({ rate: "7/s" });
  const { said } = listenersOf("  bind *:1\n  rate-limit sessions many");
  expect(said[0]).toContain('sessions is "many", expected a whole number');
});
