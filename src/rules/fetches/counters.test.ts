import { describe, expect, it } from "vitest";
import {
  ask,
  makeCounterTable,
  makeSubject,
  NO_NAMES,
} from "../../../tests/fixtures/rule-subject.ts";
import { keyOf } from "../key.ts";
import { addressValue } from "../value.ts";
import { COUNTER_FETCHES } from "./counters.ts";

const names = {
  ...NO_NAMES,
  tables: new Map([
    ["clients", { number: 0, keyType: "address" as const }],
    ["others", { number: 1, keyType: "address" as const }],
  ]),
  ownTable: "clients",
};

function makeTracked() {
  const subject = makeSubject({ tables: [makeCounterTable(), makeCounterTable()] });
  const key = keyOf(addressValue(subject.client, 0), "address")!;
  subject.tracked.set(1, 0, subject.tables[0]!.track(key, subject.nowMs));
  subject.tables[1]!.add(key, 5, 7, subject.nowMs);
  return subject;
}

describe("COUNTER_FETCHES", () => {
  it.each([
    ["sc1_conn_cur", 1n],
    ["sc1_conn_rate", 1n],
    ["sc_conn_cnt(1)", 1n],
    ["sc1_inc_gpc0", 1n],
    ["sc1_tracked", true],
    ["sc_tracked(0)", false],
    ["sc0_conn_cur", "absent"],
    ["sc_conn_cur(2)", "absent"],
    ["src_conn_cnt", 1n],
    ["src_conn_cnt(clients)", 1n],
    ["src_conn_cnt(others)", 0n],
    ["sc1_get_gpc0(others)", 7n],
    ["sc_get_gpc0(1,clients)", 0n],
    ["src_get_gpc0(others)", 7n],
    ["src_gpc1_rate", "absent"],
    ["sc1_kbytes_in", 0n],
  ])("%s", (text, answer) => {
    expect(ask(text, makeTracked(), { names })).toBe(answer);
  });

  it("know three slots and no more", () => {
    expect(() => ask("sc_conn_cnt(3)", makeTracked(), { names })).toThrow("slots are 0 to 2");
    expect(() => ask("sc_tracked(3)", makeTracked(), { names })).toThrow("slots are 0 to 2");
  });

  it("count kilobytes, and only addresses that have been seen", () => {
    const subject = makeTracked();
    subject.tables[0]!.addTracked(subject.tracked.handleOf(1), 10, 3000, subject.nowMs);
    expect(ask("sc1_kbytes_in", subject, { names })).toBe(2n);
    expect(COUNTER_FETCHES.filter(({ name }) => name.startsWith("sc2_"))).toHaveLength(19);
  });
});
