// Who may import whom, as a table; ARCHITECTURE.md draws it. Anything absent is forbidden.
//
// A folder may always import itself and assert.ts. A row names folders, or single files of them.
// Tests beside the code are free; what ships may never import a test or anything under tests/.

/** Codecs and choices: no I/O, no clock, no `node:` module. */
export const PURE_FOLDERS = ["bytes", "mqtt", "proxy-protocol", "websocket", "balance", "rules"];

/** What runs in workers, or is shared with them: no promises, no timers, no clock of its own. */
export const DATA_PLANE_FOLDERS = [
  ...PURE_FOLDERS,
  "shm",
  "stick",
  "linux",
  "tls",
  "io",
  "transport",
  "policy",
  "relay",
  "load",
];

const RELAY_MAY_SEE_OF_IO = ["io/io.ts", "io/timer-wheel.ts", "io/slab-queues.ts"];

export const IMPORT_TABLE: Readonly<Record<string, readonly string[]>> = {
  bytes: [],
  mqtt: ["bytes"],
  "proxy-protocol": ["bytes"],
  websocket: ["bytes"],
  balance: ["bytes"],
  rules: ["bytes", "mqtt"],
  // Of the pure folders what travels in the plan, as types.
  shm: [
    "bytes",
    "balance/balance.ts",
    "balance/hash-plan.ts",
    "proxy-protocol/tlv-name.ts",
    "rules/client-key.ts",
    "rules/counter-fields.ts",
    "rules/names.ts",
    "rules/plan-types.ts",
    "rules/rule.ts",
  ],
  // Of rules/ the names of the counters that rules ask a table for.
  stick: ["bytes", "shm", "rules/counter-fields.ts"],
  linux: ["bytes"],
  // Of rules/ what they may ask of a certificate, as a type.
  tls: ["bytes", "rules/subject.ts", "shm/plan.ts", "linux/native-memory.ts"],
  io: ["bytes", "linux"],
  // Of linux/ the names of errors: every callback of Io may bring one.
  transport: ["websocket", "tls", "linux/abi.ts", "io/io.ts"],
  policy: ["bytes", "mqtt"],
  relay: [
    ...PURE_FOLDERS,
    "policy",
    "shm",
    "stick",
    "tls",
    "transport",
    "linux/abi.ts",
    "linux/dial-manner.ts",
    ...RELAY_MAY_SEE_OF_IO,
  ],
  "worker.ts": DATA_PLANE_FOLDERS.filter((folder) => folder !== "load"),
  load: [
    "bytes",
    "mqtt",
    "websocket",
    "tls",
    "transport",
    "shm/plan.ts",
    "linux/abi.ts",
    "io/io.ts",
    "io/arena.ts",
  ],
  "load-worker.ts": ["io", "load"],

  certificates: ["bytes"],
  // What lines look like and where they go. Of mqtt/ the rules that a refused CONNECT broke.
  logging: ["bytes", "mqtt/rule.ts", "shm", "linux"],
  config: [
    "bytes",
    "shm/close-reason.ts",
    "shm/server-limit.ts",
    "logging",
    "balance/balance.ts",
    "balance/hash-plan.ts",
    "proxy-protocol/tlv-name.ts",
    "rules",
    "policy",
    "certificates",
  ],
  health: ["bytes", "mqtt", "proxy-protocol", "websocket", "shm/plan.ts", "config"],
  discovery: ["config/discovery-settings.ts", "health/clock.ts"],
  // Of mqtt/ the rules that a refused CONNECT broke, for the access log and the metrics.
  supervisor: [
    "bytes",
    "mqtt/rule.ts",
    "balance",
    "shm",
    "stick",
    "rules/tracked-slots.ts",
    "linux",
    "certificates",
    "config",
    "health",
    "discovery",
    "logging",
  ],
  // What the service manager is told, and how.
  service: ["bytes", "shm/server-state.ts", "linux/datagram.ts", "logging", "supervisor"],
  // Of mqtt/ the names of packets, and what they say, for traces.
  admin: [
    "bytes",
    "mqtt/packet-type.ts",
    "mqtt/packet-outline.ts",
    "mqtt/rule.ts",
    "shm",
    "stick",
    "config",
    "health",
    "logging/log-time.ts",
    "supervisor",
  ],
  // Of mqtt/ the numbers of packet types: what the nodes say of packets is their own.
  quickstart: ["bytes", "mqtt/packet-type.ts"],
  // Of linux/ what `fairlead bench` needs: sockets to listen on, names of errors.
  cli: [
    "bytes",
    "shm",
    "linux",
    "load",
    "certificates",
    "config",
    "health",
    "supervisor",
    "service",
    "admin",
    "quickstart",
  ],
  "main.ts": ["cli"],
};

/** Which rooms may import a package; a package without a row is imported by nobody. */
export const PACKAGE_TABLE: Readonly<Record<string, readonly string[]>> = {
  koffi: ["linux/libc.ts", "tls/libssl.ts"],
  zod: ["config", "admin"],
  yaml: ["config"],
  "fastest-levenshtein": ["config"],
  esbuild: ["config"],
  commander: ["cli", "main.ts"],
  pino: ["cli", "supervisor", "admin", "quickstart"],
  fastify: ["admin"],
  "prom-client": ["admin"],
  "mqtt-packet": ["quickstart"],
  ws: ["quickstart"],
};

/** Node modules that bring their own loop, streams or timers; the data plane has its own. */
export const NODE_MODULES_BANNED_ON_DATA_PLANE = [
  "node:net",
  "node:tls",
  "node:http",
  "node:https",
  "node:http2",
  "node:dgram",
  "node:events",
  "node:stream",
  "node:timers",
  "node:timers/promises",
  "node:fs/promises",
  "node:child_process",
];
