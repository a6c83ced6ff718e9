// The sessions of the cluster by client id: found, made, moved between nodes, ended. At most
// `sessionsMax`. Keeps the gauges of the nodes in step with what is in it.

import type { ClusterCounters, NodeCounters } from "./counters.ts";
import type { QueueBudget } from "./delivery-queue.ts";
import type { Limits } from "./limits.ts";
import { Session, type Subscription } from "./session.ts";

export class SessionStore {
  readonly #sessions = new Map<string, Session>();
  readonly #limits: Limits;
  readonly #counters: ClusterCounters;
  readonly #budget: QueueBudget;

  constructor(limits: Limits, counters: ClusterCounters) {
    this.#limits = limits;
    this.#counters = counters;
    this.#budget = { maxBytes: limits.queuesMaxBytes, usedBytes: 0 };
  }

  get count(): number {
    return this.#sessions.size;
  }

  get(clientId: string): Session | undefined {
    return this.#sessions.get(clientId);
  }

  values(): IterableIterator<Session> {
    return this.#sessions.values();
  }

  /** @returns a new session, or null when there are as many as may be */
  make(clientId: string, node: NodeCounters): Session | null {
    if (this.#sessions.size >= this.#limits.sessionsMax) return null;
    const session = new Session(clientId, node, this.#limits, this.#budget);
    this.#sessions.set(clientId, session);
    node.sessions.add(1);
    this.#counters.sessions.set(this.#sessions.size);
    return session;
  }

  /** The client has come back on another node: what the session counts for moves there. */
  move(session: Session, node: NodeCounters): void {
    if (session.counters === node) return;
    this.#weigh(session, -1);
    session.counters = node;
    this.#weigh(session, 1);
  }

  /** Sets how long the session outlives its connection. */
  setExpiry(session: Session, expiryMs: number): void {
    const before = durableCount(session);
    session.expiryMs = expiryMs;
    session.counters.durableSubscriptions.add(durableCount(session) - before);
  }

  /** Forgets the session. Its subscriptions must be out of the trees already. */
  remove(session: Session): void {
    this.#weigh(session, -1);
    session.clear();
    this.#sessions.delete(session.clientId);
    this.#counters.sessions.set(this.#sessions.size);
  }

  addSubscription(subscription: Subscription): void {
    const { subscriptions } = subscription.session;
    const replaces = subscriptions.has(subscription.text);
    subscriptions.set(subscription.text, subscription);
    if (!replaces) this.#countSubscription(subscription, 1);
  }

  removeSubscription(subscription: Subscription): void {
    this.#countSubscription(subscription, -1);
    subscription.session.subscriptions.delete(subscription.text);
  }

  // Called with the subscription in the session's map.
  #countSubscription({ session, group }: Subscription, sign: 1 | -1): void {
    const { counters, subscriptions } = session;
    counters.subscriptions.add(sign);
    if (group !== null) counters.sharedSubscriptions.add(sign);
    if (session.expiryMs > 0) counters.durableSubscriptions.add(sign);
    if (subscriptions.size === 1) counters.subscribers.add(sign);
  }

  #weigh(session: Session, sign: 1 | -1): void {
    session.counters.sessions.add(sign);
    this.#weighSubscriptions(session, sign);
  }

  #weighSubscriptions(session: Session, sign: 1 | -1): void {
    const { counters, subscriptions } = session;
    if (subscriptions.size === 0) return;
    let shared = 0;
    for (const subscription of subscriptions.values()) if (subscription.group !== null) shared++;
    counters.subscribers.add(sign);
    counters.subscriptions.add(sign * subscriptions.size);
    counters.sharedSubscriptions.add(sign * shared);
    counters.durableSubscriptions.add(sign * durableCount(session));
  }
}

function durableCount(session: Session): number {
  return session.expiryMs > 0 ? session.subscriptions.size : 0;
}
