import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TEXT_SIZE_MAX } from "./load-yaml.ts";
import { readSource } from "./read-source.ts";

describe("readSource", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "fairlead-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function write(content: string | Uint8Array): Promise<string> {
    const file = join(folder, "x.yaml");
    await writeFile(file, content);
    return file;
  }

  test("gives text and name", async () => {
    const file = await write("a: ü\n");
    expect(await readSource(file)).toEqual({ source: { file, text: "a: ü\n" }, problem: null });
  });

  test.each([
    ["nowhere/x.yaml", "no such file"],
    [".", "it is a directory"],
  ])("says why %s cannot be read", async (file, reason) => {
    expect(await readSource(file)).toEqual({
      source: null,
      problem: `Cannot read "${file}": ${reason}`,
    });
  });

  test("refuses what is no UTF-8 text", async () => {
    const { problem } = await readSource(await write(Uint8Array.of(0x61, 0xff, 0xfe)));
    expect(problem).toContain("it is not UTF-8 text");
  });

  test("reads no more than it may, from endless devices neither", async () => {
    const { problem } = await readSource(await write("#".repeat(TEXT_SIZE_MAX + 1)));
    expect(problem).toContain("it is longer than");
    expect((await readSource("/dev/zero")).problem).toContain("it is longer than");
  });
});
