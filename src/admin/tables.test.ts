import { afterAll, describe, expect, it } from "vitest";
import { TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import { workerSeconds } from "../supervisor/worker-clock.ts";
import { findEntry, listTables, pageEntries } from "./tables.ts";

const COUNTERS = `
counters:
  perClient: { key: address, size: 1000, expire: 1m }
`;
const text = TWO_POOLS.replace("by: client-id, size: 1000", "by: source, size: 100000");
const { supervisor } = await startSupervised(text + COUNTERS);
afterAll(() => supervisor.stop(0));

describe("tables", () => {
  const [sticky, counters] = listTables(supervisor);

  it("are found with what they are known by", () => {
    expect(sticky).toMatchObject({ kind: "stick", name: "brokers", key: "source", size: 100_000 });
    expect(counters).toMatchObject({ kind: "counters", name: "perClient", key: "address" });
  });

  it("are paged over their shards, each entry once", () => {
    if (sticky?.kind !== "stick") throw new Error("Cannot test: there is no sticky table");
    const { table } = sticky;
    expect(table.shardCount).toBeGreaterThan(1);
    for (let i = 0; i < 999; i++) {
      const bytes = Buffer.from(`key-${i}`);
      const key = { bytes, offset: 0, length: bytes.length };
      table.store(key, { server: 0, identity: 0 }, workerSeconds());
    }
    const seen = new Set<string>();
    let cursor: string | null = "0-0";
    let pages = 0;
    while (cursor !== null) {
      const page = pageEntries(sticky, cursor, 10);
      for (const { key } of page.entries) seen.add(Buffer.from(key).toString());
      cursor = page.next;
      pages++;
    }
    expect([seen.size, pages]).toEqual([999, 100]);
  });

  it("are looked at without counting as a use", () => {
    if (sticky?.kind !== "stick") throw new Error("Cannot test: there is no sticky table");
    const bytes = Buffer.from("old");
    const key = { bytes, offset: 0, length: bytes.length };
    sticky.table.store(key, { server: 0, identity: 0 }, workerSeconds() - 60);
    expect(findEntry(sticky, bytes)?.expiresInSeconds).toBeLessThan(40);
    expect(findEntry(sticky, bytes)?.expiresInSeconds).toBeLessThan(40);
    expect(findEntry(sticky, Buffer.from("nobody"))).toBe(null);
    expect(findEntry(counters!, bytes)).toBe(null);
    expect(pageEntries(counters!, "0-0", 10)).toEqual({ entries: [], next: null });
  });
});
