import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSources } from "./read-sources.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-"));
  mkdirSync(join(folder, "conf.d"));
  mkdirSync(join(folder, "empty"));
  for (const name of ["b.cfg", "a.cfg", ".hidden.cfg", "notes.txt"]) {
    writeFileSync(join(folder, "conf.d", name), name);
  }
  writeFileSync(join(folder, "main.cfg"), "main");
});
afterAll(() => rmSync(folder, { recursive: true }));

test("files come in the order of the command, those of a directory by name", async () => {
  const { sources } = await readSources([join(folder, "main.cfg"), join(folder, "conf.d")]);
  expect(sources?.map(({ text }) => text)).toEqual(["main", "a.cfg", "b.cfg"]);
});

test("says why there is nothing", async () => {
  const empty = await readSources([join(folder, "empty")]);
  expect(empty.problem).toContain("no file that ends in .cfg");
  expect((await readSources([join(folder, "none")])).problem).toContain("no such file");
});
