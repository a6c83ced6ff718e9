// What the embedded cluster is like unless it is told otherwise. Loads nothing.

export const CLUSTER_DEFAULTS = {
  nodes: 3,
  host: "127.0.0.1",
  mqttPort: 11_883,
  wsPort: 18_083,
  // The name that Eclipse's client test suites expect to be refused.
  refusedFilters: ["test/nosubscribe"],
} as const;
