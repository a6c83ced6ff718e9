import { describe, expect, it } from "vitest";
import { makeSubject, NO_NAMES } from "../../tests/fixtures/rule-subject.ts";
import { parseTemplate } from "../../tests/fixtures/rule-text.ts";
import { compileExpression } from "./compile-expression.ts";
import { textOf } from "./value.ts";

function expand(text: string): string {
  const { plan } = parseTemplate(text);
  const answer = compileExpression(plan!, NO_NAMES)(makeSubject());
  return answer === null || answer.type === "not-yet" ? "" : textOf(answer)!;
}

describe("readTemplate", () => {
  it.each([
    ["plain", "plain"],
    ["a/%[src]:%[src_port]", "a/127.0.0.1:40000"],
    ["%[src,ipmask(8)]%%", "127.0.0.0%"],
    ["100% [x", "100% [x"],
    ["%[var(txn.none)]-", "-"],
    ["", ""],
  ])("%s", (text, expanded) => {
    expect(expand(text)).toBe(expanded);
  });

  it("is plain data, known as late as its latest part", () => {
    const { plan } = parseTemplate("%[src]-%[mqtt.client_id]");
    expect(plan).toMatchObject({ type: "text", stage: "connect" });
    expect(structuredClone(plan)).toEqual(plan);
  });

  it("waits for what is not there yet", () => {
    const { plan } = parseTemplate("x%[mqtt.client_id]");
    expect(compileExpression(plan!, NO_NAMES)(makeSubject())).toEqual({ type: "not-yet" });
  });

  it("says where in the text a part is wrong", () => {
    const text = "a-%[scr]-%[src lower]";
    const { plan, problems } = parseTemplate(text);
    expect(plan).toBeNull();
    expect(problems.map(({ at, length }) => text.slice(at, at + length))).toEqual(["scr", "l"]);
  });
});
