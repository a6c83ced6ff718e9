import { describe, expect, it } from "vitest";
import { readChain } from "./call-reader.ts";
import { ProblemList } from "./problem-list.ts";
import { splitWords } from "./words.ts";

function read(text: string) {
  const problems = new ProblemList();
  const chain = readChain(splitWords(text).words!, problems);
  const calls = chain?.calls.map(({ name, args }) => {
    return [name, ...(args?.map((each) => each.text) ?? ["no parentheses"])];
  });
  return { calls, words: chain?.wordCount, problems: problems.problems };
}

describe("readChain", () => {
  it.each([
    ["src", [["src", "no parentheses"]]],
    ["src()", [["src"]]],
    [
      "src,lower",
      [
        ["src", "no parentheses"],
        ["lower", "no parentheses"],
      ],
    ],
    [
      "a(1,2),b(,x)",
      [
        ["a", "1", "2"],
        ["b", "", "x"],
      ],
    ],
    ["str('\"a,b)\"')", [["str", "a,b)"]]],
    ["str(\"'a b'\")", [["str", "a b"]]],
    ["word(1,\\ )", [["word", "1", " "]]],
    ["regsub('\\\\.',x\\\\n)", [["regsub", "\\.", "x\n"]]],
    ["f(a\\\\\\\\b)", [["f", "a\\b"]]],
  ])("%s", (text, calls) => {
    expect(read(text)).toMatchObject({ calls, problems: [] });
  });

  it("goes on behind a comma and a blank, and stops where there is none", () => {
    expect(read("src, lower 10.0.0.0/8").words).toBe(2);
    expect(read("src -i a").words).toBe(1);
  });

  it("takes a blank and a full-width comma inside parentheses, with a notice each", () => {
    const { calls, problems } = read("p(0, 0),mqtt_field_value(connect\uff0cclient_identifier)");
    expect(calls?.[1]).toEqual(["mqtt_field_value", "connect", "client_identifier"]);
    expect(problems.map(({ severity, at }) => [severity, at])).toEqual([
      ["notice", 4],
      ["notice", 32],
    ]);
  });

  it.each([
    ["src,", 4, "a name is missing"],
    ["f(a", 1, '")" is missing'],
    ["f(a)b", 4, "a comma must stand"],
    ["(a)", 0, "a name is missing"],
  ])("%s is wrong at %i", (text, at, message) => {
    const { calls, problems } = read(text);
    expect(calls).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ severity: "error", at });
    expect(problems[0]!.message).toContain(message);
  });
});
