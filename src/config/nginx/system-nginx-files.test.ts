import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemNginxFiles } from "./system-nginx-files.ts";

test("names of a directory, texts of files", () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-"));
  try {
    writeFileSync(join(folder, "a.conf"), "user a;");
    expect(systemNginxFiles.list(folder)).toEqual(["a.conf"]);
    expect(systemNginxFiles.read(join(folder, "a.conf"))).toBe("user a;");
    expect(systemNginxFiles.read(folder)).toBeNull();
    expect(systemNginxFiles.list(join(folder, "none"))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
