import { expect, test } from "vitest";
import { AT } from "../../../tests/fixtures/haproxy-document.ts";
import { Report } from "../import/report.ts";
import { canSay, type Emission, hasKey } from "./emission.ts";

test("hasKey asks the one schema", () => {
  expect(hasKey("root", "limits.connections")).toBe(true);
  expect(hasKey("listener", "listen")).toBe(true);
  expect(hasKey("pool", "check.spread")).toBe(true);
  expect(hasKey("server", "weight")).toBe(true);
  expect(hasKey("pool", "no.such.key")).toBe(false);
});

test("canSay reports what no key says", () => {
  const report = new Report();
  const emission = { report } as Emission;
  const said = { holder: "pool", key: "nothing", keyword: "fullconn" };
  expect(canSay(emission, AT, said)).toBe(false);
  expect(canSay(emission, AT, { ...said, key: "balance" })).toBe(true);
  expect(report.diagnostics).toHaveLength(1);
});
