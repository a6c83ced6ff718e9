import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FILE_SIZE_MAX, systemFiles } from "./file-reader.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("systemFiles", () => {
  it("reads a file and lists a directory, sorted", async () => {
    for (const name of ["b.pem", "a.pem"]) writeFileSync(join(folder, name), `text of ${name}`);
    const { value, problem } = await systemFiles.read(join(folder, "a.pem"));
    expect(problem).toBeNull();
    expect(Buffer.from(value!).toString()).toBe("text of a.pem");
    expect(await systemFiles.list(folder)).toEqual({ value: ["a.pem", "b.pem"], problem: null });
  });

  it("says in words what keeps it from that", async () => {
    const large = join(folder, "large");
    writeFileSync(large, "");
    truncateSync(large, FILE_SIZE_MAX + 1);
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const directory = join(folder, "directory");
    mkdirSync(directory);
    const problemOf = async (path: string) => (await systemFiles.read(path)).problem;
    expect(await problemOf(join(folder, "none"))).toBe("no such file");
    expect(await problemOf(large)).toBe(`it is longer than ${FILE_SIZE_MAX} bytes`);
    expect(await problemOf(pipe)).toBe("it is no plain file");
    expect(await problemOf(directory)).toBe("it is no plain file");
    expect((await systemFiles.list(large)).problem).toBe("a part of the path is not a directory");
  });
});
