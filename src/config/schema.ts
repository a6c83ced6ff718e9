// The schema of fairlead.yaml: one row a key, the only place where keys are listed.
//
// Each key has its kind, unit, bounds, default, when a change takes effect, and what it is for.
// What one key says about another (a listener's pool must exist) is in rules.ts.

import * as z from "zod";
import { adminSchema } from "./admin-schema.ts";
import { poolBalanceKeys, serverBalanceKeys } from "./balance-schema.ts";
import { agentCheckSchema, checkSchema, observeSchema, serverCheckSchema } from "./check-schema.ts";
import { resolverSchema, serverDiscoveryKeys } from "./discovery-schema.ts";
import {
  asItem,
  choice,
  count,
  countOrAuto,
  duration,
  durationOrNever,
  flag,
  listenAddresses,
  NAME_EXPECTED,
  NAME_PATTERN,
  named,
  optional,
  required,
  section,
  serverAddress,
  size,
  text,
  withDefault,
} from "./field.ts";
import { listenerGuardKeys, PACKET_SIZE } from "./guard-schema.ts";
import { logSchema } from "./log-schema.ts";
import { accepts, listenerMovingKeys, poolMovingKeys, serverMovingKeys } from "./moving-schema.ts";
import { counterTableSchema, listenerRuleKeys, poolRuleKeys } from "./rules-schema.ts";
import { poolStickKeys, serverStickKeys, stickTableKeys } from "./stick-schema.ts";
import { sharedTlsSchema } from "./tls-schema.ts";
import {
  listenerTransportKeys,
  poolTransportKeys,
  serverTransportKeys,
} from "./transport-schema.ts";
import { poolWaitingKeys } from "./waiting-schema.ts";

const CONNECTIONS = { min: 0, max: 10_000_000 };
const CONNECT_SIZE = { min: "128B", max: "1MiB" };
const CONNECT_DEADLINE = { min: "100ms", max: "10m" };

/** Stands in for missing addresses while the rest is checked; never dialled, never bound. */
const PLACEHOLDER_ADDRESS = "0.0.0.0:1";

const limits = section({
  connections: withDefault(countOrAuto({ min: 1, max: 10_000_000 }), {
    value: "auto",
    takesEffect: "restart",
    doc:
      "Concurrent connections over all workers. `auto` is what the open-files limit of the " +
      "process allows: each connection takes two files, one on the client side and one on the " +
      "server side.",
  }),
  connectSize: withDefault(size(CONNECT_SIZE), {
    value: "64KiB",
    takesEffect: "drain",
    doc: "The longest CONNECT that an `mqtt` listener takes; a longer one ends the connection.",
  }),
  packetSize: withDefault(size(PACKET_SIZE), {
    value: "16MiB",
    takesEffect: "drain",
    doc:
      "The largest packet behind the CONNECT that a client of an `mqtt` listener may send; a " +
      "larger one ends the connection, in MQTT 5.0 with a DISCONNECT that says so (0x95). What " +
      "servers send has no limit.",
  }),
  connectDeadline: withDefault(duration(CONNECT_DEADLINE), {
    value: "10s",
    takesEffect: "drain",
    doc: "Time that a client has from the accept until its whole CONNECT is there.",
  }),
  accepts: optional(accepts, {
    fallback: "no limit",
    takesEffect: "drain",
    doc: "How fast all listeners together let clients in; those who come faster wait in backlogs.",
  }),
  tlsAccepts: optional(accepts, {
    fallback: "no limit",
    takesEffect: "drain",
    doc: "The same of the listeners that have `tls`, beside `accepts`.",
  }),
  bufferMemory: withDefault(size({ min: "4MiB", max: "1GiB" }), {
    value: "256MiB",
    takesEffect: "restart",
    doc:
      "Memory for bytes on their way through Fairlead, shared out evenly among the workers. " +
      "A connection takes some of it only while its reader is slower than its writer.",
  }),
});

const shutdown = section({
  grace: withDefault(duration({ min: "0s", max: "1h" }), {
    value: "10s",
    takesEffect: "live",
    doc: "Time that connections get to end by themselves once listeners have closed.",
  }),
});

const listener = section({
  listen: required(listenAddresses(), {
    takesEffect: "drain",
    doc: "The address to accept clients on, or a list of addresses; each counts on its own.",
    placeholder: PLACEHOLDER_ADDRESS,
  }),
  protocol: withDefault(choice(["mqtt", "tcp", "tls"]), {
    value: "mqtt",
    takesEffect: "drain",
    doc:
      "`mqtt` reads CONNECT before it chooses a server, and refuses what is no MQTT. `tcp` " +
      "relays bytes as they come. `tls` does so too, for TLS that ends at the broker, once it " +
      "has seen which server name the client asks for. For TLS that ends here, see `tls:`.",
  }),
  pool: required(text({ max: 64, expected: "the name of a pool" }), {
    takesEffect: "drain",
    doc: "The name of the pool whose servers get the connections.",
    placeholder: "placeholder",
  }),
  ...listenerTransportKeys,
  ...listenerMovingKeys,
  connections: withDefault(count(CONNECTIONS), {
    value: 0,
    takesEffect: "live",
    doc: "Concurrent connections on each address of this listener; 0 sets no limit of its own.",
  }),
  connectSize: optional(size(CONNECT_SIZE), {
    fallback: "limits.connectSize",
    takesEffect: "drain",
    doc: "The longest CONNECT that this listener takes.",
  }),
  ...listenerGuardKeys,
  connectDeadline: optional(duration(CONNECT_DEADLINE), {
    fallback: "limits.connectDeadline",
    takesEffect: "drain",
    doc:
      "Time that a client of this listener has until its whole CONNECT is there; where the " +
      "protocol is `tls`, its ClientHello.",
  }),
  idle: withDefault(durationOrNever({ min: "1s", max: "30d" }), {
    value: "never",
    takesEffect: "drain",
    doc:
      "How long both sides of a connection of this listener may be silent, where that is less " +
      "than `timeouts.idle` of the pool.",
  }),
  backlog: withDefault(count({ min: 1, max: 65_535 }), {
    value: 4096,
    takesEffect: "restart",
    doc:
      "Connections that the kernel keeps for each worker until it accepts them; the kernel's " +
      "`net.core.somaxconn` limits it.",
  }),
  transparent: withDefault(flag(), {
    value: false,
    takesEffect: "restart",
    doc:
      "Whether the address may be another machine's, whose packets routing or TPROXY rules lead " +
      "here (IP_TRANSPARENT); needs CAP_NET_ADMIN.",
  }),
  ipv6Only: withDefault(flag(), {
    value: false,
    takesEffect: "restart",
    doc:
      "Whether an address such as `[::]` takes IPv6 alone (IPV6_V6ONLY), and leaves IPv4 on its " +
      "port to others; without it it takes both.",
  }),
  interface: optional(
    text({ max: 15, pattern: /^[!-~]+$/, expected: "the name of an interface" }),
    {
      fallback: "any",
      takesEffect: "restart",
      doc: "The network interface that clients come in through, such as `eth0`.",
    },
  ),
  ...listenerRuleKeys,
});

const SLOW_START = { min: "0s", max: "1d" };
const onMarkedDown = () => choice(["keep", "cut-connections"]);
const onMarkedUp = () => choice(["keep", "cut-backup-connections"]);

const namedServer = section({
  address: required(serverAddress(), {
    takesEffect: "drain",
    doc: "Where the broker listens. A host name is looked up once, at the start, or by `resolver`.",
    placeholder: PLACEHOLDER_ADDRESS,
  }),
  name: optional(text({ max: 64, pattern: NAME_PATTERN, expected: NAME_EXPECTED }), {
    fallback: "the address",
    takesEffect: "drain",
    doc: "What the server is called in logs, pages and metrics; unique in its pool.",
  }),
  weight: withDefault(count({ min: 0, max: 256 }), {
    value: 1,
    takesEffect: "live",
    doc: "Its share of new connections; 0 gets none by balancing.",
  }),
  backup: withDefault(flag(), {
    value: false,
    takesEffect: "live",
    doc: "Whether it is used only when no other server of the pool is available.",
  }),
  connections: withDefault(count(CONNECTIONS), {
    value: 0,
    takesEffect: "live",
    doc: "Concurrent connections that it gets; 0 sets no limit.",
  }),
  connectionsFrom: optional(count({ min: 1, max: CONNECTIONS.max }), {
    fallback: "connections",
    takesEffect: "live",
    doc:
      "Makes its limit rise with the load: while its pool has few clients it gets so many " +
      "connections, from `fullAt` clients on `connections`, and in between their share of those.",
  }),
  ...serverBalanceKeys,
  ...serverStickKeys,
  state: withDefault(choice(["ready", "drain", "maintenance"]), {
    value: "ready",
    takesEffect: "live",
    doc:
      "`drain`: it takes only clients that belong to it; `maintenance`: it takes none and is not " +
      "checked. What is said at run time counts until the value here changes.",
  }),
  ...serverDiscoveryKeys,
  track: optional(
    text({
      max: 130,
      pattern: /^([^/\s]+\/)?[^/\s]+$/,
      expected: "a server such as brokers/a, or a of the same pool",
    }),
    {
      fallback: "none",
      takesEffect: "live",
      doc: "Another server: this one is up and down as that one is, and not checked itself.",
    },
  ),
  check: optional(serverCheckSchema, {
    fallback: "as the pool has it",
    takesEffect: "live",
    doc: "What its checks have different from the pool's.",
  }),
  slowStart: optional(duration(SLOW_START), {
    fallback: "the pool's",
    takesEffect: "live",
    doc: "As the pool's `slowStart`.",
  }),
  onMarkedDown: optional(onMarkedDown(), {
    fallback: "the pool's",
    takesEffect: "live",
    doc: "As the pool's `onMarkedDown`.",
  }),
  onMarkedUp: optional(onMarkedUp(), {
    fallback: "the pool's",
    takesEffect: "live",
    doc: "As the pool's `onMarkedUp`.",
  }),
  ...serverTransportKeys,
  ...serverMovingKeys,
});

const shortServer = serverAddress().schema.transform((address) =>
  namedServer.schema.parse({
    address: address.text,
  }),
);

const server = asItem(
  {
    schema: z.union([shortServer, namedServer.schema]),
    kind: "address",
    expected: "an address such as 10.0.0.1:1883, or a mapping with at least the key address",
  },
  { takesEffect: "drain", doc: "One broker." },
);

const servers = {
  schema: z.array(server).min(1),
  kind: "address",
  expected: "a list with at least one server, such as [10.0.0.1:1883]",
} as const;

const pool = section({
  ...poolBalanceKeys,
  ...poolStickKeys,
  check: withDefault(checkSchema, {
    value: {},
    takesEffect: "live",
    doc: "Health checks of this pool's servers.",
  }),
  agentCheck: optional(agentCheckSchema, {
    fallback: "none",
    takesEffect: "live",
    doc:
      "A program beside each server is asked how the server is; it answers in one line, in the " +
      "words of HAProxy's `agent-check`: `up`, `down`, `drain`, `maint`, `ready`, `75%`.",
  }),
  observe: withDefault(observeSchema, {
    value: {},
    takesEffect: "live",
    doc: "What the connections of clients say about a server's health.",
  }),
  slowStart: withDefault(duration(SLOW_START), {
    value: "0s",
    takesEffect: "live",
    doc:
      "Time over which the weight of a server that has come back, and its `connections`, rise " +
      "from little to all; not at the start of Fairlead. 0s gives it all at once.",
  }),
  onMarkedDown: withDefault(onMarkedDown(), {
    value: "keep",
    takesEffect: "live",
    doc:
      "What becomes of the connections of a server that goes down. `cut-connections` ends them, " +
      "so that clients come back at once and get another server.",
  }),
  onMarkedUp: withDefault(onMarkedUp(), {
    value: "keep",
    takesEffect: "live",
    doc:
      "What becomes of connections to backup servers when a server that is none comes up. " +
      "`cut-backup-connections` ends them.",
  }),
  ...poolTransportKeys,
  ...poolMovingKeys,
  ...poolWaitingKeys,
  ...poolRuleKeys,
  servers: required(servers, {
    takesEffect: "drain",
    doc: "The brokers of this pool, each as an address or as a mapping.",
    placeholder: [PLACEHOLDER_ADDRESS],
  }),
});

const document = section({
  workers: withDefault(countOrAuto({ min: 1, max: 256 }), {
    value: "auto",
    takesEffect: "restart",
    doc: "Threads that relay; `auto` is one per core.",
  }),
  reactor: withDefault(choice(["auto", "epoll", "io_uring"]), {
    value: "auto",
    takesEffect: "restart",
    doc: "How workers wait for the kernel; `auto` takes the best one that works here.",
  }),
  admin: withDefault(
    {
      schema: z.union([z.literal(false), adminSchema.schema]),
      kind: "section",
      expected: "false or a mapping with the key listen",
      choices: ["false"],
    },
    { value: {}, takesEffect: "restart", doc: "Pages, metrics and API; `false` for none." },
  ),
  log: withDefault(logSchema, { value: {}, takesEffect: "live", doc: "What is logged, and how." }),
  limits: withDefault(limits, {
    value: {},
    takesEffect: "restart",
    doc: "What Fairlead takes at most; reaching a limit is counted and never an allocation.",
  }),
  shutdown: withDefault(shutdown, {
    value: {},
    takesEffect: "live",
    doc: "What happens on SIGTERM and Ctrl-C.",
  }),
  tls: withDefault(sharedTlsSchema, {
    value: {},
    takesEffect: "restart",
    doc: "What all listeners with TLS share.",
  }),
  listeners: required(named("listeners", listener), {
    takesEffect: "drain",
    doc: "Where clients connect, by name.",
    placeholder: {},
  }),
  counters: withDefault(named("counters", counterTableSchema), {
    value: {},
    takesEffect: "drain",
    doc: "Tables of counters by key, which rules track clients in; by name.",
  }),
  ...stickTableKeys,
  resolvers: withDefault(named("resolvers", resolverSchema), {
    value: {},
    takesEffect: "live",
    doc: "Who looks host names up while Fairlead runs, by name.",
  }),
  pools: required(named("pools", pool), {
    takesEffect: "drain",
    doc: "Servers that are interchangeable, by name.",
    placeholder: {},
  }),
});

export const documentSchema = document.schema;

/** A checked document: every value is well formed and every default is there. */
export type Document = z.output<typeof documentSchema>;
export type PoolDocument = Document["pools"][string];
export type ServerDocument = PoolDocument["servers"][number];
export type ListenerDocument = Document["listeners"][string];
