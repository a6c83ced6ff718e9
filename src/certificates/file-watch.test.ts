import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "vitest";
import { waitUntil } from "../../tests/process/wait-until.ts";
import { FileWatch } from "./file-watch.ts";

let folder: string;
let told: string[][];
let watch: FileWatch;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-watch-"));
  told = [];
});

afterEach(() => {
  watch.stop();
  rmSync(folder, { recursive: true });
});

async function start(paths: readonly string[], pollMs = 60_000): Promise<void> {
  const onChange = (changed: ReadonlySet<string>) => told.push([...changed]);
  watch = new FileWatch({ onChange, quietMs: 20, pollMs });
  await watch.watch(paths);
}

function waitFor(changed: readonly string[]): Promise<unknown> {
  return waitUntil("the change is told", () => {
    return [...new Set(told.flat())].sort().join() === changed.join();
  });
}

describe("FileWatch", () => {
  it("tells which of its files have changed, and of no others", async () => {
    const [one, two] = [join(folder, "one"), join(folder, "two")];
    writeFileSync(one, "1");
    await start([one, two]);
    writeFileSync(join(folder, "three"), "3");
    writeFileSync(one, "changed");
    await waitFor([one]);
    writeFileSync(two, "new");
    await waitFor([one, two]);
  });

  it("sees files that others are renamed to, as certificates are renewed", async () => {
    const path = join(folder, "a.pem");
    writeFileSync(path, "old");
    await start([path]);
    writeFileSync(join(folder, "a.pem.new"), "new");
    renameSync(join(folder, "a.pem.new"), path);
    await waitFor([path]);
  });

  it("sees what links lead to, and files of directories", async () => {
    mkdirSync(join(folder, "v1"));
    mkdirSync(join(folder, "v2"));
    writeFileSync(join(folder, "v1", "a.pem"), "1");
    writeFileSync(join(folder, "v2", "a.pem"), "2");
    const current = join(folder, "current");
    symlinkSync("v1", current);
    await start([join(current, "a.pem"), join(folder, "v2")]);
    symlinkSync("v2", `${current}.new`);
    renameSync(`${current}.new`, current);
    writeFileSync(join(folder, "v2", "b.pem"), "b");
    await waitUntil("both are told", () => new Set(told.flat()).size === 2);
  });

  it("finds by looking what no notice tells: what was not there at all", async () => {
    const path = join(folder, "later", "a.pem");
    await start([path], 20);
    mkdirSync(join(folder, "later"));
    writeFileSync(path, "there");
    await waitFor([path]);
  });

  it("tells nothing once it was stopped or watches others", async () => {
    const [one, two] = [join(folder, "one"), join(folder, "two")];
    await start([one], 20);
    await watch.watch([two]);
    writeFileSync(one, "1");
    writeFileSync(two, "2");
    await waitFor([two]);
  });
});
