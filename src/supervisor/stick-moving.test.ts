import { describe, expect, it } from "vitest";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { CONTROL_PLANE } from "../shm/shared-state.ts";
import { StickTable } from "../stick/stick-table.ts";
import { createPlan } from "./plan.ts";
import { copyEntries, findStickMoves, renumberEntries, type StickMove } from "./stick-moving.ts";

const file = await settingsFrom(TWO_POOLS);

async function resize(size: number): Promise<StickMove> {
  const before = createPlan(file, 1);
  const text = TWO_POOLS.replace("size: 1000", `size: ${size}`);
  const after = createPlan(await settingsFrom(text), 2, before);
  const [move] = findStickMoves(before, after);
  if (move === undefined) throw new Error("Cannot find the table that moves");
  return move;
}

function keyOf(number: number) {
  const bytes = new TextEncoder().encode(`client-${number}`);
  return { bytes, offset: 0, length: bytes.length };
}

/** Ten a second. */
function usedAt(number: number): number {
  return 1_000 + Math.floor(number / 10);
}

function fill(table: StickTable, count: number): void {
  for (let i = 0; i < count; i++) {
    table.store(keyOf(i), { server: i % 2, identity: i }, usedAt(i));
  }
}

describe("findStickMoves", () => {
  it("finds nothing where the size stays, whatever else of the table changes", async () => {
    const before = createPlan(file, 1);
    const text = TWO_POOLS.replace("expire: 90500ms", "expire: 1h");
    const after = createPlan(await settingsFrom(text), 2, before);
    expect(findStickMoves(before, after)).toEqual([]);
    expect(after.stickTables[0]!.memory).toBe(before.stickTables[0]!.memory);
    expect(after.stickTables[0]!.settings.expirySeconds).toBe(3600);
  });
});

describe("copyEntries", () => {
  it.each([2_000, 20_000])("moves every entry, with its age, to a table for %i", async (size) => {
    const move = await resize(size);
    fill(new StickTable(move.from, CONTROL_PLANE), 300);
    await copyEntries(move, 0);
    const table = new StickTable(move.to, CONTROL_PLANE);
    expect(table.count()).toBe(300);
    expect(table.lookup(keyOf(7), 1_050)).toBe(true);
    expect(table.found).toEqual({ server: 1, identity: 7 });
    expect(table.lookup(keyOf(8), usedAt(8) + 91)).toBe(false);
  });

  it("keeps those used last where there is not room for all", async () => {
    const move = await resize(100);
    fill(new StickTable(move.from, CONTROL_PLANE), 300);
    await copyEntries(move, 0);
    const table = new StickTable(move.to, CONTROL_PLANE);
    const known = Array.from({ length: 300 }, (_, i) => i).filter((i) => {
      return table.lookup(keyOf(i), usedAt(i));
    });
    expect(known).toEqual(Array.from({ length: 100 }, (_, i) => 200 + i));
  });

  it("brings what came since, and leaves alone what the new table knows better", async () => {
    const move = await resize(2_000);
    fill(new StickTable(move.from, CONTROL_PLANE), 300);
    const table = new StickTable(move.to, CONTROL_PLANE);
    table.store(keyOf(299), { server: 5, identity: 5 }, 1_030);
    await copyEntries(move, 1_029);
    expect(table.count()).toBe(10);
    expect(table.lookup(keyOf(299), 1_030) && table.found.server).toBe(5);
  });
});

describe("entries with a time of their own", () => {
  it("keep it in another table, where nobody holds them", async () => {
    const move = await resize(2_000);
    const source = new StickTable(move.from, CONTROL_PLANE);
    for (const i of [1, 2]) source.store(keyOf(i), { server: 0, identity: i }, 1_000, i);
    source.release(keyOf(1), 1, 30, 1_000);
    await copyEntries(move, 1_000);
    const table = new StickTable(move.to, CONTROL_PLANE);
    expect(table.lookup(keyOf(1), 1_030)).toBe(false);
    expect(table.peek(keyOf(2))).toMatchObject({ isHeld: false, termSeconds: 0 });
    expect(table.peek(keyOf(2))!.usedAtSeconds).toBeGreaterThan(1_000);
  });
});

describe("renumberEntries", () => {
  it("gives clients of a server that moved its new number", async () => {
    const plan = createPlan(file, 1);
    const table = new StickTable(plan.stickTables[0]!, CONTROL_PLANE);
    fill(table, 10);
    await renumberEntries(plan.stickTables, new Map([[1, 9]]));
    expect(table.lookup(keyOf(3), 1_009) && table.found.server).toBe(9);
    expect(table.lookup(keyOf(4), 1_009) && table.found.server).toBe(0);
  });
});
