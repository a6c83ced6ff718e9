import { describe, expect, test } from "vitest";
import { type Diagnostic, formatDiagnostic, hasErrors, sortDiagnostics } from "./diagnostic.ts";

const MISTAKE: Diagnostic = {
  file: "fairlead.yaml",
  line: 3,
  column: 7,
  path: "limits.connectSize",
  severity: "error",
  message: 'limits.connectSize is "64K"',
  expected: "a size",
};

describe("formatDiagnostic", () => {
  test("file:line:column: what is wrong, what was expected", () => {
    const line = 'fairlead.yaml:3:7: limits.connectSize is "64K", expected a size';
    expect(formatDiagnostic(MISTAKE)).toBe(line);
  });

  test("labels warnings and leaves out what was not expected", () => {
    const warning: Diagnostic = { ...MISTAKE, severity: "warning", expected: null };
    expect(formatDiagnostic(warning)).toBe(
      'fairlead.yaml:3:7: warning: limits.connectSize is "64K"',
    );
  });
});

test("hasErrors overlooks warnings", () => {
  expect(hasErrors([{ ...MISTAKE, severity: "warning" }])).toBe(false);
  expect(hasErrors([{ ...MISTAKE, severity: "warning" }, MISTAKE])).toBe(true);
});

test("sortDiagnostics follows the file, and tells what two aliases share once", () => {
  const later = { ...MISTAKE, line: 4, column: 1 };
  const alias = { ...MISTAKE, path: "other", message: 'other is "64K"' };
  const other = { ...MISTAKE, message: "something else", expected: null };
  expect(sortDiagnostics([later, MISTAKE, alias, other])).toEqual([MISTAKE, other, later]);
});
