// From samples to pages: medians, spreads, ratios, as Markdown.

import { isDisturbed } from "./load-run.js";

/** @typedef {import("./load-run.js").Sample} Sample */

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/**
 * @param {string} unit
 * @param {Map<string, Sample[]>} samples by the proxy's name, in order
 * @param {Map<string, string>} titles
 * @returns {string[]}
 */
export function workloadTable(unit, samples, titles) {
  const peers = ["haproxy", "nginx"].filter((name) => samples.get(name)?.length);
  const cpu = new Map([...samples].map(([name, list]) => [name, list.map((s) => s.cpuUs)]));
  const head = [
    "proxy",
    `CPU us a ${unit}`,
    "spread",
    ...peers.map((peer) => `ratio to ${titles.get(peer)}`),
    "a second",
    "p50",
    "p99",
    "CPU of proxy",
    "CPU of load",
    "saturated",
  ];
  const rows = [...samples].map(([name, list]) => {
    const of = (/** @type {keyof Sample} */ key) => median(list.map((s) => Number(s[key])));
    const own = cpu.get(name) ?? [];
    return [
      titles.get(name) ?? name,
      median(own).toFixed(2),
      spread(list.map((s) => s.cpuUs)),
      ...peers.map((peer) => (peer === name ? "1" : ratio(own, cpu.get(peer) ?? []))),
      Math.round(of("perSecond")).toLocaleString("en-US"),
      time(of("p50Ms")),
      time(of("p99Ms")),
      `${of("proxyPercent").toFixed(0)} %`,
      `${of("loadPercent").toFixed(0)} %`,
      saturation(list),
    ];
  });
  return markdownTable([head, ...rows]);
}

/**
 * Problems that a reader of the table must know of.
 * @param {Map<string, Sample[]>} samples @param {Map<string, string>} titles @returns {string[]}
 */
export function workloadNotes(samples, titles) {
  return [...samples].flatMap(([name, list]) => {
    const failures = [...new Set(list.flatMap((sample) => sample.failures))];
    const disturbed = list.filter(isDisturbed).length;
    const notes = failures.slice(0, 3).map((failure) => `${titles.get(name)}: ${failure}`);
    if (disturbed === 0) return notes;
    return [...notes, `${titles.get(name)}: ${disturbed} of ${list.length} runs were disturbed`];
  });
}

/**
 * How many times as much as another, by pairs of one round: a machine that is slower for a while
 * is slower for both.
 * @param {number[]} own @param {number[]} other of the same rounds, in order
 */
export function ratio(own, other) {
  const pairs = own.map((value, i) => value / (other[i] ?? Number.NaN));
  return pairs.length === 0 || pairs.some(Number.isNaN) ? "-" : median(pairs).toFixed(2);
}

/** @param {string[][]} rows the first is the head */
export function markdownTable(rows) {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const line = (/** @type {string[]} */ row) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const [head, ...rest] = rows;
  return [
    line(head ?? []),
    `|${widths.map((n) => "-".repeat(n + 2)).join("|")}|`,
    ...rest.map(line),
  ];
}

/** @param {number[]} values */
function spread(values) {
  return `${Math.min(...values).toFixed(2)} .. ${Math.max(...values).toFixed(2)}`;
}

// A run in which the load had no time left while the proxy had says nothing about its speed.
/** @param {Sample[]} list */
function saturation(list) {
  const sides = [...new Set(list.map((sample) => sample.saturated))].sort();
  return sides.map((side) => (side === "load" ? "**load**" : side)).join(", ");
}

/** @param {number} ms */
function time(ms) {
  if (ms === 0) return "-";
  return ms >= 1 ? `${ms.toFixed(1)} ms` : `${(ms * 1000).toFixed(0)} us`;
}
