import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KeptPrinter } from "../../tests/fixtures/kept-printer.ts";
import { makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import { AdminServer } from "../admin/admin-server.ts";
import { ctlBrokerStats, ctlServers, ctlStatus } from "./ctl.ts";

const { supervisor } = await startSupervised();

const nodes = [
  { name: "node1", stats: { "live_connections.count": 4, "connections.count": 4 } },
  { name: "node2", stats: { "connections.count": 3, "live_connections.count": 3 } },
];

let admin: AdminServer;

beforeAll(async () => {
  const { listen } = supervisor.settings.admin!;
  const cluster = { stats: () => Promise.resolve(nodes) };
  admin = await AdminServer.start({
    supervisor,
    cluster,
    listen,
    log: makeMemoryLogger().log,
  });
});

afterAll(async () => {
  await admin.stop();
  await supervisor.stop(0);
});

describe("ctlBrokerStats", () => {
  it("prints a heading for each node and its counters as EMQX does", async () => {
    const printer = new KeptPrinter();
    expect(await ctlBrokerStats(admin.url, printer)).toBe(0);
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
    expect(await ctlServers(admin.url, printer)).toBe(0);
    const [heading, ...lines] = printer.printed;
    expect(heading).toMatch(/^pool +server +address +state/);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^brokers +b +127\.0\.0\.1:2 +no check +1 +0 +0 +0 +2\d{3}-/);
  });
});

describe("ctlStatus", () => {
  it("prints the process, its listeners and its workers", async () => {
    const printer = new KeptPrinter();
    expect(await ctlStatus(admin.url, printer)).toBe(0);
    const text = printer.printed.join("\n");
    expect(text).toContain(`process ${process.pid}`);
    expect(text).toMatch(/^mqtt +127\.0\.0\.1:\d+ +mqtt +brokers +0/m);
    expect(text).toMatch(/^1 +serving +epoll +0 +0$/m);
  });
});
