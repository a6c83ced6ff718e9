// The reference page is what the catalogue says; run with -u to write it again.
import { expect, test } from "vitest";
import { writeRulesReference } from "../../scripts/rules-reference.ts";
import { ACTION_NAMES } from "../../src/rules/parse-rule.ts";

test("docs/rules.md is what the catalogue says", async () => {
  await expect(writeRulesReference()).toMatchFileSnapshot("../../docs/rules.md");
});

test("the page names every action", () => {
  const page = writeRulesReference();
  for (const name of ACTION_NAMES) expect(page).toContain(name.replace(/\(.*/, ""));
});
