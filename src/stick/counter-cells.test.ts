import { describe, expect, it } from "vitest";
import { AssertionFailure } from "../assert.ts";
import { counterNumber } from "../rules/counter-fields.ts";
import { CounterCells, NOT_STORED } from "./counter-cells.ts";
import { layoutOf, type StoredCounter } from "./counter-layout.ts";

const COUNTERS: readonly StoredCounter[] = [
  { field: "conn_cur", periodMs: 0 },
  { field: "gpc0", periodMs: 0 },
  { field: "gpc0_rate", periodMs: 1000 },
  { field: "bytes_in_cnt", periodMs: 0 },
  { field: "byte_meter", periodMs: 0 },
];
const CURRENT = counterNumber("conn_cur");
const GPC0 = counterNumber("gpc0");
const GPC0_RATE = counterNumber("gpc0_rate");
const BYTES_IN = counterNumber("bytes_in_cnt");
const METER = counterNumber("byte_meter");
const BYTES_OUT = counterNumber("bytes_out_cnt");

function makeCells(entries = 3): CounterCells {
  const { entryWords } = layoutOf(COUNTERS);
  return new CounterCells(new SharedArrayBuffer(entries * entryWords * 4), COUNTERS);
}

describe("CounterCells", () => {
  it("keeps entries apart, and clears one of them", () => {
    const cells = makeCells();
    for (const index of [0, 1, 2]) cells.add(index, GPC0, 10 + index, 1000);
    cells.clear(1);
    expect([0, 1, 2].map((index) => cells.read(index, GPC0, 1000))).toEqual([10, 0, 12]);
  });

  it("counts the rate of what is counted", () => {
    const cells = makeCells();
    expect(cells.add(0, GPC0, 3, 1000)).toBe(3);
    expect(cells.add(0, GPC0, 4, 1100)).toBe(7);
    expect(cells.read(0, GPC0_RATE, 1100)).toBe(7);
    expect([cells.read(0, GPC0, 9000), cells.read(0, GPC0_RATE, 9000)]).toEqual([7, 0]);
  });

  it("holds bytes beyond 32 bits, and sets them", () => {
    const cells = makeCells();
    cells.add(2, BYTES_IN, 3 * 2 ** 32 + 5, 1000);
    expect(cells.add(2, BYTES_IN, 1, 1000)).toBe(3 * 2 ** 32 + 6);
    expect(cells.exchange(2, BYTES_IN, 2 ** 52, 1000)).toBe(3 * 2 ** 32 + 6);
    expect(cells.read(2, BYTES_IN, 1000)).toBe(2 ** 52);
  });

  it("says what it does not hold, and sets no rate", () => {
    const cells = makeCells();
    expect(cells.read(0, BYTES_OUT, 1000)).toBe(NOT_STORED);
    expect(cells.add(0, BYTES_OUT, 1, 1000)).toBe(NOT_STORED);
    expect(cells.exchange(0, BYTES_OUT, 1, 1000)).toBe(NOT_STORED);
    expect(cells.exchange(0, GPC0_RATE, 1, 1000)).toBe(NOT_STORED);
    expect(() => cells.read(0, 999, 1000)).toThrow(AssertionFailure);
  });

  it("takes one as long as there is one", () => {
    const cells = makeCells();
    cells.add(0, CURRENT, 1, 1000);
    cells.takeOne(0, CURRENT);
    cells.takeOne(0, CURRENT);
    cells.takeOne(0, BYTES_OUT);
    expect(cells.read(0, CURRENT, 1000)).toBe(0);
  });

  it("lets time pay off what a meter was charged", () => {
    const cells = makeCells();
    expect(cells.charge(0, METER, 5_000, 1000)).toBe(5_000);
    expect(cells.charge(0, METER, 5_000, 1002)).toBe(8_000);
    expect(cells.charge(0, METER, 1, 2000)).toBe(1);
    expect(cells.charge(0, BYTES_OUT, 1, 2000)).toBe(0);
    expect(() => cells.charge(0, METER, -1, 2000)).toThrow("paid off by time");
  });
});
