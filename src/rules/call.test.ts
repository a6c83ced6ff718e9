import { describe, expect, it } from "vitest";
import { makeSubject, NO_NAMES } from "../../tests/fixtures/rule-subject.ts";
import { Call, variableOf } from "./call.ts";
import { integerValue, textValue } from "./value.ts";

const names = {
  ...NO_NAMES,
  tables: new Map([["clients", { number: 3, keyType: "text" as const }]]),
  pools: new Map([["brokers", 1]]),
  servers: new Map([["brokers/a", 5]]),
  listeners: new Map([["mqtt", 2]]),
};
const call = (...args: (string | null)[]) => new Call({ name: "test", args, at: 0 }, names);

describe("Call", () => {
  it("reads arguments as what they are", () => {
    expect([call("x").has(0), call(null).has(0), call().has(0)]).toEqual([true, false, false]);
    expect(call("ö").text(0)).toHaveLength(2);
    expect([call("-7").integer(0, 1), call(null).integer(0, 1)]).toEqual([-7, 1]);
    expect(call("x").entries()).toEqual([]);
  });

  it("resolves names", () => {
    expect(call("clients").table(0).number).toBe(3);
    expect([call("brokers").pool(0), call("brokers/a").server(0)]).toEqual([1, 5]);
    expect([call("mqtt").listener(0), call().listener(0)]).toEqual([2, -1]);
    const own = new Call({ name: "test", args: [], at: 0 }, { ...names, ownTable: "clients" });
    expect(own.table(0).number).toBe(3);
    const short = new Call({ name: "test", args: ["a"], at: 0 }, { ...names, ownPool: "brokers" });
    expect(short.server(0)).toBe(5);
  });

  it("says which name is missing", () => {
    expect(() => call("nobody").table(0)).toThrow('Cannot use "test": no table "nobody"');
    expect(() => call().table(0)).toThrow("name a table");
    expect(() => call("nobody").pool(0)).toThrow('no pool "nobody"');
    expect(() => call("a").server(0)).toThrow('no server "/a"');
  });

  it("takes numbers written out or from variables", () => {
    const subject = makeSubject();
    expect([call("+5").number(0)(subject), call("txn.n").number(0)(subject)]).toEqual([5n, null]);
    subject.variables.set("txn.n", textValue("12"));
    subject.processVariables.set("proc.n", integerValue(3));
    expect([call("txn.n").number(0)(subject), call("proc.n").number(0)(subject)]).toEqual([
      12n,
      3n,
    ]);
    expect(variableOf(subject, "txn.proc.n")).toBeNull();
  });
});
