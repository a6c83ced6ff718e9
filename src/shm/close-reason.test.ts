import { describe, expect, it } from "vitest";
import { CLOSE_REASONS, REASON } from "./close-reason.ts";

describe("CLOSE_REASONS", () => {
  it("names each reason once, in kebab-case, and numbers it", () => {
    expect(new Set(CLOSE_REASONS.map(({ name }) => name)).size).toBe(CLOSE_REASONS.length);
    for (const [number, { name }] of CLOSE_REASONS.entries()) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(REASON[name as keyof typeof REASON]).toBe(number);
    }
    expect(Object.keys(REASON)).toHaveLength(CLOSE_REASONS.length);
  });

  it("says each in a sentence that fits a line", () => {
    for (const { sentence } of CLOSE_REASONS) {
      expect(sentence).toMatch(/^[A-Z].{15,85}\.$/);
    }
  });
});
