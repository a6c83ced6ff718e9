import { expect, test } from "vitest";
import { isSectionKeyword, SECTION_KINDS } from "./section-kinds.ts";

test("isSectionKeyword knows every section, and no keyword of one", () => {
  for (const kind of Object.keys(SECTION_KINDS)) expect(isSectionKeyword(kind)).toBe(true);
  for (const word of ["bind", "toString", "server"]) expect(isSectionKeyword(word)).toBe(false);
});
