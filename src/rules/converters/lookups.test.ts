import { describe, expect, it } from "vitest";
import {
  ask,
  makeCounterTable,
  makeSubject,
  NO_NAMES,
} from "../../../tests/fixtures/rule-subject.ts";
import { keyOf } from "../key.ts";
import { NOTHING_AROUND } from "../surroundings.ts";
import { textValue } from "../value.ts";
import { LOOKUP_CONVERTERS } from "./lookups.ts";

const names = {
  ...NO_NAMES,
  tables: new Map([["ids", { number: 0, keyType: "text" as const }]]),
};
const around = { ...NOTHING_AROUND, entries: () => [{ key: "a", value: "1" }] };

function makeCounted() {
  const subject = makeSubject({ tables: [makeCounterTable()] });
  const key = () => keyOf(textValue("dev"), "text")!;
  subject.tables[0]!.track(key(), subject.nowMs);
  subject.tables[0]!.add(key(), 5, 4, subject.nowMs);
  return subject;
}

describe("LOOKUP_CONVERTERS", () => {
  it.each([
    ["str(dev),in_table(ids)", true],
    ["str(other),in_table(ids)", false],
    ["str(dev),table_conn_cnt(ids)", 1n],
    ["str(dev),table_gpc0(ids)", 4n],
    ["str(other),table_gpc0(ids)", 0n],
    ["str(dev),table_gpc1_rate(ids)", "absent"],
    ["str(a),map(x)", "1"],
    ["str(a),map_str_int(x),add(1)", 2n],
    ["str(b),map(x,none)", "none"],
    ["src,ipmask(24)", "127.0.0.0"],
    ["src,ipmask(255.0.0.0)", "127.0.0.0"],
    ["ipv6(2001:db8::1),ipmask(24)", "absent"],
    ["ipv6(2001:db8::1),ipmask(24,32)", "2001:db8::"],
    ["str(a),nginx_map(x)", "1"],
    ["str(b),nginx_map(x)", ""],
    ["src,geo(x)", ""],
    ["str(v),set-var(txn.k),concat(-,txn.k)", "v-v"],
    ["str(v),set-var(txn.k),unset-var(txn.k),concat(-,txn.k)", "v-"],
  ])("%s", (text, answer) => {
    expect(ask(text, makeCounted(), { around, names })).toBe(answer);
  });

  it("do not change what they read", () => {
    expect(LOOKUP_CONVERTERS.filter(({ name }) => /^table_(inc|clr)/.test(name))).toEqual([]);
  });

  it("refuse a default of another type", () => {
    const asked = (text: string) => () => ask(text, makeSubject(), { around });
    expect(asked("str(a),map_str_int(x,none)")).toThrow("the default is not a number");
    expect(asked("str(a),map_str_ip(x,none)")).toThrow("the default is not an address");
  });
});
