// What `emqx ctl broker stats` prints, for a node of ours: the same names, the same form. Pure.
//
// EMQX counts a session whose client is away among connections and channels, and those whose client
// is there among live_connections. Retained, topics, routes and cluster_sessions are of the whole
// cluster on every node.

import type { ClusterCounters, Gauge, NodeCounters } from "./counters.ts";

/** Name of a counter, `.count` or `.max` included, to its value. */
export type BrokerStats = Readonly<Record<string, number>>;

const NAME_WIDTH = 30;

/** @returns the counters of one node */
export function brokerStats(node: NodeCounters, cluster: ClusterCounters): BrokerStats {
  const gauges: Record<string, Gauge> = {
    channels: node.sessions,
    cluster_sessions: cluster.sessions,
    connections: node.sessions,
    delayed: cluster.delayed,
    durable_subscriptions: node.durableSubscriptions,
    live_connections: node.live,
    retained: cluster.retained,
    routes: cluster.topics,
    sessions: node.sessions,
    suboptions: node.subscriptions,
    subscribers: node.subscribers,
    subscriptions: node.subscriptions,
    "subscriptions.shared": node.sharedSubscriptions,
    topics: cluster.topics,
  };
  const stats: Record<string, number> = {};
  for (const [name, gauge] of Object.entries(gauges)) {
    stats[`${name}.count`] = gauge.count;
    stats[`${name}.max`] = gauge.max;
  }
  return stats;
}

/** @returns one line for each counter, sorted by name: Erlang's `~-30s: ~w~n` */
export function formatStats(stats: BrokerStats): string {
  return Object.entries(stats)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name.padEnd(NAME_WIDTH)}: ${Math.trunc(value)}\n`)
    .join("");
}
