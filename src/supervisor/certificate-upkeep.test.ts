import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TestAuthority } from "../../tests/fixtures/authority.ts";
import { type LogLine, makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { settingsFrom } from "../../tests/fixtures/settings.ts";
import { waitUntil } from "../../tests/process/wait-until.ts";
import type { TlsListenerPlan, TlsServerPlan } from "../shm/plan.ts";
import { CertificateUpkeep, listHolders } from "./certificate-upkeep.ts";

const authority = new TestAuthority();

let folder: string;
let upkeep: CertificateUpkeep;
let lines: LogLine[];
let listenerTls: [number, TlsListenerPlan][];
let serverTls: [readonly number[], TlsServerPlan][];
let keys: (readonly Uint8Array[])[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-upkeep-"));
  listenerTls = [];
  serverTls = [];
  keys = [];
});

afterEach(() => {
  upkeep.stop();
  rmSync(folder, { recursive: true });
});

function write(file: string, text: string): void {
  writeFileSync(join(folder, file), text);
}

function writeServer(name: string, notAfter = "2049-01-01"): void {
  const { certificate, key } = authority.issue({ names: [name], notAfter });
  write("server.pem", certificate + key);
}

async function settingsOf(tls = "") {
  write("ca.pem", authority.certificate);
  return settingsFrom(`
listeners:
  mqtts:
    listen: ["127.0.0.1:1", "127.0.0.1:2"]
    pool: p
    tls: { certificates: [${folder}/server.pem], ${tls} }
  plain: { listen: "127.0.0.1:3", pool: p }
pools:
  p:
    check: { type: none }
    tls: { authorities: ${folder}/ca.pem }
    servers: ["127.0.0.1:4", "127.0.0.1:5"]
`);
}

async function start(tls = ""): Promise<void> {
  const settings = await settingsOf(tls);
  const { logger, lines: written } = makeMemoryLogger();
  lines = written;
  upkeep = new CertificateUpkeep({
    settings,
    logger,
    quietMs: 20,
    outlet: {
      useListenerTls: (listener, plan) => listenerTls.push([listener, plan]),
      useServerTls: (servers, plan) => serverTls.push([servers, plan]),
      useTicketKeys: (all) => keys.push(all),
    },
  });
  await upkeep.start();
}

function waitForLine(sentence: string): Promise<LogLine> {
  return waitUntil(sentence, () => lines.find(({ msg }) => String(msg).includes(sentence)));
}

describe("CertificateUpkeep", () => {
  it("gives renewed certificates to every address of their listener", async () => {
    writeServer("one.example");
    await start();
    writeServer("two.example");
    await waitForLine('Certificates of listener "mqtts" were renewed');
    expect(listenerTls.map(([listener]) => listener)).toEqual([0, 1]);
    expect(listenerTls[0]![1].certificates[0]!.names).toEqual(["two.example"]);
    expect(keys).toEqual([]);
  });

  it("keeps the old where the new is no good, and says so in one line", async () => {
    writeServer("one.example");
    await start();
    write("server.pem", "rubbish");
    const line = await waitForLine('Certificates of listener "mqtts" stay as they were');
    expect(line).toMatchObject({ level: "error", listener: "mqtts" });
    expect(lines).toHaveLength(1);
    expect(listenerTls).toEqual([]);
    expect(upkeep.states.map(({ failureCount }) => failureCount)).toEqual([1, 0]);
  });

  it("gives renewed authorities to the servers of their pool", async () => {
    writeServer("one.example");
    await start();
    const other = new TestAuthority("Another").certificate;
    write("ca.pem", other);
    await waitForLine('Certificates of pool "p" were renewed');
    expect(serverTls).toMatchObject([[[0, 1], { authorities: other, serverName: "127.0.0.1" }]]);
  });

  it("gives new ticket keys to the workers after each rotation", async () => {
    writeServer("one.example");
    vi.useFakeTimers({ toFake: ["setInterval"] });
    await start();
    vi.advanceTimersByTime(12 * 3_600_000);
    vi.useRealTimers();
    expect(keys).toEqual([upkeep.ticketKeys]);
    expect(upkeep.ticketKeys).toHaveLength(2);
  });

  it("warns of certificates that end soon, or have ended", async () => {
    const soon = new Date(Date.now() + 10.5 * 86_400_000).toISOString();
    writeServer("one.example", soon);
    await start();
    expect(lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual([
      `warn A certificate of listener "mqtts" expires in 10 days: "${folder}/server.pem"`,
    ]);
    writeServer("one.example", "2021-01-01");
    const line = await waitForLine("has expired");
    expect(line).toMatchObject({ level: "error", names: ["one.example"] });
  });

  it("keeps the certificates of other settings when it is told to", async () => {
    writeServer("one.example");
    await start();
    const { listeners, ...settings } = await settingsOf();
    await upkeep.use({ ...settings, listeners: listeners.map((each) => ({ ...each, tls: null })) });
    expect(upkeep.states.map(({ holder }) => holder.name)).toEqual(['pool "p"']);
  });
});

describe("listHolders", () => {
  it("has each set of files once", async () => {
    writeServer("one.example");
    await start();
    const holders = listHolders(await settingsOf());
    expect(holders.map(({ name }) => name)).toEqual(['listener "mqtts"', 'pool "p"']);
  });
});
