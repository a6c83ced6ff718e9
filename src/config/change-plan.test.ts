import { describe, expect, it } from "vitest";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { formatWaiting, planChange, RESTART_KEYS } from "./change-plan.ts";
import { documentSchema } from "./schema.ts";
import { listKeys } from "./schema-walk.ts";

const running = await settingsFrom(TWO_POOLS);

describe("planChange", () => {
  it("lets everything take effect but what the schema says has to wait", async () => {
    const text = TWO_POOLS.replace("workers: 2", "workers: 4")
      .replace("weight: 3", "weight: 4")
      .replace("pool: brokers, ", "pool: brokers, backlog: 9, interface: eth0, ");
    const { settings, waiting } = planChange(
      running,
      await settingsFrom(`${text}reactor: epoll\n`),
    );
    expect(waiting.map(formatWaiting)).toEqual([
      "workers: 2 now, 4 from the next start on",
      "reactor: auto now, epoll from the next start on",
      "listeners.mqtt.backlog: 4096 now, 9 from the next start on",
      "listeners.mqtt.interface: null now, eth0 from the next start on",
    ]);
    expect([settings.workers, settings.reactor]).toEqual([2, "auto"]);
    expect(settings.listeners[0]!.backlog).toBe(4096);
    expect(settings.servers[0]!.weight).toBe(4);
  });

  it("takes a renewed certificate of the admin address, but no other file of it", () => {
    const tls = (certificate: string, fingerprint: string) => {
      const source = { kind: "file", certificate, key: null, ocsp: null };
      const material = { certificates: [{ file: certificate, fingerprint }] };
      return { source: { certificates: [source] }, material };
    };
    const settings = (certificate: string, fingerprint: string) => {
      const admin = { ...running.admin, tls: tls(certificate, fingerprint) };
      return { ...running, admin } as unknown as typeof running;
    };
    const before = settings("a.pem", "old");
    const renewed = planChange(before, settings("a.pem", "new"));
    expect(renewed.waiting).toEqual([]);
    expect(renewed.settings.admin?.tls?.material.certificates[0]).toMatchObject({
      fingerprint: "new",
    });
    const moved = planChange(before, settings("b.pem", "new"));
    expect(moved.waiting.map(({ key }) => key)).toEqual(["admin"]);
    expect(moved.settings.admin?.tls).toBe(before.admin?.tls);
  });

  it("takes other ticket keys at once, and another rotation at the next start", () => {
    const ticketKeys = { files: ["/t.key"], material: [new Uint8Array(80)] };
    const wanted = { ...running, tls: { ticketRotationMs: 1000, ticketKeys } };
    const { settings, waiting } = planChange(running, wanted);
    expect(settings.tls).toEqual({ ...running.tls, ticketKeys });
    expect(waiting.map(({ key }) => key)).toEqual(["tls.ticketRotation"]);
  });

  it("finds nothing that waits where nothing has changed", async () => {
    const again = await settingsFrom(TWO_POOLS);
    expect(planChange(running, again)).toEqual({ settings: again, waiting: [] });
  });
});

describe("RESTART_KEYS", () => {
  it("are the keys whose row in the schema says restart", () => {
    const inSchema = listKeys(documentSchema)
      .filter(({ row }) => row.takesEffect === "restart")
      .map(({ path }) => path.join("."));
    const ofSockets = ["backlog", "transparent", "ipv6Only", "interface"].map(
      (key) => `listeners.<name>.${key}`,
    );
    const known = [...RESTART_KEYS.map(({ key }) => key), ...ofSockets];
    const isKnown = (key: string) => known.some((of) => of === key || key.startsWith(`${of}.`));
    const sections = new Set(known.map((key) => key.replace(/\.[^.]*$/, "")));
    expect(inSchema.filter((key) => !isKnown(key) && !sections.has(key))).toEqual([]);
  });
});
