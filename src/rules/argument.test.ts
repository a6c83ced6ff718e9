import { describe, expect, it } from "vitest";
import {
  ARGUMENT_KINDS,
  type ArgumentKind,
  argumentProblem,
  parseSignature,
  showSignature,
} from "./argument.ts";

describe("signatures", () => {
  it("are read and shown", () => {
    const rows = parseSignature("index:integer delimiters:text count:integer?");
    expect(rows.map(({ name, kind, optional }) => `${name} ${kind} ${optional}`)).toEqual([
      "index integer false",
      "delimiters text false",
      "count integer true",
    ]);
    expect(showSignature(rows)).toBe("index,delimiters[,count]");
    expect(showSignature(parseSignature("a:text?"))).toBe("[a]");
    expect(parseSignature("")).toEqual([]);
  });
});

describe("argumentProblem", () => {
  it.each<[ArgumentKind, string, string]>([
    ["integer", "-12", "12x"],
    ["count", "12", "-1"],
    ["hex", "00ff", "0"],
    ["number-or-variable", "txn.x", "x"],
    ["variable", "sess.a_1", "other.a"],
    ["table", "clients", ""],
    ["pool", "brokers", ""],
    ["server", "brokers/a", ""],
    ["listener", "mqtt", ""],
    ["mask4", "24", "33"],
    ["mask6", "64", "129"],
    ["regex", "^a+$", "("],
    ["list", "map.txt", ""],
  ])("%s takes %s and not '%s'", (kind, good, bad) => {
    expect(argumentProblem(kind, good)).toBeNull();
    expect(argumentProblem(kind, bad)).toEqual(expect.any(String));
  });

  it("takes any text for a text", () => {
    expect(argumentProblem("text", "")).toBeNull();
    expect(ARGUMENT_KINDS).toContain("text");
  });
});
