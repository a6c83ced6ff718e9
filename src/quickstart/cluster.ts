// The embedded cluster: N broker nodes on loopback that share one broker, in one process. For
// trying things and for tests; what it holds is gone when the process is. Production has a real
// one.

import { Broker } from "./broker.ts";
import { CLUSTER_DEFAULTS } from "./cluster-defaults.ts";
import {
  type Limits,
  resolveLimits,
  SWEEP_INTERVAL_MS,
  SYSTEM_TOPICS_INTERVAL_MS,
} from "./limits.ts";
import { BrokerNode } from "./node.ts";
import { Flusher } from "./outbox.ts";
import { type BrokerStats, brokerStats } from "./stats.ts";
import { publishSystemTopics } from "./system-topics.ts";

export interface ClusterOptions {
  /** How many nodes; 3 by default. They are called node1, node2, ... */
  readonly nodes?: number;
  /** Address that all listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** MQTT port of the first node, the others follow; 0 takes free ones; 11883 by default. */
  readonly mqttPort?: number;
  /** WebSocket port of the first node, likewise; 18083 by default. */
  readonly wsPort?: number;
  readonly limits?: Partial<Limits>;
  /** Filters that SUBSCRIBE is refused for; `test/nosubscribe` by default. */
  readonly refusedFilters?: readonly string[];
}

/** Where a node listens. */
export interface NodeAddress {
  readonly name: string;
  readonly host: string;
  readonly mqttPort: number;
  readonly wsPort: number;
}

export interface NodeStats {
  readonly name: string;
  readonly stats: BrokerStats;
}

export class Cluster {
  readonly #broker: Broker;
  readonly #nodes: readonly BrokerNode[];
  readonly #host: string;
  readonly #version: string;
  readonly #startedMs: number;
  #sweep: NodeJS.Timeout | null = null;
  #systemTopics: NodeJS.Timeout | null = null;

  /** @param version what `$SYS/brokers/<node>/version` says */
  constructor(options: ClusterOptions, version: string) {
    const given = { ...CLUSTER_DEFAULTS, ...options };
    this.#host = given.host;
    this.#version = version;
    this.#startedMs = now();
    this.#broker = new Broker({
      limits: resolveLimits(options.limits),
      refusedFilters: given.refusedFilters,
    });
    const context = { broker: this.#broker, flusher: new Flusher(), now };
    this.#nodes = Array.from({ length: given.nodes }, (_, i) => {
      const mqttPort = given.mqttPort === 0 ? 0 : given.mqttPort + i;
      const wsPort = given.wsPort === 0 ? 0 : given.wsPort + i;
      return new BrokerNode({ name: `node${i + 1}`, host: given.host, mqttPort, wsPort }, context);
    });
  }

  /** Opens all ports, or none: rejects with the reason if one cannot be had. */
  async listen(): Promise<readonly NodeAddress[]> {
    const opened = await Promise.allSettled(this.#nodes.map((node) => node.listen()));
    const failed = opened.find((result) => result.status === "rejected");
    if (failed !== undefined) {
      this.close();
      throw failed.reason;
    }
    this.#sweep = setInterval(() => this.#onSweep(), SWEEP_INTERVAL_MS);
    this.#systemTopics = setInterval(() => this.#onSystemTopics(), SYSTEM_TOPICS_INTERVAL_MS);
    this.#onSystemTopics();
    return this.#nodes.map(({ name, mqttPort, wsPort }) => ({
      name,
      host: this.#host,
      mqttPort,
      wsPort,
    }));
  }

  stats(): readonly NodeStats[] {
    return this.#nodes.map(({ name, counters }) => ({
      name,
      stats: brokerStats(counters, this.#broker.counters),
    }));
  }

  /** Closes ports and connections. What clients are told may still be on its way out. */
  close(): void {
    if (this.#sweep !== null) clearInterval(this.#sweep);
    if (this.#systemTopics !== null) clearInterval(this.#systemTopics);
    for (const node of this.#nodes) node.close();
  }

  #onSweep(): void {
    const nowMs = now();
    for (const node of this.#nodes) node.checkDeadlines(nowMs);
    this.#broker.sweep(nowMs);
  }

  #onSystemTopics(): void {
    this.#broker.dropExpiredRetained(now());
    publishSystemTopics(this.#broker, this.#nodes, {
      version: this.#version,
      uptimeS: Math.floor((now() - this.#startedMs) / 1000),
    });
  }
}

// Monotonic: a clock that is set must not end sessions.
function now(): number {
  return performance.now();
}
