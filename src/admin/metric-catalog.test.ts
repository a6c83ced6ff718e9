import { describe, expect, it } from "vitest";
import { RULES } from "../mqtt/rule.ts";
import { CLOSE_REASONS } from "../shm/close-reason.ts";
import {
  COUNTER_ROWS,
  COUNTERS,
  type CounterRow,
  LISTENER_COUNTER_ROWS,
  SERVER_COUNTER_ROWS,
} from "../shm/counters.ts";
import {
  type CounterMetric,
  HISTOGRAM_METRICS,
  LISTENER_METRICS,
  PROCESS_METRICS,
  SERVER_METRICS,
} from "./metric-catalog.ts";

/** Histograms are metrics of another kind. */
const COUNTED = Object.fromEntries(
  Object.entries<CounterRow>(COUNTER_ROWS).filter(([, { boundsMs }]) => boundsMs === undefined),
);

const CATALOGUES: readonly [string, Readonly<Record<string, CounterRow>>, CounterMetric[]][] = [
  ["process", COUNTED, PROCESS_METRICS],
  ["server", SERVER_COUNTER_ROWS, SERVER_METRICS],
  ["listener", LISTENER_COUNTER_ROWS, LISTENER_METRICS],
];

function sizeOf(rows: Readonly<Record<string, CounterRow>>): number {
  return Object.values(rows).reduce((sum, row) => sum + row.size, 0);
}

describe.each(CATALOGUES)("the metrics of a %s", (_name, rows, metrics) => {
  it("are the counters, each once", () => {
    expect(metrics).toHaveLength(Object.keys(rows).length);
    const helps = Object.values(rows).map(({ help }) => help);
    expect(metrics.map(({ help }) => help)).toEqual(helps);
  });

  it("show no word twice and none beyond the row", () => {
    const indexes = metrics.flatMap(({ words }) => words.map(({ index }) => index));
    const size = rows === COUNTED ? COUNTERS : sizeOf(rows);
    expect(new Set(indexes).size).toBe(indexes.length);
    expect(Math.max(...indexes)).toBeLessThan(size);
  });

  it("are named as Prometheus wants it", () => {
    for (const [i, { unit, type }] of Object.values(rows).entries()) {
      const { name, scale } = metrics[i]!;
      expect(name).toMatch(/^fairlead_[a-z]+(_[a-z]+)*$/);
      expect(name.endsWith("_total")).toBe(type === "counter");
      if (unit === "bytes") expect(name).toContain("_bytes");
      if (unit === "milliseconds")
        expect([name.includes("_seconds"), scale]).toEqual([true, 0.001]);
    }
  });
});

describe("histograms", () => {
  it("are named in base units, with bounds that rise", () => {
    expect(HISTOGRAM_METRICS).toHaveLength(3);
    for (const { name, boundsMs } of HISTOGRAM_METRICS) {
      expect(name).toMatch(/^fairlead_[a-z_]+_seconds$/);
      expect(boundsMs).toEqual([...boundsMs].sort((a, b) => a - b));
    }
  });
});

describe("metric names", () => {
  it("are all different", () => {
    const counted = CATALOGUES.flatMap(([, , metrics]) => metrics.map(({ name }) => name));
    const names = [...counted, ...HISTOGRAM_METRICS.map(({ name }) => name)];
    expect(new Set(names).size).toBe(names.length);
  });

  it("have every close reason, rule and packet type as a label value", () => {
    const valuesOf = (label: string) =>
      PROCESS_METRICS.filter((metric) => metric.label === label).map(({ words }) => words.length);
    expect(valuesOf("reason")).toEqual([CLOSE_REASONS.length]);
    expect(valuesOf("rule")).toEqual([RULES.length]);
    expect(valuesOf("packet_type")).toEqual([15, 15]);
  });
});
