import { expect, test } from "vitest";
import { BrokenLine } from "./broken-line.ts";

test("BrokenLine says what is wrong, where, and what belongs there", () => {
  const broken = new BrokenLine(7, "a quote has no end", null);
  expect(broken).toMatchObject({ offset: 7, message: "a quote has no end", expected: null });
});
