import { describe, expect, it } from "vitest";
import { readTest } from "./parse-test.ts";
import { ProblemList } from "./problem-list.ts";
import { NOTHING_AROUND } from "./surroundings.ts";
import { splitWords } from "./words.ts";

const FILES: Readonly<Record<string, readonly string[]>> = {
  "ids.lst": ["# ids", "", "  dev-1", "dev 2\r\n", "\t"],
  "nets.lst": ["10.0.0.0/8", "nonsense"],
};
const around = { ...NOTHING_AROUND, lines: (file: string) => FILES[file] ?? null };

function read(text: string) {
  const problems = new ProblemList();
  const plan = readTest(splitWords(text).words!, around, problems);
  return { plan, problems: problems.problems };
}

describe("readTest", () => {
  it.each([
    ["src 10.0.0.0/8 ::1", "ip", [["10.0.0.0/8", "::1"]]],
    ["src_port gt 10 le 5 7", "int", [["11:", ":5", ":7"]]],
    ["src_port 1:5 eq 9", "int", [["1:5", "9"]]],
    ["mqtt.client_id -m len gt 5", "len", [["6:"]]],
    ["mqtt.client_id a b", "str", [["a", "b"]]],
    ["mqtt.client_id -m beg -- -i", "beg", [["-i"]]],
    ["mqtt.client_id -f ids.lst x", "str", [["dev-1", "dev 2"], ["x"]]],
    ["mqtt.client_id -m sub -u 7 -n x", "sub", [["x"]]],
    ["ssl_fc", "bool", []],
    ["req.ssl_sni a.example", "str", [["a.example"]]],
    ["mqtt.client_id -m found", "found", []],
  ])("%s", (text, method, groups) => {
    const { plan, problems } = read(text);
    expect(problems).toEqual([]);
    expect(plan?.method).toBe(method);
    expect(plan?.groups.map(({ patterns }) => patterns)).toEqual(groups);
  });

  it("lets -i count for what stands behind it", () => {
    const { plan } = read("mqtt.client_id -f ids.lst -i -f ids.lst X");
    expect(plan?.groups.map(({ ignoreCase }) => ignoreCase)).toEqual([false, true, true]);
  });

  it.each([
    ["src nowhere", "nowhere", "is no address and no network"],
    ["src_port gt x", "x", "neither a number nor an operator"],
    ["src -m reg (a+)+", "(a+)+", "exponential"],
    ["src -m begn x", "begn", 'did you mean "beg"?'],
    ["src -m int 5 -m ip", "-m", "is no number"],
    ["mqtt.client_id -f ids.lst -m beg", "-m", "stands once"],
    ["ssl_fc -m ip 10.0.0.0/8", "ip", "Cannot compare type boolean"],
    ["req.payload(0,1) a", "req.payload(0,1)", 'such as "-m str"'],
    ["src -f none.lst", "none.lst", "no file"],
    ["src -f nets.lst", "nets.lst", 'in line 2 of "nets.lst"'],
    ["src -x", "-x", "no such flag"],
    ["src -m", "-m", "the method is missing"],
    ["mqtt.client_id -m bin 0", "0", "hex digits"],
  ])("%s is wrong at %s", (text, where, message) => {
    const { plan, problems } = read(text);
    expect(plan).toBeNull();
    const { at, length } = problems[0]!;
    expect(text.slice(at, at + length)).toBe(where);
    expect(problems[0]!.message).toContain(message);
  });

  it("says when a test can never hold", () => {
    const { plan, problems } = read("mqtt.client_id");
    expect(plan).not.toBeNull();
    expect(problems).toMatchObject([{ severity: "notice" }]);
  });
});
