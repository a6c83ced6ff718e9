import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemFacts } from "./system-facts.ts";

test("systemFacts reads plain files, and nothing else", () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-"));
  writeFileSync(join(folder, "a.txt"), "text");
  expect(systemFacts.read(join(folder, "a.txt"))).toBe("text");
  expect(systemFacts.read(folder)).toBeNull();
  expect(systemFacts.read(join(folder, "none"))).toBeNull();
  expect(systemFacts.isDirectory(folder)).toBe(true);
  expect(systemFacts.isDirectory(join(folder, "a.txt"))).toBe(false);
  rmSync(folder, { recursive: true });
});
