import { describe, expect, it } from "vitest";
import { RULES } from "../mqtt/rule.ts";
import { CLOSE_REASONS } from "../shm/close-reason.ts";
import {
  COUNTER_ROWS,
  type CounterRow,
  LISTENER_COUNTER_ROWS,
  SERVER_COUNTER_ROWS,
} from "../shm/counters.ts";
import {
  type CounterMetric,
  HISTOGRAM_METRICS,
  LISTENER_METRICS,
  PROCESS_METRICS,
  PUBLISH_METRICS,
  SERVER_HISTOGRAM_METRICS,
  SERVER_METRICS,
} from "./metric-catalog.ts";

/** Histograms are metrics of another kind. */
const counted = (rows: Readonly<Record<string, CounterRow>>) =>
  Object.fromEntries(Object.entries(rows).filter(([, { bounds }]) => bounds === undefined));

const CATALOGUES: readonly [string, Readonly<Record<string, CounterRow>>, CounterMetric[]][] = [
  ["process", COUNTER_ROWS, PROCESS_METRICS],
  ["server", SERVER_COUNTER_ROWS, SERVER_METRICS],
  ["listener", LISTENER_COUNTER_ROWS, LISTENER_METRICS],
];

function sizeOf(rows: Readonly<Record<string, CounterRow>>): number {
  return Object.values(rows).reduce((sum, row) => sum + row.size, 0);
}

describe.each(CATALOGUES)("the metrics of a %s", (_name, allRows, metrics) => {
  const rows = counted(allRows);

  it("are the counters, each once", () => {
    expect(metrics).toHaveLength(Object.keys(rows).length);
    const helps = Object.values(rows).map(({ help }) => help);
    expect(metrics.map(({ help }) => help)).toEqual(helps);
  });

  it("show no word twice and none beyond the row", () => {
    const indexes = metrics.flatMap(({ words }) => words.flatMap((word) => word.indexes));
    expect(new Set(indexes).size).toBe(indexes.length);
    expect(Math.max(...indexes)).toBeLessThan(sizeOf(allRows));
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
    expect(HISTOGRAM_METRICS).toHaveLength(7);
    for (const { name, bounds } of [...HISTOGRAM_METRICS, ...SERVER_HISTOGRAM_METRICS]) {
      expect(name).toMatch(/^fairlead_[a-z_]+_(seconds|bytes)$/);
      expect(bounds).toEqual([...bounds].sort((a, b) => a - b));
    }
  });
});

describe("metric names", () => {
  it("are all different", () => {
    const plain = CATALOGUES.flatMap(([, , metrics]) => metrics.map(({ name }) => name));
    const others = [...PUBLISH_METRICS, ...HISTOGRAM_METRICS, ...SERVER_HISTOGRAM_METRICS];
    const names = [...plain, ...others.map(({ name }) => name)];
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
