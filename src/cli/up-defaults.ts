// What `fairlead up` does unless it is told otherwise; apart from the command, so that showing its
// help does not load all that it runs.

import { CLUSTER_DEFAULTS } from "../quickstart/cluster-defaults.ts";

export const UP_DEFAULTS = {
  host: "0.0.0.0",
  port: 1883,
  tlsPort: 8883,
  wsPort: 8083,
  wssPort: 8084,
  admin: "127.0.0.1:8888",
  nodes: CLUSTER_DEFAULTS.nodes,
  nodePort: CLUSTER_DEFAULTS.mqttPort,
  nodeWsPort: CLUSTER_DEFAULTS.wsPort,
} as const;
