// What brokers offer to load balancers over HTTP: port, path, and what the answer means.
//
// A table. `rabbitmq` asks for the listener that clients use and not for `ready-to-serve-clients`,
// which looks at AMQP listeners only and says no on a node that speaks MQTT alone.

import type { BrokerCheckType } from "./check-settings.ts";

export interface BrokerEndpoint {
  readonly port: number;
  /** @param mqttPort the port that clients are sent to */
  readonly path: (mqttPort: number) => string;
  /** Statuses by which a node says that it is about to go and wants no new clients. */
  readonly drainStatus: string | null;
}

const BROKER_ENDPOINTS: Readonly<Record<BrokerCheckType, BrokerEndpoint>> = {
  // 503 from the start of a node evacuation on, while clients are still served. EMQX 5.4 and later
  // answer without a login.
  emqx: {
    port: 18_083,
    path: () => "/api/v5/load_rebalance/availability_check",
    drainStatus: "503",
  },
  rabbitmq: {
    port: 15_672,
    path: (mqttPort) => `/api/health/checks/port-listener/${mqttPort}`,
    drainStatus: null,
  },
  // HiveMQ's Health API is off, and on loopback, unless its own file says otherwise. 200 as long as
  // the node takes clients, DEGRADED included; 503 when its cluster or its listeners are DOWN.
  hivemq: { port: 8889, path: () => "/api/v1/health/readiness", drainStatus: null },
  // 503 until the node has joined its cluster, and while one of its listeners is suspended.
  vernemq: { port: 8888, path: () => "/health", drainStatus: null },
  nats: { port: 8222, path: () => "/healthz", drainStatus: null },
};

/** @returns the row of a kind of check; null for kinds that are no broker's */
export function brokerEndpoint(type: string): BrokerEndpoint | null {
  return Object.hasOwn(BROKER_ENDPOINTS, type) ? BROKER_ENDPOINTS[type as BrokerCheckType] : null;
}
