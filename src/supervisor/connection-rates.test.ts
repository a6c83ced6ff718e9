import { describe, expect, it } from "vitest";
import { type LiveRow, writeLiveRows } from "../../tests/fixtures/live-rows.ts";
import { createConnectionColumns } from "../shm/connection-columns.ts";
import { ConnectionRates } from "./connection-rates.ts";

const MAX = 10;

function ratesOf(rows: readonly LiveRow[]) {
  const buffer = createConnectionColumns(MAX);
  const columns = writeLiveRows(buffer, MAX, rows);
  const add = (more: readonly LiveRow[]) => writeLiveRows(buffer, MAX, more);
  return { columns, add, rates: new ConnectionRates([columns]) };
}

const ROW: LiveRow = { bytes: [1_000, 500], packets: [10, 5], acceptedAtMs: 0 };
const bytesIn = (rates: ConnectionRates, nowMs: number, row = 0) =>
  rates.since(nowMs).of(0, row).bytesIn;

describe("ConnectionRates", () => {
  it("measure against the look a moment ago, each connection by its own row", () => {
    const { columns, add, rates } = ratesOf([ROW]);
    rates.since(10_000);
    columns.bytes[0] = 3_000;
    columns.packets.set([12, 9]);
    add([{ ...ROW, bytes: [400, 0] }]);
    const since = rates.since(12_000);
    expect(since.of(0, 0)).toEqual({ bytesIn: 1_000, bytesOut: 0, packetsIn: 1, packetsOut: 2 });
    expect([since.rank(0, 0, "packets"), since.rank(0, 0, "bytes")]).toEqual([3, 1_000]);
    // Who has come since has nothing from before.
    expect(since.of(0, 1).bytesIn).toBe(200);
  });

  it("take a row that has passed on for another connection", () => {
    const { columns, rates } = ratesOf([ROW]);
    rates.since(10_000);
    columns.serial[0]! += 1;
    columns.bytes[0] = 100;
    expect(bytesIn(rates, 11_000)).toBe(100);
  });

  it("are those since it came where nobody has asked before, or too long ago", () => {
    const { rates } = ratesOf([ROW, { ...ROW, acceptedAtMs: 9_990 }]);
    expect(bytesIn(rates, 10_000)).toBe(100);
    expect(rates.since(10_001).of(0, 1).bytesIn).toBe(1_000);
    expect(bytesIn(rates, 100_000)).toBe(10);
  });

  it("keep a look that is far enough away, however many ask", () => {
    const { columns, rates } = ratesOf([ROW]);
    for (const [nowMs, total, rate] of [
      [10_000, 1_000, 100],
      [11_000, 2_000, 1_000],
      // Against the look at 10,000: the one at 11,000 is too near.
      [11_100, 2_100, 1_000],
      [11_950, 2_950, 1_000],
      [12_000, 4_950, 2_950],
    ] as const) {
      columns.bytes[0] = total;
      expect(bytesIn(rates, nowMs), `at ${nowMs}`).toBe(rate);
    }
  });
});
