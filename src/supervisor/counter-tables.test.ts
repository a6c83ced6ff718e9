import { describe, expect, it } from "vitest";
import type { CounterTableSettings } from "../config/settings.ts";
import { NO_TABLES, planCounterTables } from "./counter-tables.ts";

const CLIENTS: CounterTableSettings = {
  ...{ name: "clients", keyType: "address", entriesMax: 100, expireMs: 5_000 },
  counters: [{ field: "conn_rate", periodMs: 1_000 }],
};
const USERS: CounterTableSettings = { ...CLIENTS, name: "users", keyType: "text" };

const seed = () => 7;
const names = (tables: readonly { name: string }[]) => tables.map(({ name }) => name);

describe("planCounterTables", () => {
  it("keeps what stays, and its number, whatever order the file has", () => {
    const first = planCounterTables([CLIENTS, USERS], NO_TABLES, seed);
    expect(first[0]).toMatchObject({
      ...{ name: "clients", keyType: "address" },
      settings: { entriesMax: 100, expiryMs: 5_000, seed: 7, counters: CLIENTS.counters },
    });
    const before = { tables: first, isFree: () => true };
    const second = planCounterTables([USERS, { ...CLIENTS, expireMs: 9_000 }], before, seed);
    expect(names(second)).toEqual(["clients", "users"]);
    expect(second[0]!.keys).toBe(first[0]!.keys);
    expect(second[0]!.counts).toBe(first[0]!.counts);
    expect(second[0]!.settings.expiryMs).toBe(9_000);
  });

  it.each<Partial<CounterTableSettings>>([
    { keyType: "text" },
    { entriesMax: 200 },
    { counters: [{ field: "conn_rate", periodMs: 2_000 }] },
  ])("begins anew, under another number, with %o", (change) => {
    const first = planCounterTables([CLIENTS], NO_TABLES, seed);
    const before = { tables: first, isFree: () => true };
    const second = planCounterTables([{ ...CLIENTS, ...change }], before, seed);
    expect(names(second)).toEqual(["", "clients"]);
    expect(second[0]!.keys).toBe(first[0]!.keys);
    expect(second[1]!.keys).not.toBe(first[0]!.keys);
  });

  it("gives a number to another table once nobody is counted in the old one", () => {
    const first = planCounterTables([CLIENTS], NO_TABLES, seed);
    const second = planCounterTables([], { tables: first, isFree: () => true }, seed);
    expect(names(second)).toEqual([""]);
    const used = planCounterTables([USERS], { tables: second, isFree: () => false }, seed);
    expect(names(used)).toEqual(["", "users"]);
    const free = planCounterTables([USERS], { tables: second, isFree: () => true }, seed);
    expect(names(free)).toEqual(["users"]);
    expect(free[0]!.keys).not.toBe(first[0]!.keys);
  });
});
