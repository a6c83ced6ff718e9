// Small charts in SVG: one or two lines over what there is of the last fifteen minutes, and bars of
// shares. Pure.
//
// What a chart shows is said in words too, for those who do not see it.

import { formatShort, formatSpan } from "./format.ts";
import { h, type VNode } from "./vnode.ts";

const WIDTH = 300;
const HEIGHT = 40;
/** Room above the highest point, so that its line is not cut. */
const TOP = 3;
/** Samples that fill the whole width at least: what is younger stands at the right. */
const SAMPLES_MIN = 20;
/** Between parts of a bar, in percent. */
const GAP = 0.4;

export interface ChartLine {
  /** What it is called: `from clients`. */
  readonly name: string;
  /** The oldest first; the last one is now. */
  readonly values: readonly number[];
}

export interface Chart {
  /** What is shown: `Messages a second`. */
  readonly title: string;
  readonly lines: readonly ChartLine[];
  /** Samples that are ever there: the width is that of those there are. */
  readonly samplesMax: number;
  readonly everyMs: number;
  /** How values are written in words. */
  readonly format?: (value: number) => string;
}

/** The highest value comes to the top, nothing to the bottom; the latest stands at the right. */
export function drawChart({ title, lines, samplesMax, everyMs, format }: Chart): VNode {
  const highest = Math.max(1, ...lines.flatMap(({ values }) => values));
  const count = Math.max(0, ...lines.map(({ values }) => values.length));
  const samples = Math.min(samplesMax, Math.max(SAMPLES_MIN, count));
  const label = describe(title, lines, everyMs, format ?? formatShort);
  return h(
    "svg",
    {
      class: "chart",
      role: "img",
      "aria-label": label,
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
    },
    h("line", { class: "base", x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5 }),
    lines.map(({ values }, i) => {
      const points = pointsOf(values, highest, samples);
      const area = i === 0 && h("path", { class: "area", d: areaUnder(points) });
      return [area, h("path", { class: `line line-${i}`, d: lineThrough(points) })];
    }),
  );
}

/** One bar in parts. @param shares 0 to 1 each, 1 together at most */
export function drawShares(label: string, shares: readonly number[]): VNode {
  let from = 0;
  const parts = shares.map((share, i) => {
    const x = from * 100;
    from += share;
    const gap = from < 0.999 ? GAP : 0;
    const width = Math.max(0, share * 100 - gap);
    return width > 0 && h("rect", { class: `part-${i % 6}`, x, y: 0, width, height: 10 });
  });
  return h(
    "svg",
    {
      class: "shares",
      role: "img",
      "aria-label": label,
      viewBox: "0 0 100 10",
      preserveAspectRatio: "none",
    },
    h("rect", { class: "rest", x: 0, y: 0, width: 100, height: 10 }),
    parts,
  );
}

type Point = readonly [x: number, y: number];

function pointsOf(values: readonly number[], highest: number, samples: number): Point[] {
  const step = WIDTH / (samples - 1);
  const scale = (HEIGHT - TOP) / highest;
  return values.map((value, i) => {
    const x = WIDTH - (values.length - 1 - i) * step;
    return [round(x), round(HEIGHT - value * scale)];
  });
}

function lineThrough(points: readonly Point[]): string {
  return points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${x} ${y}`).join("");
}

function areaUnder(points: readonly Point[]): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return "";
  return `${lineThrough(points)}L${last[0]} ${HEIGHT}L${first[0]} ${HEIGHT}Z`;
}

function describe(
  title: string,
  lines: readonly ChartLine[],
  everyMs: number,
  format: (value: number) => string,
): string {
  const sentences = lines.map(({ name, values }) => {
    const now = format(values.at(-1) ?? 0);
    const highest = format(Math.max(0, ...values));
    return `${name}${name === "" ? "" : ": "}${now} now, ${highest} at most`;
  });
  const span = formatSpan((lines[0]?.values.length ?? 0) * everyMs);
  return `${title}, last ${span}: ${sentences.join("; ")}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
