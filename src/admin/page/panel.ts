// A part of the page with a heading of its own. Pure.

import { type Content, h, type VNode } from "./vnode.ts";

/** @param id of the heading, by which the part is named */
export function drawPanel(id: string, title: string, content: Content): VNode {
  return h(
    "section",
    { "aria-labelledby": id, class: "panel", key: id },
    h("h2", { id }, title),
    content,
  );
}
