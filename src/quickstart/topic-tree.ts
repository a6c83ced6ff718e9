// Who subscribes to what: a tree with one level of a topic filter a step. Finding the subscribers
// of a topic costs its levels and what matches, not the number of subscriptions.
//
//   "a/+/c" and "a/#":        root ── a ─┬─ + ── c   {entries}
//                                        └─ #        {entries}
//
// Pure. Filters and topics are valid when they come here (topic-filter.ts), which bounds the depth.

interface TreeNode<T> {
  readonly children: Map<string, TreeNode<T>>;
  readonly entries: Map<string, T>;
}

export class TopicTree<T> {
  readonly #root: TreeNode<T> = makeNode();
  #filters = 0;

  /** Distinct filters with at least one entry. */
  get filterCount(): number {
    return this.#filters;
  }

  get(filter: string, key: string): T | undefined {
    return this.#find(filter)?.entries.get(key);
  }

  /** Adds an entry, or replaces the one of the same filter and key. */
  set(filter: string, key: string, value: T): void {
    let node = this.#root;
    for (const level of filter.split("/")) {
      let child = node.children.get(level);
      if (child === undefined) {
        child = makeNode();
        node.children.set(level, child);
      }
      node = child;
    }
    if (node.entries.size === 0) this.#filters++;
    node.entries.set(key, value);
  }

  /** Removes an entry and the branches that have become empty. */
  delete(filter: string, key: string): boolean {
    const levels = filter.split("/");
    const path = [this.#root];
    for (const level of levels) {
      const child = path[path.length - 1]!.children.get(level);
      if (child === undefined) return false;
      path.push(child);
    }
    const last = path[path.length - 1]!;
    if (!last.entries.delete(key)) return false;
    if (last.entries.size === 0) this.#filters--;
    for (let i = levels.length; i > 0 && isEmpty(path[i]!); i--) {
      path[i - 1]!.children.delete(levels[i - 1]!);
    }
    return true;
  }

  /** Appends every entry whose filter matches `topic` to `found`. */
  match(topic: string, found: T[]): void {
    if (this.#filters === 0) return;
    const levels = topic.split("/");
    if (!topic.startsWith("$")) {
      collect(this.#root, levels, 0, found);
      return;
    }
    // [MQTT-4.7.2-1]: only filters that spell the first level out match names that begin with $.
    const branch = this.#root.children.get(levels[0]!);
    if (branch !== undefined) collect(branch, levels, 1, found);
  }

  /** Whether some filter begins with this very level; lets a caller skip making a message. */
  hasBranch(firstLevel: string): boolean {
    return this.#root.children.has(firstLevel);
  }

  #find(filter: string): TreeNode<T> | undefined {
    let node: TreeNode<T> | undefined = this.#root;
    for (const level of filter.split("/")) {
      node = node.children.get(level);
      if (node === undefined) return undefined;
    }
    return node;
  }
}

function collect<T>(node: TreeNode<T>, levels: readonly string[], at: number, found: T[]): void {
  // "a/#" matches "a" itself too (4.7.1.2).
  takeEntries(node.children.get("#"), found);
  if (at === levels.length) {
    takeEntries(node, found);
    return;
  }
  const exact = node.children.get(levels[at]!);
  if (exact !== undefined) collect(exact, levels, at + 1, found);
  const any = node.children.get("+");
  if (any !== undefined) collect(any, levels, at + 1, found);
}

function takeEntries<T>(node: TreeNode<T> | undefined, found: T[]): void {
  if (node === undefined || node.entries.size === 0) return;
  for (const value of node.entries.values()) found.push(value);
}

function makeNode<T>(): TreeNode<T> {
  return { children: new Map(), entries: new Map() };
}

function isEmpty<T>(node: TreeNode<T>): boolean {
  return node.entries.size === 0 && node.children.size === 0;
}
