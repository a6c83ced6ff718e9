import { describe, expect, it } from "vitest";
import { DnsServer } from "../../tests/fixtures/dns-server.ts";
import { FakeWorkers } from "../../tests/fixtures/fake-workers.ts";
import { makeMemoryLogger } from "../../tests/fixtures/memory-logger.ts";
import { settingsFrom } from "../../tests/fixtures/settings.ts";
import { closeAtEnd } from "../../tests/process/close-at-end.ts";
import { Placing } from "./placing.ts";
import { Supervisor } from "./supervisor.ts";

const A = { "brokers.example": ["127.0.0.2", "127.0.0.3"] };

function configOf(dns: DnsServer, slots = 2): string {
  return `
listeners: { mqtt: { listen: "127.0.0.1:1883", pool: p } }
resolvers: { dns: { nameServers: ["${dns.address}"], interval: 100ms, retry: 500ms, retries: 1,
  hold: { timeout: 0s } } }
pools:
  p:
    check: { type: none }
    servers:
      - { name: b, address: "brokers.example:1884", resolver: dns, prefer: ipv4, slots: ${slots} }
`;
}

async function start() {
  const dns = closeAtEnd(await DnsServer.start({ a: A }));
  const { logger, lines } = makeMemoryLogger();
  const settings = await settingsFrom(configOf(dns));
  return { dns, logger, lines, settings };
}

function addresses({ settings }: Supervisor): string[] {
  return settings.servers.map(({ name, discovery, endpoint }) => {
    return `${name} ${discovery?.isPlaced ? endpoint.subarray(12, 16).join(".") : "nowhere"}`;
  });
}

describe("Placing", () => {
  it("awaits the first answers", async () => {
    const { logger, settings } = await start();
    const placed = await Placing.start(settings, { logger });
    closeAtEnd({ close: () => placed.stop() });
    expect(placed.settings().servers.map(({ discovery }) => discovery?.isPlaced)).toEqual([
      true,
      true,
    ]);
  });

  it("says what it cannot look up, and how many have no slot", async () => {
    const { dns, logger, lines } = await start();
    const few = await settingsFrom(configOf(dns, 1));
    const placed = await Placing.start(few, { logger });
    closeAtEnd({ close: () => placed.stop() });
    dns.mood = "is silent";
    await expect
      .poll(() => lines.map(({ msg }) => msg))
      .toEqual([
        'Host name "brokers.example" has more addresses than slots: 1 left out',
        'Host name "brokers.example" cannot be looked up: no name server answers',
      ]);
  });
});

describe("a supervisor", () => {
  it("moves servers as the DNS says, and puts those who are nowhere into maintenance", async () => {
    const { dns, logger, lines, settings } = await start();
    const { startThread } = new FakeWorkers();
    const supervisor = await Supervisor.start({ settings, coreCount: 1, logger, startThread });
    closeAtEnd({ close: () => supervisor.stop(0) });
    const there = () => {
      const { roster, health } = supervisor;
      return roster.servers.map((number) => {
        return `${addresses(supervisor)[number]} ${health.status(number).admin}`;
      });
    };
    await expect.poll(there).toEqual(["b1 127.0.0.2 ready", "b2 127.0.0.3 ready"]);
    dns.zone = { a: { "brokers.example": ["127.0.0.3", "127.0.0.4"] } };
    await expect.poll(there).toEqual(["b1 127.0.0.4 ready", "b2 127.0.0.3 ready"]);
    dns.mood = "is silent";
    await expect.poll(there).toEqual(["b1 nowhere maintenance", "b2 nowhere maintenance"]);
    dns.mood = "answers";
    await expect.poll(there).toEqual(["b1 127.0.0.3 ready", "b2 127.0.0.4 ready"]);
    expect(lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("follows a reload to other names, and back", async () => {
    const { dns, logger, settings } = await start();
    const { startThread } = new FakeWorkers();
    const supervisor = await Supervisor.start({ settings, coreCount: 1, logger, startThread });
    closeAtEnd({ close: () => supervisor.stop(0) });
    supervisor.apply(await settingsFrom(configOf(dns, 1)));
    await expect.poll(() => supervisor.roster.servers.length).toBe(1);
    supervisor.apply(settings);
    await expect
      .poll(() => supervisor.roster.servers.map((number) => addresses(supervisor)[number]))
      .toEqual(["b1 127.0.0.2", "b2 127.0.0.3"]);
  });
});
