import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../tests/process/wait-until.ts";
import { TicketKeyKeeper } from "./ticket-key-keeper.ts";

let folder: string;
let file: string;
let told: string[];
let keeper: TicketKeyKeeper;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-ticket-keys-"));
  file = join(folder, "tickets.key");
  told = [];
  keeper = new TicketKeyKeeper({
    quietMs: 20,
    pollMs: 60_000,
    events: {
      onRead: (keys) => told.push(keys.map((key) => key[0]).join()),
      onRefused: (findings) => told.push(findings[0]!.message.replace(folder, "")),
    },
  });
});

afterEach(() => {
  keeper.stop();
  rmSync(folder, { recursive: true });
});

function write(path: string, byte: number): void {
  writeFileSync(`${path}.new`, new Uint8Array(80).fill(byte));
  renameSync(`${path}.new`, path);
}

function waitFor(words: string): Promise<unknown> {
  return waitUntil(`it is told: ${words}`, () => told.includes(words));
}

describe("TicketKeyKeeper", () => {
  it("tells what its files hold once they are watched, and after each change", async () => {
    write(file, 1);
    await keeper.keep([file]);
    expect(told).toEqual(["1"]);
    write(file, 2);
    await waitFor("2");
    writeFileSync(file, "");
    await waitFor('"/tickets.key" holds no ticket key');
    write(file, 3);
    await waitFor("3");
  });

  it("reads all of them again when one has changed", async () => {
    const other = join(folder, "older.key");
    write(file, 2);
    write(other, 1);
    await keeper.keep([file, other]);
    write(other, 0);
    await waitFor("2,0");
  });

  it("tells nothing of files that it keeps no more", async () => {
    write(file, 1);
    const kept = keeper.keep([file]);
    await keeper.keep([]);
    await kept;
    expect(told).toEqual([]);
  });
});
