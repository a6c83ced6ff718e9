import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matches } from "../../tests/fixtures/topic-matching.ts";
import { TopicTree } from "./topic-tree.ts";

const level = fc.constantFrom("a", "b", "", "$x");
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join("/"));
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant("+")), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, rest]) => (rest ? [...levels.slice(1), "#"] : levels).join("/"));

function find(tree: TopicTree<string>, name: string): string[] {
  const found: string[] = [];
  tree.match(name, found);
  return found.sort();
}

describe("TopicTree", () => {
  it.each([
    ["sport/tennis/player1/#", "sport/tennis/player1", true],
    ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true],
    ["sport/#", "sport", true],
    ["#", "a/b", true],
    ["sport/tennis/+", "sport/tennis/player1", true],
    ["sport/tennis/+", "sport/tennis/player1/ranking", false],
    ["sport/+", "sport", false],
    ["sport/+", "sport/", true],
    ["+/+", "/finance", true],
    ["/+", "/finance", true],
    ["+", "/finance", false],
    ["#", "$SYS/broker", false],
    ["+/monitor/Clients", "$SYS/monitor/Clients", false],
    ["$SYS/#", "$SYS/monitor", true],
    ["$SYS/monitor/+", "$SYS/monitor/Clients", true],
  ])("%s and %s: %s, as section 4.7 says", (filter, topic, expected) => {
    const tree = new TopicTree<string>();
    tree.set(filter, "key", filter);
    expect(find(tree, topic)).toEqual(expected ? [filter] : []);
    expect(matches(filter, topic)).toBe(expected);
  });

  it("finds what comparing with every filter finds", () => {
    fc.assert(
      fc.property(fc.uniqueArray(filter, { maxLength: 20 }), topic, (filters, name) => {
        const tree = new TopicTree<string>();
        for (const text of filters) tree.set(text, "key", text);
        expect(find(tree, name)).toEqual(filters.filter((text) => matches(text, name)).sort());
      }),
      { numRuns: 2000 },
    );
  });

  it("forgets what is removed and keeps the rest", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(filter, { maxLength: 20 }),
        fc.array(fc.nat(19)),
        topic,
        (filters, removed, name) => {
          const tree = new TopicTree<string>();
          for (const text of filters) tree.set(text, "key", text);
          const gone = new Set(removed.flatMap((i) => filters[i] ?? []));
          for (const text of gone) expect(tree.delete(text, "key")).toBe(true);
          const left = filters.filter((text) => !gone.has(text));
          expect(find(tree, name)).toEqual(left.filter((text) => matches(text, name)).sort());
          expect(tree.filterCount).toBe(left.length);
        },
      ),
    );
  });

  it("keeps entries of one filter apart by key", () => {
    const tree = new TopicTree<string>();
    tree.set("a/+", "one", "1");
    tree.set("a/+", "two", "2");
    tree.set("a/+", "one", "changed");
    expect(tree.filterCount).toBe(1);
    expect(find(tree, "a/x")).toEqual(["2", "changed"]);
    expect(tree.get("a/+", "two")).toBe("2");
    expect(tree.delete("a/+", "three")).toBe(false);
    expect(tree.delete("b/+", "one")).toBe(false);
  });

  it("leaves no branches behind", () => {
    const tree = new TopicTree<string>();
    tree.set("a/b/c", "key", "deep");
    tree.set("a/b", "key", "shallow");
    expect(tree.hasBranch("a")).toBe(true);
    tree.delete("a/b/c", "key");
    expect(find(tree, "a/b")).toEqual(["shallow"]);
    tree.delete("a/b", "key");
    expect(tree.hasBranch("a")).toBe(false);
  });
});
