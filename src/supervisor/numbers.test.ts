import { describe, expect, it } from "vitest";
import { assignNumbers, freeNumbers, NOBODY, type Numbering } from "./numbers.ts";

function assign(before: Numbering, keys: string[], max = 10): Numbering {
  const numbering = assignNumbers(before, keys, max);
  if (numbering === null) throw new Error("Cannot assign numbers");
  return numbering;
}

describe("assignNumbers", () => {
  it("numbers the first ones in their order", () => {
    expect([...assign(NOBODY, ["a", "b", "c"]).numbers]).toEqual([
      ["a", 0],
      ["b", 1],
      ["c", 2],
    ]);
  });

  it("lets those who stay keep their numbers, whatever the order", () => {
    const before = assign(NOBODY, ["a", "b", "c"]);
    const { numbers, retired } = assign(before, ["d", "c", "a"]);
    expect(Object.fromEntries(numbers)).toEqual({ a: 0, b: 1, c: 2, d: 3 });
    expect([...retired]).toEqual(["b"]);
  });

  it("gives a number back to its owner who returns before it was freed", () => {
    const before = assign(assign(NOBODY, ["a", "b"]), ["a"]);
    const { numbers, retired } = assign(before, ["b"]);
    expect(numbers.get("b")).toBe(1);
    expect([...retired]).toEqual(["a"]);
  });

  it("answers null when those who are not freed yet leave too few places", () => {
    const before = assign(NOBODY, ["a", "b"], 2);
    expect(assignNumbers(before, ["a", "c"], 2)).toBeNull();
    expect(assignNumbers(before, ["b"], 2)?.numbers.size).toBe(2);
  });
});

describe("freeNumbers", () => {
  it("lets the next newcomer have a freed number", () => {
    const before = assign(assign(NOBODY, ["a", "b", "c"]), ["a", "c"]);
    const { numbers } = assign(freeNumbers(before, ["b"]), ["a", "c", "d"]);
    expect(numbers.get("d")).toBe(1);
  });

  it("frees nobody who is there", () => {
    const before = assign(NOBODY, ["a"]);
    expect(freeNumbers(before, ["a"]).numbers.get("a")).toBe(0);
  });
});
