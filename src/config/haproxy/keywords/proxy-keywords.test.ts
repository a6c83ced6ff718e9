import { expect, test } from "vitest";
import { PROXY_KEYWORDS } from "./proxy-keywords.ts";

test("every row may stand somewhere, and says why where it is not honoured", () => {
  for (const { name, sections, status } of PROXY_KEYWORDS.values()) {
    expect(sections, name).toMatch(/^d?f?l?b?$/);
    expect(sections, name).not.toBe("");
    if (status.kind !== "honoured") expect(status.reason, name).toMatch(/^[a-z].*[^.]$/);
  }
});
