import { describe, expect, it } from "vitest";
import { ClusterCounters, NodeCounters } from "./counters.ts";
import { brokerStats, formatStats } from "./stats.ts";

describe("brokerStats", () => {
  it("has every counter that emqx ctl broker stats has", () => {
    const stats = brokerStats(new NodeCounters(), new ClusterCounters());
    const names = [
      "channels",
      "cluster_sessions",
      "connections",
      "delayed",
      "durable_subscriptions",
      "live_connections",
      "retained",
      "routes",
      "sessions",
      "suboptions",
      "subscribers",
      "subscriptions",
      "subscriptions.shared",
      "topics",
    ];
    expect(Object.keys(stats)).toEqual(names.flatMap((name) => [`${name}.count`, `${name}.max`]));
  });

  it("counts a session whose client is away as a connection that is not live", () => {
    const node = new NodeCounters();
    node.sessions.add(4);
    node.live.add(4);
    node.live.add(-1);
    const stats = brokerStats(node, new ClusterCounters());
    expect(stats["connections.count"]).toBe(4);
    expect(stats["live_connections.count"]).toBe(3);
    expect(stats["live_connections.max"]).toBe(4);
  });
});

describe("formatStats", () => {
  it("writes one line a counter, sorted, the name in 30 columns", () => {
    expect(formatStats({ "topics.count": 2, "connections.count": 4 })).toBe(
      "connections.count             : 4\ntopics.count                  : 2\n",
    );
  });

  it("shows grep what the load balancer pages of EMQX show", () => {
    const node = new NodeCounters();
    node.sessions.add(4);
    node.live.add(4);
    const text = formatStats(brokerStats(node, new ClusterCounters()));
    expect(text.split("\n").filter((line) => line.includes("connections.count"))).toEqual([
      "connections.count             : 4",
      "live_connections.count        : 4",
    ]);
  });
});
