import { describe, expect, it } from "vitest";
import { holding, makeSubject, sayTo } from "../../tests/fixtures/rule-subject.ts";
import { always, HOLDS } from "./compile-condition.ts";

describe("conditions", () => {
  const growing = () => {
    const subject = sayTo(makeSubject(), new TextEncoder().encode("abc"));
    subject.payloadMayGrow = true;
    return subject;
  };

  it.each([
    ["{ req.len gt 2 }", "holds", "holds"],
    ["{ req.len gt 9 }", "undecided", "fails"],
    ["!{ req.len gt 9 }", "undecided", "holds"],
    ["{ req.payload(0,0) -m sub d }", "undecided", "fails"],
    ["{ req.payload(0,2) -m str ab }", "holds", "holds"],
    ["{ req.payload(0,2) -m str cd }", "fails", "fails"],
    ["{ req.payload(0,9) -m found }", "undecided", "fails"],
    ["{ req.len gt 9 } { always_false }", "undecided", "fails"],
    ["{ always_false } { req.len gt 9 }", "fails", "fails"],
    ["{ req.len gt 9 } || { always_true }", "holds", "holds"],
    ["WAIT_END", "undecided", "holds"],
  ])("%s %s while bytes come, and then %s", (text, before, behind) => {
    const subject = growing();
    expect(holding(text, subject)).toBe(before);
    subject.payloadMayGrow = false;
    expect(holding(text, subject)).toBe(behind);
  });

  it("always holds without a condition", () => {
    expect(always(makeSubject())).toBe(HOLDS);
  });
});
