// The page on logging is what the catalogues say; run with -u to write it again.
import { expect, test } from "vitest";
import { writeLoggingReference } from "../../scripts/logging-reference.ts";
import { CLOSE_REASONS } from "../../src/shm/close-reason.ts";

test("docs/logging.md is what the catalogues say", async () => {
  await expect(writeLoggingReference()).toMatchFileSnapshot("../../docs/logging.md");
});

test("the page has every close reason", () => {
  const page = writeLoggingReference();
  for (const { name } of CLOSE_REASONS) expect(page).toContain(`| \`${name}\` |`);
});
