import { expect, it } from "vitest";
import { makeCounterTable } from "../../tests/fixtures/rule-subject.ts";
import { COUNTER_READINGS } from "./counter-readings.ts";
import { keyOf } from "./key.ts";
import { textValue } from "./value.ts";

it("readings read, count and clear, by key and by entry alike", () => {
  const table = makeCounterTable();
  const key = () => keyOf(textValue("dev"), "text")!;
  const handle = table.track(key(), 1000);
  const byKey = (name: string) => COUNTER_READINGS[name]!.ofKey(table, key(), 1000);
  const byEntry = (name: string) => COUNTER_READINGS[name]!.ofEntry(table, handle, 1000);
  expect([byKey("inc_gpc0"), byEntry("inc_gpc0"), byKey("get_gpc0")]).toEqual([1, 2, 2]);
  expect([byEntry("conn_cur"), byKey("conn_cnt"), byEntry("conn_rate")]).toEqual([1, 1, 1]);
  expect([byEntry("clr_gpc0"), byKey("get_gpc0")]).toEqual([2, 0]);
  expect([byKey("gpc0_rate"), byKey("gpc1_rate")]).toEqual([2, -1]);
});
