import { expect, test } from "vitest";
import { hasKey } from "./emission.ts";

test("hasKey asks the one schema", () => {
  expect(hasKey("root", "limits.connections")).toBe(true);
  expect(hasKey("listener", "listen")).toBe(true);
  expect(hasKey("pool", "check.spread")).toBe(true);
  expect(hasKey("server", "weight")).toBe(true);
  expect(hasKey("pool", "no.such.key")).toBe(false);
});
