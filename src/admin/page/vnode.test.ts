import { expect, it } from "vitest";
import { h, textOf, typedIn } from "./vnode.ts";

it("tells attributes, listeners and the key apart", () => {
  const onclick = () => {};
  const node = h("button", { key: "a", type: "button", disabled: true, hidden: false, onclick });
  expect(node).toEqual({
    tag: "button",
    key: "a",
    attributes: { type: "button", disabled: "" },
    listeners: { click: onclick },
    children: [],
  });
});

it("takes texts, numbers, nodes, lists and nothing as content", () => {
  const node = h("p", {}, "a", 1, null, false, [h("b", {}, "c"), ["d"]]);
  expect(textOf(node)).toBe("a 1 c d");
});

it("reads what was typed", () => {
  expect([typedIn({ value: "7" }), typedIn({})]).toEqual(["7", ""]);
});
