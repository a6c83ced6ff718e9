import { describe, expect, it } from "vitest";
import { ask, makeSubject, NO_NAMES, sayTo } from "../../tests/fixtures/rule-subject.ts";
import { VALID } from "../../tests/fuzz/connect-corpus.ts";
import { compileExpression, mayChange } from "./compile-expression.ts";
import { parseExpression } from "./parse-expression.ts";
import type { ExpressionPlan } from "./plan-types.ts";

const CONNECT = Uint8Array.from(VALID.find(([name]) => name === "3.1.1, everything")![1]);
const ID = "req.payload(0,0),mqtt_field_value(connect,client_identifier)";

describe("compileExpression", () => {
  it("casts between the steps of a chain", () => {
    expect(ask("src,ipmask(8),length")).toBe(9n);
    expect(ask("str(12),add(1)")).toBe(13n);
    expect(ask("src,lower,upper")).toBe("127.0.0.1");
    expect(ask("bin(3132),add(1)".replace("bin", "str"))).toBe(3133n);
    expect(ask("str(nobody),ipmask(8)")).toBe("absent");
  });

  it("waits for the whole CONNECT, wherever it is cut", () => {
    for (let size = 0; size < CONNECT.length; size++) {
      const subject = sayTo(makeSubject(), CONNECT.subarray(0, size));
      subject.payloadMayGrow = true;
      expect([ask(ID, subject), ask("mqtt.client_id", subject)]).toEqual(["not yet", "not yet"]);
      expect(ask("req.payload(0,0),mqtt_is_valid", subject)).toBe("not yet");
    }
    const whole = sayTo(makeSubject(), CONNECT);
    expect([ask(ID, whole), ask("mqtt.client_id", whole)]).toEqual(["id", "id"]);
    expect(ask("req.payload(0,0),mqtt_is_valid", whole)).toBe(true);
  });

  it("has no field of a CONNECT that will never be whole", () => {
    const cut = sayTo(makeSubject(), CONNECT.subarray(0, 20));
    expect([ask(ID, cut), ask("req.payload(0,0),mqtt_is_valid", cut)]).toEqual([
      "absent",
      "absent",
    ]);
    const stranger = sayTo(makeSubject(), new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
    expect(ask("req.payload(0,0),mqtt_is_valid", stranger)).toBe(false);
  });

  it("reads a CONNECT that nobody has inspected, as on a listener of plain TCP", () => {
    const subject = sayTo(makeSubject(), CONNECT);
    subject.connect = null;
    expect([ask(ID, subject), ask("req.payload(0,0),mqtt_is_valid", subject)]).toEqual([
      "id",
      true,
    ]);
    expect(ask("req.payload(0,99999),mqtt_is_valid", subject)).toBe("absent");
  });

  it("refuses names that a catalogue does not have", () => {
    const plan = parseExpression("src").plan!;
    const other = (change: Partial<ExpressionPlan>) => () =>
      compileExpression({ ...plan, ...change }, NO_NAMES);
    expect(other({ fetch: { name: "none", args: [], at: 0 } })).toThrow("no such fetch");
    expect(other({ converters: [{ name: "none", args: [], at: 0 }] })).toThrow("no such converter");
  });
});

it("mayChange is true of what grows with the bytes that come", () => {
  const of = (text: string) => mayChange(parseExpression(text).plan!);
  expect([
    of("req.len"),
    of("req.payload(0,0)"),
    of("req.payload(0,4)"),
    of(ID),
    of("src"),
  ]).toEqual([...[true, true, false, false, false]]);
});
