import { describe, expect, it } from "vitest";
import { History, type Reading, SAMPLES_KEPT, SUBJECTS_MAX } from "./history.ts";

function reading(subject: string, connections: number, connects: number): Reading {
  return { subject, levels: { connections }, counts: { connects } };
}

const everything = () => true;

describe("History", () => {
  it("keeps levels as they are and counts as rates a second", () => {
    const history = new History();
    history.take(1_000, [reading("a", 5, 100)]);
    history.take(3_000, [reading("a", 7, 130)]);
    expect(history.latest("a")).toEqual({ connections: 7, connects: 15 });
    expect(history.view(everything)).toMatchObject({
      sample: 2,
      subjects: { a: { connections: [5, 7], connects: [0, 15] } },
    });
  });

  it("keeps the latest samples and gives up the oldest", () => {
    const history = new History();
    for (let i = 1; i <= SAMPLES_KEPT + 2; i++) history.take(i * 1_000, [reading("a", i, i)]);
    const { connections } = history.view(everything).subjects["a"]!;
    expect(connections).toHaveLength(SAMPLES_KEPT);
    expect([connections![0], connections!.at(-1)]).toEqual([3, SAMPLES_KEPT + 2]);
  });

  it("takes a counter that starts again for nothing, not for a fall", () => {
    const history = new History();
    history.take(0, [reading("a", 0, 100)]);
    history.take(1_000, [reading("a", 0, 3)]);
    expect(history.latest("a")["connects"]).toBe(0);
  });

  it("forgets who is gone, and takes no more than it has room for", () => {
    const history = new History();
    history.take(0, [reading("a", 1, 1)]);
    const many = Array.from({ length: SUBJECTS_MAX + 1 }, (_, i) => reading(`s${i}`, i, i));
    history.take(1_000, many);
    expect(history.latest("a")).toEqual({});
    expect(Object.keys(history.view(everything).subjects)).toHaveLength(SUBJECTS_MAX);
  });

  it("gives only what is wanted", () => {
    const history = new History();
    history.take(0, [reading("a", 1, 1)]);
    const { subjects } = history.view((_, name) => name === "connections");
    expect(subjects).toEqual({ a: { connections: [1] } });
  });
});
