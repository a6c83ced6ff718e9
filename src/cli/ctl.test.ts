import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KeptPrinter } from "../../tests/fixtures/kept-printer.ts";
import { makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import { AdminServer } from "../admin/admin-server.ts";
import { type ReadAgain, Reloader } from "../supervisor/reloader.ts";
import { ctlBrokerStats, ctlReload, ctlServers, ctlStatus } from "./ctl.ts";
import type { Ctl } from "./ctl-target.ts";

const { supervisor, logger } = await startSupervised();
/** What the file holds when it is read again. */
let file: ReadAgain = { settings: supervisor.settings, diagnostics: [] };
const read = async () => file;
const reloader = new Reloader({ supervisor, read, logger }, supervisor.settings);

const nodes = [
  { name: "node1", stats: { "live_connections.count": 4, "connections.count": 4 } },
  { name: "node2", stats: { "connections.count": 3, "live_connections.count": 3 } },
];

let admin: AdminServer;

function ctlAt(printer: KeptPrinter, isJson = false): Ctl {
  return { target: { url: admin.url, authorization: null }, printer, isJson };
}

beforeAll(async () => {
  const { listen } = supervisor.settings.admin!;
  const cluster = { stats: () => Promise.resolve(nodes) };
  admin = await AdminServer.start({
    supervisor,
    cluster,
    listen,
    log: makeMemoryLogger().log,
    reloader,
  });
});

afterAll(async () => {
  await admin.stop();
  await supervisor.stop(0);
});

describe("ctlBrokerStats", () => {
  it("prints a heading for each node and its counters as EMQX does", async () => {
    const printer = new KeptPrinter();
    expect(await ctlBrokerStats(ctlAt(printer))).toBe(0);
    expect(printer.printed.join("\n")).toBe(
      [
        "node1",
        "connections.count             : 4",
        "live_connections.count        : 4",
        "",
        "node2",
        "connections.count             : 3",
        "live_connections.count        : 3",
      ].join("\n"),
    );
  });
});

describe("ctlServers", () => {
  it("prints one line for each server", async () => {
    const printer = new KeptPrinter();
    expect(await ctlServers(ctlAt(printer))).toBe(0);
    const [heading, ...lines] = printer.printed;
    expect(heading).toMatch(/^pool +server +address +state/);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^brokers +b +127\.0\.0\.1:2 +no check +1 +0 +0 +0 +- +2\d{3}-/);
  });
});

describe("ctlStatus", () => {
  it("prints the process, its listeners and its workers", async () => {
    const printer = new KeptPrinter();
    expect(await ctlStatus(ctlAt(printer))).toBe(0);
    const text = printer.printed.join("\n");
    expect(text).toContain(`process ${process.pid}`);
    expect(text).toMatch(/^mqtt +127\.0\.0\.1:\d+ +mqtt +brokers +0/m);
    expect(text).toMatch(/^1 +serving +epoll +0 +0$/m);
  });
});

describe("ctlReload", () => {
  it("prints what has changed, a thing a line, and which plan runs", async () => {
    const text = TWO_POOLS.replace("workers: 2", "workers: 3")
      .replace("weight: 3", "weight: 9")
      .replace('"127.0.0.1:3" }]', '"127.0.0.1:3" }, "127.0.0.1:4"]');
    const settings = await settingsFrom(text);
    file = { settings: { ...settings, admin: supervisor.settings.admin }, diagnostics: [] };
    const printer = new KeptPrinter();
    expect(await ctlReload(ctlAt(printer), { wait: true })).toBe(0);
    expect(printer.printed).toEqual([
      "+ server spare/127.0.0.1:4",
      "~ pool spare",
      "~ server brokers/a",
      "! workers: 2 now, 3 from the next start on",
      "Plan 2 runs on every worker",
    ]);
  });

  it("complains about each mistake and ends with 1", async () => {
    file = { settings: null, diagnostics: ["f.yaml:1:2: no", "f.yaml:3:4: nor this"] };
    const printer = new KeptPrinter();
    expect(await ctlReload(ctlAt(printer), { wait: false })).toBe(1);
    expect(printer.complaints).toEqual([
      "f.yaml:1:2: no",
      "f.yaml:3:4: nor this",
      "Reload refused, nothing changed: the configuration has mistakes",
    ]);
  });
});

describe("--json", () => {
  it("prints what the API says, as it is", async () => {
    const printer = new KeptPrinter();
    expect(await ctlServers(ctlAt(printer, true))).toBe(0);
    expect(JSON.parse(printer.printed.join("\n"))).toMatchObject({ pools: [{}, {}] });
    file = { settings: null, diagnostics: ["no"] };
    expect(await ctlReload(ctlAt(printer, true), { wait: false })).toBe(1);
    expect(JSON.parse(printer.printed.at(-1)!)).toMatchObject({ outcome: "refused" });
  });
});
