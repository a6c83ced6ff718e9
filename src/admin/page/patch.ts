// Makes the document agree with what views say: elements that stay keep their focus, selection and
// scrolling, only what differs is touched. The one file that writes to the document.
//
// Text is set as text and never as HTML. Listeners are looked up when an event comes, so they may
// change from view to view.

import { browser, type PageElement, type PageNode } from "./browser.ts";
import type { Child, Listener, VNode } from "./vnode.ts";

const HTML = "http://www.w3.org/1999/xhtml";
const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "path", "rect", "line", "title", "g"]);

/** What an element was made from; absent for text. */
const sources = new WeakMap<PageNode, VNode>();

/** Makes the children of an element those that are given. */
export function patchChildren(parent: PageElement, children: readonly Child[]): void {
  const old = Array.from(parent.childNodes);
  const keyed = new Map<string, PageNode>();
  for (const node of old) {
    const key = sources.get(node)?.key ?? null;
    if (key !== null) keyed.set(key, node);
  }
  const kept = new Set<PageNode>();
  for (const [i, child] of children.entries()) {
    const candidate = candidateFor(child, old[i], keyed, kept);
    const node = candidate === null ? create(child) : update(candidate, child);
    kept.add(node);
    const there = parent.childNodes[i] ?? null;
    if (there !== node) parent.insertBefore(node, there);
  }
  for (const node of Array.from(parent.childNodes)) {
    if (!kept.has(node)) parent.removeChild(node);
  }
}

// The element of the same key, or the one in the same place when it has the same tag and no key.
function candidateFor(
  child: Child,
  inPlace: PageNode | undefined,
  keyed: ReadonlyMap<string, PageNode>,
  kept: ReadonlySet<PageNode>,
): PageNode | null {
  const key = typeof child === "string" ? null : child.key;
  const candidate = key === null ? inPlace : keyed.get(key);
  if (candidate === undefined || kept.has(candidate)) return null;
  const source = sources.get(candidate) ?? null;
  if (typeof child === "string") return source === null ? candidate : null;
  return source !== null && source.tag === child.tag && source.key === key ? candidate : null;
}

function create(child: Child): PageNode {
  if (typeof child === "string") return browser.document.createTextNode(child);
  const namespace = SVG_TAGS.has(child.tag) ? SVG : HTML;
  const element = browser.document.createElementNS(namespace, child.tag);
  for (const type of Object.keys(child.listeners)) listen(element, type);
  for (const [name, value] of Object.entries(child.attributes)) element.setAttribute(name, value);
  patchChildren(element, child.children);
  sources.set(element, child);
  return element;
}

function update(node: PageNode, child: Child): PageNode {
  if (typeof child === "string") {
    if (node.textContent !== child) node.textContent = child;
    return node;
  }
  const element = node as PageElement;
  const before = sources.get(element)!;
  for (const [name, value] of Object.entries(child.attributes)) {
    if (before.attributes[name] !== value) element.setAttribute(name, value);
  }
  for (const name of Object.keys(before.attributes)) {
    if (!(name in child.attributes)) element.removeAttribute(name);
  }
  for (const type of Object.keys(child.listeners)) {
    if (!(type in before.listeners)) listen(element, type);
  }
  patchChildren(element, child.children);
  sources.set(element, child);
  return element;
}

function listen(element: PageElement, type: string): void {
  element.addEventListener(type, (event: Parameters<Listener>[0]) =>
    sources.get(element)?.listeners[type]?.(event),
  );
}
