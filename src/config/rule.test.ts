import { describe, expect, test } from "vitest";
import { makeRuleInput } from "../../tests/fixtures/rule-input.ts";
import { formatEndpoint } from "../bytes/endpoint.ts";
import { parseHostPort } from "./address.ts";
import { type Diagnostic, formatDiagnostic } from "./diagnostic.ts";
import { findEndpoint, makeRuleContext } from "./rule.ts";

function contextOf(text: string) {
  const found: Diagnostic[] = [];
  return { context: makeRuleContext(makeRuleInput(text), found), found };
}

describe("makeRuleContext", () => {
  const text = "pools:\n  p:\n    check: { rise: 5 }\n    servers: x\n";
  const finding = { message: "m", expected: null };

  test("reports at the value, at its key, or at what would hold it", () => {
    const { context, found } = contextOf(text);
    context.report({ ...finding, path: ["pools", "p", "check"] });
    context.report({ ...finding, path: ["pools", "p", "check"], atKey: true });
    context.report({ ...finding, path: ["pools", "p", "check", "fall"], severity: "warning" });
    expect(found.map(formatDiagnostic)).toEqual(["x:3:12: m", "x:3:5: m", "x:3:5: warning: m"]);
  });

  test("does not report what a placeholder stands for", () => {
    const { context, found } = contextOf(text);
    context.report({ ...finding, path: ["pools", "p", "servers"] });
    context.report({ ...finding, path: ["listeners", "any", "pool"] });
    expect(found).toEqual([]);
  });

  test("tells what was written from defaults and placeholders", () => {
    const { context } = contextOf(text);
    expect(context.isGiven(["pools", "p", "check", "rise"])).toBe(true);
    expect(context.isGiven(["pools", "p", "check", "fall"])).toBe(false);
    expect(context.isGiven(["pools", "p", "servers"])).toBe(false);
  });
});

test("findEndpoint takes literals as they are and the first address of a name", () => {
  const hosts = new Map([["a", { addresses: ["192.0.2.1", "192.0.2.2"], failure: null }]]);
  const at = (host: string) => findEndpoint(parseHostPort(`${host}:7`)!, hosts);
  expect(formatEndpoint(at("a")!, 0)).toBe("192.0.2.1:7");
  expect(formatEndpoint(at("[::1]")!, 0)).toBe("[::1]:7");
  expect(at("b")).toBeNull();
});
