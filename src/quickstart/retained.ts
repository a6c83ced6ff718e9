// Retained messages: the last message of a topic, kept for those who subscribe later (MQTT 5.0
// section 3.3.1.3). At most `countMax` topics; a message past its expiry counts as absent.
// No clock and no delivery: time comes in, messages go out.

import type { Message } from "./message.ts";

interface RetainedNode {
  readonly children: Map<string, RetainedNode>;
  message: Message | null;
}

export class RetainedStore {
  readonly #root: RetainedNode = makeNode();
  readonly #countMax: number;
  #count = 0;

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Keeps the message for its topic; an empty payload removes what is there [MQTT-3.3.1-6, -7].
   * @returns false when the store is full and the topic is not in it
   */
  store(message: Message): boolean {
    if (message.payload.length === 0) {
      this.#remove(message.topic);
      return true;
    }
    const node = this.#find(message.topic);
    if (node !== undefined && node.message !== null) {
      node.message = message.keep();
      return true;
    }
    if (this.#count >= this.#countMax) return false;
    this.#make(message.topic).message = message.keep();
    this.#count++;
    return true;
  }

  /** @returns the retained messages that a new subscription to `filter` is sent */
  match(filter: string, nowMs: number): Message[] {
    const found: Message[] = [];
    collect(this.#root, filter.split("/"), 0, found);
    return found.filter((message) => !message.isExpired(nowMs));
  }

  /**
   * Forgets messages past their expiry. Walks all of them: for now and then, not for each packet.
   */
  dropExpired(nowMs: number): void {
    const all: Message[] = [];
    collectAll(this.#root, all);
    for (const message of all) if (message.isExpired(nowMs)) this.#remove(message.topic);
  }

  #find(topic: string): RetainedNode | undefined {
    let node: RetainedNode | undefined = this.#root;
    for (const level of topic.split("/")) {
      node = node.children.get(level);
      if (node === undefined) return undefined;
    }
    return node;
  }

  #make(topic: string): RetainedNode {
    let node = this.#root;
    for (const level of topic.split("/")) {
      let child = node.children.get(level);
      if (child === undefined) {
        child = makeNode();
        node.children.set(level, child);
      }
      node = child;
    }
    return node;
  }

  #remove(topic: string): void {
    const levels = topic.split("/");
    const path = [this.#root];
    for (const level of levels) {
      const child = path[path.length - 1]!.children.get(level);
      if (child === undefined) return;
      path.push(child);
    }
    const last = path[path.length - 1]!;
    if (last.message === null) return;
    last.message = null;
    this.#count--;
    for (let i = levels.length; i > 0; i--) {
      if (path[i]!.message !== null || path[i]!.children.size > 0) break;
      path[i - 1]!.children.delete(levels[i - 1]!);
    }
  }
}

function collect(
  node: RetainedNode,
  wanted: readonly string[],
  at: number,
  found: Message[],
): void {
  if (at === wanted.length) {
    if (node.message !== null) found.push(node.message);
    return;
  }
  const level = wanted[at]!;
  if (level === "#") {
    collectAll(node, found, at === 0);
  } else if (level === "+") {
    for (const [name, child] of node.children) {
      if (at > 0 || !name.startsWith("$")) collect(child, wanted, at + 1, found);
    }
  } else {
    const child = node.children.get(level);
    if (child !== undefined) collect(child, wanted, at + 1, found);
  }
}

// `withoutDollar`: a filter that begins with a wildcard matches no name with $ [MQTT-4.7.2-1].
function collectAll(node: RetainedNode, found: Message[], withoutDollar = false): void {
  if (node.message !== null) found.push(node.message);
  for (const [name, child] of node.children) {
    if (withoutDollar && name.startsWith("$")) continue;
    collectAll(child, found);
  }
}

function makeNode(): RetainedNode {
  return { children: new Map(), message: null };
}
