import { describe, expect, it } from "vitest";
import { parseExpression } from "./parse-expression.ts";
import { NOTHING_AROUND } from "./surroundings.ts";

const errorsOf = (text: string) =>
  parseExpression(text).problems.map(({ at, length, message }) => [
    ...[text.slice(at, at + length), message],
  ]);

describe("parseExpression", () => {
  it("makes plain data", () => {
    const { plan, problems } = parseExpression("src,ipmask(24),concat(-,txn.a)");
    expect(problems).toEqual([]);
    expect(plan).toEqual({
      text: "src,ipmask(24),concat(-,txn.a)",
      fetch: { name: "src", args: [], at: 0 },
      converters: [
        { name: "ipmask", args: ["24", null], at: 4 },
        { name: "concat", args: ["-", "txn.a", null], at: 15 },
      ],
      type: "text",
      stage: "accept",
    });
    expect(structuredClone(plan)).toEqual(plan);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it("knows the type and when it is known", () => {
    const of = (text: string) => {
      const { plan } = parseExpression(text);
      return [plan?.type, plan?.stage];
    };
    expect(of("mqtt.client_id,length")).toEqual(["integer", "connect"]);
    expect(of("ssl_c_s_dn(cn)")).toEqual(["text", "tls"]);
    expect(of("src,set-var(txn.a)")).toEqual(["address", "accept"]);
    expect(of("var(txn.a),lower")).toEqual(["text", "accept"]);
  });

  it("puts a list beside the call that names it", () => {
    const rows = [{ key: "a", value: "b" }];
    const around = { ...NOTHING_AROUND, entries: () => rows };
    const { plan } = parseExpression("str(a),map(tenants.map)", around);
    expect(plan?.converters[0]?.entries).toBe(rows);
  });

  it.each([
    ["scr", "scr", 'Cannot use "scr" as a fetch; did you mean "src"?'],
    ["req.hdr(host)", "req.hdr", 'Cannot use "req.hdr" as a fetch: it reads HTTP'],
    ["src,lowr", "lowr", 'Cannot use "lowr" as a converter; did you mean "lower"?'],
    ["zzzzzzzz", "zzzzzzzz", 'Cannot use "zzzzzzzz" as a fetch: no such name'],
    ["ssl_fc,ipmask(24)", "ipmask", 'Cannot apply "ipmask" to type boolean: it takes type address'],
    ["src,ipmask(99)", "99", 'Cannot use "ipmask": ipv4 "99" is no mask of IPv4 addresses'],
    ["src(1)", "src(1)", 'Cannot use "src" with 1 arguments: it takes no arguments'],
    ["int", "int", 'Cannot use "int" with 0 arguments: it takes "int(value)"'],
    ["mqtt.client_id,word(1)", "word(1)", 'it takes "word(index,delimiters[,count])"'],
    ["mqtt.client_id,word(0,-)", "word(0,-)", "parts count from 1"],
    ["str(a),map(none.map)", "none.map", 'no file or list "none.map" can be read'],
    ["src lower", "lower", 'Cannot read "lower": the expression has ended before it'],
    ["str(a),regsub((a+)+,x)", "(a+", ""],
    [
      "req.payload(0,0),mqtt_field_value(connect,clientid)",
      "mqtt_field_value(connect,clientid)",
      "no field",
    ],
    [
      "req.payload(0,0),mqtt_field_value(publish,topic)",
      "mqtt_field_value(publish,topic)",
      "connack",
    ],
    ["str(a),sha2(512)", "sha2(512)", "only 224 and 256 bits"],
    ["", "", "nothing is written"],
    ["var(x)", "x", "is no variable"],
    ["req.payload(-1,0)", "-1", "is not a number from 0 on"],
    ["date(0,toString)", "date(0,toString)", 'no unit "toString"'],
    ["toString", "toString", "no such name"],
  ])("%s is wrong at %s", (text, where, message) => {
    const errors = errorsOf(text);
    expect(errors).toHaveLength(1);
    expect(errors[0]![1]).toContain(message);
    if (message !== "") expect(errors[0]![0]).toBe(where);
    expect(parseExpression(text).plan).toBeNull();
  });

  it("reports each mistake once, all of them", () => {
    const errors = errorsOf("ssl_fc,ipmask(99),add(x),mul(y)");
    expect(errors.map(([where]) => where)).toEqual(["ipmask", "99", "x", "y"]);
  });
});
