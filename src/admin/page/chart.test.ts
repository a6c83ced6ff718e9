import { expect, it } from "vitest";
import { drawChart, drawShares } from "./chart.ts";
import type { Child, VNode } from "./vnode.ts";

function pathsOf(node: VNode): string[] {
  const isNode = (child: Child): child is VNode => typeof child !== "string";
  return node.children.filter(isNode).flatMap(({ attributes }) => attributes["d"] ?? []);
}

it("puts the latest sample at the right and the highest at the top", () => {
  const line = { name: "", values: [0, 10, 5] };
  const chart = drawChart({ title: "Connections", lines: [line], samplesMax: 4, everyMs: 3_000 });
  expect(pathsOf(chart)).toEqual([
    "M100 40L200 3L300 21.5L300 40L100 40Z",
    "M100 40L200 3L300 21.5",
  ]);
  expect(chart.attributes["aria-label"]).toBe("Connections, last 9 s: 5 now, 10 at most");
});

it("fills the width with what there is, once that is enough to be seen", () => {
  const firstX = (count: number) => {
    const values = Array.from({ length: count }, () => 1);
    const lines = [{ name: "", values }];
    const chart = drawChart({ title: "Connections", lines, samplesMax: 300, everyMs: 3_000 });
    return Number(/^M([\d.]+) /.exec(pathsOf(chart)[1]!)![1]);
  };
  expect([2, 20, 21, 300].map(firstX)).toEqual([284.21, 0, 0, 0]);
});

it("draws nothing of nothing, and names lines where there are two", () => {
  const lines = ["in", "out"].map((name) => ({ name, values: [] }));
  const chart = drawChart({ title: "Messages", lines, samplesMax: 4, everyMs: 3_000 });
  expect(pathsOf(chart)).toEqual(["", "", ""]);
  expect(chart.attributes["aria-label"]).toBe(
    "Messages, last 0 s: in: 0 now, 0 at most; out: 0 now, 0 at most",
  );
});

it("draws shares one behind the other", () => {
  const { children } = drawShares("b1 half, b2 half", [0.5, 0.5]);
  const parts = children.slice(1) as VNode[];
  expect(parts.map(({ attributes }) => attributes["x"])).toEqual(["0", "50"]);
});
