import { describe, expect, it } from "vitest";
import { ask, makeSubject, sayTo } from "../../../tests/fixtures/rule-subject.ts";
import { textValue } from "../value.ts";
import { TEXT_CONVERTERS } from "./text.ts";

describe("TEXT_CONVERTERS", () => {
  it.each([
    ["str(AbÖ),lower", "abÖ"],
    ["str(abö),upper", "ABö"],
    ["str(abc),reverse", "cba"],
    ["str('a\\nb'),cut_crlf", "a"],
    ["str(host:80),host_only", "host"],
    ["str(host:80),port_only", 80n],
    ["str(host),port_only", 0n],
    ["str(größe),length", 7n],
    ["str(a-b-c),field(2,-)", "b"],
    ["str(a--c),word(2,-)", "c"],
    ["str(a-b),word(3,-)", "absent"],
    ["str(abcdef),bytes(2,3)", "cde"],
    ["str(abcdef),bytes(4)", "ef"],
    ["str(abcdef),bytes(4,9)", "ef"],
    ["str(abc),bytes(9)", ""],
    ["str(abc),bytes(-1)", "absent"],
    ["str(xxabxx),ltrim(x)", "abxx"],
    ["str(xxabxx),rtrim(x)", "xxab"],
    ["str(a),concat(-,txn.v,+)", "a-value+"],
    ["str(a),concat(-,txn.none,+)", "a-+"],
    ["str(a),concat(-)", "a-"],
    ["str(a),add_item(-,txn.v)", "a-value"],
    ["str(),add_item(-,txn.v,x)", "valuex"],
    ["str(a),add_item(-,txn.none)", "a"],
    ["str(value),strcmp(txn.v)", 0n],
    ["str(a),strcmp(txn.v)", -1n],
    ["str(z),strcmp(txn.v)", 1n],
    ["str(z),strcmp(txn.none)", "absent"],
    ["str(a-b-c),regsub(-,_)", "a_b-c"],
    ["str(a-b-c),regsub(-,_,g)", "a_b_c"],
    ["str(AbA),regsub(a,x,gi)", "xbx"],
    ["str(ab12),regsub(\"'([a-z]+)([0-9]+)'\",\\\\2-\\\\1)", "12-ab"],
    ["str(cost$),regsub(o,$0)", "c$0st$"],
    ["bool(1),iif(yes,no)", "yes"],
    ["int(0),iif(yes,no)", "no"],
    ["str(a%20b+c),url_dec", "a b+c"],
    ["str(a+b?c+d),url_dec", "a+b?c d"],
    ["str(a+b),url_dec(1)", "a b"],
    ["str(a%zz),url_dec", "absent"],
  ])("%s", (text, answer) => {
    const subject = makeSubject({ payloadMayGrow: false });
    subject.variables.set("txn.v", textValue("value"));
    expect(ask(text, subject)).toBe(answer);
  });

  it("wait for bytes that may come", () => {
    const subject = sayTo(makeSubject(), new TextEncoder().encode("abc"));
    subject.payloadMayGrow = true;
    expect(ask("req.payload(0,0),bytes(1,2)", subject)).toBe("bc");
    expect(ask("req.payload(0,0),bytes(1,5)", subject)).toBe("not yet");
    expect(TEXT_CONVERTERS.length).toBeGreaterThan(15);
  });

  it("leave texts that are too long for a regular expression as they are", () => {
    const long = "a".repeat(2000);
    expect(ask(`str(${long}),regsub(a,b,g)`)).toBe(long);
  });
});
