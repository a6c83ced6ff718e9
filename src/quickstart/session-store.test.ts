import { describe, expect, it } from "vitest";
import { ClusterCounters, type Gauge, NodeCounters } from "./counters.ts";
import { resolveLimits } from "./limits.ts";
import type { Session, Subscription } from "./session.ts";
import { SessionStore } from "./session-store.ts";

function makeStore(sessionsMax = 10) {
  const cluster = new ClusterCounters();
  const store = new SessionStore(resolveLimits({ sessionsMax }), cluster);
  return { store, cluster, one: new NodeCounters(), two: new NodeCounters() };
}

function subscription(session: Session, filter: string, group: string | null = null): Subscription {
  const rest = { qos: 0, noLocal: false, retainAsPublished: false, id: 0 } as const;
  return { session, text: `${group}:${filter}`, filter, group, ...rest };
}

function counts(node: NodeCounters): number[] {
  const gauges: Gauge[] = [
    node.sessions,
    node.subscribers,
    node.subscriptions,
    node.sharedSubscriptions,
    node.durableSubscriptions,
  ];
  return gauges.map(({ count }) => count);
}

describe("SessionStore", () => {
  it("makes no more sessions than there may be", () => {
    const { store, one, cluster } = makeStore(1);
    const session = store.make("a", one);
    expect(session).not.toBeNull();
    expect(store.make("b", one)).toBeNull();
    store.remove(session!);
    expect(store.make("b", one)).not.toBeNull();
    expect([store.count, cluster.sessions.count, cluster.sessions.max]).toEqual([1, 1, 1]);
  });

  it("counts sessions and subscriptions on the node they are on", () => {
    const { store, one, two } = makeStore();
    const session = store.make("a", one)!;
    const shared = subscription(session, "y", "group");
    store.addSubscription(subscription(session, "x"));
    store.addSubscription(subscription(session, "x"));
    store.addSubscription(shared);
    expect(counts(one)).toEqual([1, 1, 2, 1, 0]);
    store.setExpiry(session, 1000);
    expect(counts(one)).toEqual([1, 1, 2, 1, 2]);
    store.move(session, two);
    store.move(session, two);
    expect(counts(one)).toEqual([0, 0, 0, 0, 0]);
    expect(counts(two)).toEqual([1, 1, 2, 1, 2]);
    store.removeSubscription(shared);
    expect(counts(two)).toEqual([1, 1, 1, 0, 1]);
    store.remove(session);
    expect(counts(two)).toEqual([0, 0, 0, 0, 0]);
    expect(store.get("a")).toBeUndefined();
  });
});
