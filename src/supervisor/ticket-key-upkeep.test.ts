import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type LogLine, makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { waitUntil } from "../../tests/process/wait-until.ts";
import type { SharedTlsSettings } from "../config/settings.ts";
import { TicketKeyUpkeep } from "./ticket-key-upkeep.ts";

const ROTATION_MS = 60_000;

let folder: string;
let file: string;
let upkeep: TicketKeyUpkeep;
let lines: LogLine[];
let told: (readonly Uint8Array[])[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-tickets-"));
  file = join(folder, "tickets.key");
  told = [];
});

afterEach(() => {
  vi.useRealTimers();
  upkeep.stop();
  rmSync(folder, { recursive: true });
});

const keyOf = (byte: number) => new Uint8Array(80).fill(byte);

function write(byte: number): void {
  writeFileSync(`${file}.new`, keyOf(byte));
  renameSync(`${file}.new`, file);
}

const own: SharedTlsSettings = { ticketRotationMs: ROTATION_MS, ticketKeys: null };

function shared(byte: number): SharedTlsSettings {
  return { ...own, ticketKeys: { files: [file], material: [keyOf(byte)] } };
}

async function start(tls: SharedTlsSettings): Promise<void> {
  const { logger, lines: written } = makeMemoryLogger();
  lines = written;
  const onChange = (keys: readonly Uint8Array[]) => told.push(keys);
  upkeep = new TicketKeyUpkeep({ tls, logger, onChange, quietMs: 20 });
  await upkeep.start();
}

const said = (event: string) => lines.find((line) => line["event"] === event);

describe("keys of our own", () => {
  it("change by the clock", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    await start(own);
    const [first] = upkeep.keys;
    vi.advanceTimersByTime(ROTATION_MS);
    expect(told).toEqual([upkeep.keys]);
    expect(upkeep.keys).toEqual([expect.any(Uint8Array), first]);
  });
});

describe("keys from files", () => {
  it("are those of the settings from the start, and no clock changes them", async () => {
    write(1);
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    await start(shared(1));
    vi.advanceTimersByTime(3 * ROTATION_MS);
    expect(upkeep.keys).toEqual([keyOf(1)]);
    expect([told, lines]).toEqual([[], []]);
  });

  it("are renewed with the file, and the log names them by what tickets show", async () => {
    write(1);
    await start(shared(1));
    write(2);
    const line = await waitUntil("they are renewed", () => said("ticket-keys-renewed"));
    expect(told).toEqual([[keyOf(2)]]);
    expect(upkeep.keys).toEqual([keyOf(2)]);
    expect(line).toMatchObject({ level: "info", files: [file], sealing: "02".repeat(16) });
    expect(JSON.stringify(lines), "and by no more").not.toContain("02".repeat(17));
    expect(upkeep).toMatchObject({ reloadCount: 1, failureCount: 0 });
  });

  it("stay as they were while the file is no good", async () => {
    write(1);
    await start(shared(1));
    rmSync(file);
    const line = await waitUntil("they are refused", () => said("ticket-keys-refused"));
    const problem = `"${file}" cannot be read: no such file`;
    expect(line).toMatchObject({ level: "error", files: [file], problems: [problem] });
    expect(line["msg"]).toBe(`Session ticket keys stay as they were: ${problem}`);
    expect([told, upkeep.keys]).toEqual([[], [keyOf(1)]]);
    expect(upkeep).toMatchObject({ reloadCount: 0, failureCount: 1 });
  });

  it("are told when the file has changed since the settings were read", async () => {
    write(2);
    await start(shared(1));
    expect(told).toEqual([[keyOf(2)]]);
  });
});

describe("other settings", () => {
  it("bring their files, and our own keys again without them", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    await start(own);
    const [first] = upkeep.keys;
    write(1);
    await upkeep.use(shared(1));
    expect(told).toEqual([[keyOf(1)]]);
    await upkeep.use(own);
    expect(told.at(-1)).toEqual([first]);
    expect(upkeep.keys).toEqual([first]);
    vi.advanceTimersByTime(ROTATION_MS);
    expect(told, "which the clock changes").toHaveLength(3);
  });

  it("that say the same change nothing", async () => {
    write(1);
    await start(shared(1));
    await upkeep.use(shared(1));
    expect([told, lines]).toEqual([[], []]);
  });
});
