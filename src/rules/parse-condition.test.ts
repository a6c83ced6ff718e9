import { describe, expect, it } from "vitest";
import { holding, makeSubject } from "../../tests/fixtures/rule-subject.ts";
import { parseAclWords, parseCondition, readCondition } from "./parse-condition.ts";
import { ProblemList } from "./problem-list.ts";
import { NOTHING_AROUND } from "./surroundings.ts";
import { splitWords } from "./words.ts";

function acl(line: string) {
  return parseAclWords(splitWords(line).words!, NOTHING_AROUND);
}

const around = {
  ...NOTHING_AROUND,
  acls: new Map([
    ["local", [acl("local src 127.0.0.0/8").plan!.test]],
    ["odd", [acl("odd src_port 1").plan!.test, acl("odd int(3),odd").plan!.test]],
  ]),
};

describe("readCondition", () => {
  it.each([
    ["local", "holds"],
    ["!local", "fails"],
    ["! local", "fails"],
    ["!!local", "holds"],
    ["if local odd", "holds"],
    ["unless local", "fails"],
    ["local !odd or TRUE", "holds"],
    ["FALSE || !local || odd", "holds"],
    ["!{ src 10.0.0.0/8 } { src_port 40000 }", "holds"],
    ["!{ src 10.0.0.0/8 } !{ src 127.0.0.1 }", "fails"],
    ["{ mqtt.client_id a }", "undecided"],
    ["FALSE { mqtt.client_id a }", "fails"],
    ["TRUE || { mqtt.client_id a }", "holds"],
    ["!{ mqtt.client_id a }", "undecided"],
  ])("%s %s", (text, result) => {
    expect(holding(text, makeSubject(), { around })).toBe(result);
  });

  it("makes plain data that says when it can be told", () => {
    const { plan } = parseCondition("if local { mqtt.client_id -m beg dev- }", around);
    expect(plan?.stage).toBe("connect");
    expect(structuredClone(plan)).toEqual(plan);
  });

  it.each([
    ["locl", "locl", 'there is none; did you mean "local"?'],
    ["{ src 10.0.0.0/8", "{", '"}" is missing'],
    ["{src 10.0.0.0/8}", "{src", "braces stand alone"],
    ["local !", "!", "nothing stands behind"],
    ["local or", "or", "a test is missing"],
    ["or local", "or", "a test is missing"],
    ["{ }", "{", "it is empty"],
    ["if", "if", "a test is missing"],
    ["{ src 'x }", "'", "quote is never closed"],
  ])("%s is wrong at %s", (text, where, message) => {
    const { plan, problems } = parseCondition(text, around);
    expect(plan).toBeNull();
    const { at, length } = problems[0]!;
    expect(text.slice(at, at + length)).toBe(where);
    expect(problems[0]!.message).toContain(message);
  });

  it("takes words with places of their own", () => {
    const words = [
      { text: "{", at: 100 },
      { text: "scr", at: 102 },
      { text: "}", at: 106 },
    ];
    const problems = new ProblemList();
    readCondition(words, around, problems);
    expect(problems.problems.map(({ at }) => at)).toEqual([102]);
  });
});

describe("parseAclWords", () => {
  it("gives name and test", () => {
    expect(acl("dev mqtt.client_id -m beg dev-").plan).toMatchObject({
      name: "dev",
      test: { method: "beg", groups: [{ patterns: ["dev-"] }] },
    });
  });

  it.each([["dev"], ["de/v src 10.0.0.0/8"], [""]])("refuses '%s'", (line) => {
    expect(acl(line)).toMatchObject({ plan: null, problems: [{ severity: "error" }] });
  });
});
