import { expect, test } from "vitest";
import { AT, wordsOf } from "../../../tests/fixtures/haproxy-document.ts";
import { Report } from "./report.ts";

test("Report keeps what is said, at a place or at a word", () => {
  const report = new Report();
  report.error(AT, "wrong", "right");
  report.warning(wordsOf("a b")[1]!, "odd");
  report.notice(AT, "idle");
  const kept = report.diagnostics.map(({ severity, column, expected }) => [
    severity,
    column,
    expected,
  ]);
  expect(kept).toEqual([
    ["error", 1, "right"],
    ["warning", 3, null],
    ["notice", 1, null],
  ]);
});
