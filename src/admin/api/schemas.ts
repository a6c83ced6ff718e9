// What the API takes and gives, as schemas: requests are validated by them, tests hold answers to
// them, and the OpenAPI document is made of them. There is no second list.

import * as z from "zod";

/** Entries of one page, at most. */
export const PAGE_MAX = 1000;
const PAGE_DEFAULT = 100;
/** Rows that may be passed over: further ones want a filter. */
const OFFSET_MAX = 1_000_000;

const count = () => z.int().min(0);
const time = () => z.iso.datetime();
const nameParameter = (what: string) => z.string().min(1).max(200).describe(what);
/** A number in a query, where everything is text. */
const wholeText = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

// Requests

export const listenerParams = z.strictObject({ listener: nameParameter("Name of a listener") });
export const poolParams = z.strictObject({ pool: nameParameter("Name of a pool") });
export const serverParams = z.strictObject({
  pool: nameParameter("Name of a pool"),
  server: nameParameter("Name of a server of that pool"),
});
export const connectionParams = z.strictObject({
  id: z
    .string()
    .regex(/^\d{1,5}-\d{1,8}-\d{1,10}$/, "No connection has such an id; they look like 0-12-7")
    .describe("Id of a connection: 0-12-7"),
});
export const tableParams = z.strictObject({ table: nameParameter("Name of a table") });
export const entryParams = z.strictObject({
  table: nameParameter("Name of a table"),
  key: z.string().min(1).max(1024).describe("As the list shows it; 0x and hex for bytes"),
});

export const banParams = z.strictObject({
  listener: nameParameter("Name of a listener, as in the file"),
  by: z.enum(["address", "network", "client-id"]),
  key: z.string().min(1).max(1024).describe("As the list shows it; 0x and hex for bytes"),
});

export const banQuery = z.strictObject({
  key: banParams.shape.key.optional(),
});

export const readyQuery = z.strictObject({
  pool: nameParameter("The one pool that matters, by its name").optional(),
});

export const waitQuery = z.strictObject({
  wait: z.enum(["true", "false"]).default("false").describe("Answer when every worker runs it"),
});

export const connectionQuery = z.strictObject({
  client: z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .describe("What the client id begins with, at most 40 bytes of UTF-8"),
  clientId: z.string().min(1).max(1024).optional().describe("The whole client id"),
  address: z
    .union([z.ipv4(), z.ipv6()], { error: "It must be an IPv4 or IPv6 address" })
    .optional()
    .describe("The client's IP address"),
  pool: nameParameter("Name of a pool").optional(),
  server: nameParameter("Name of a server, or pool/server").optional(),
  listener: nameParameter("Name of a listener").optional(),
  sort: z
    .enum(["age", "bytes", "messages", "slowest", "byte-rate", "message-rate"])
    .default("age")
    .describe(
      "The highest first; slowest: whose CONNACK took longest; rates are those since somebody " +
        "asked for them a moment ago, or since the connection began",
    ),
  offset: wholeText(0, OFFSET_MAX).default(0),
  limit: wholeText(1, PAGE_MAX).default(PAGE_DEFAULT),
});

export const traceQuery = z.strictObject({
  client: z.string().min(1).max(1024).describe("The whole client id"),
  payload: z.enum(["true", "false"]).default("false").describe("Shows payloads, too"),
  follow: z
    .enum(["true", "false"])
    .default("false")
    .describe("Stays when the client has gone, for when it comes back"),
  bytes: wholeText(64, 8192).default(1024).describe("Of each packet that are looked at"),
});

export const entryQuery = z.strictObject({
  cursor: z
    .string()
    .regex(/^\d{1,5}-\d{1,9}$/)
    .default("0-0")
    .describe("`next` of the page before"),
  limit: wholeText(1, PAGE_MAX).default(PAGE_DEFAULT),
});

export const serverChange = z
  .strictObject({
    state: z
      .enum(["ready", "drain", "maintenance"])
      .optional()
      .describe("Counts until the value in the file changes"),
    weight: z
      .union([z.int().min(0).max(256), z.null()])
      .optional()
      .describe("Counts until the value in the file changes; null: as the file has it"),
    connectionsMax: z
      .int()
      .min(0)
      .max(10_000_000)
      .optional()
      .describe("Concurrent connections, 0 for no limit; counts until the next reload"),
  })
  .refine((change) => Object.keys(change).length > 0, "Say what to change");

export const evictionOrder = z.strictObject({
  reason: z
    .enum(["use-another-server", "server-moved"])
    .optional()
    .describe("What clients of MQTT 5.0 are told: 0x9C, or 0x9D; left out: as the pool has it"),
  wills: z
    .enum(["published", "discarded"])
    .optional()
    .describe("What becomes of the last wills of clients; left out: as the pool has it"),
  ratePerSecond: z.number().positive().max(1_000_000).optional().describe("Clients sent away"),
  deadlineSeconds: z
    .number()
    .min(1)
    .max(604_800)
    .optional()
    .describe("After which those who are left go as they are"),
});

// Answers

export const connectionCounts = z.strictObject({
  active: count(),
  max: count(),
  limit: count().describe("0: no limit"),
  total: count(),
});

export const queue = z.strictObject({
  waiting: count().describe("Clients in line now"),
  max: count().describe("The most there ever were"),
});

const check = z.strictObject({
  outcome: z.enum(["passed", "draining", "failed", "inconclusive"]),
  code: z.string(),
  sentence: z.string(),
  status: z.int().optional(),
  latencyMs: z.number().optional(),
  durationMs: z.number(),
});

const moving = z.strictObject({
  kind: z.enum(["drain", "rebalance"]).describe("Emptied, or rid of what is above its share"),
  state: z.enum(["running", "late", "done", "stopped"]).describe("late: past its deadline"),
  startedAt: time(),
  deadlineAt: time(),
  firstCount: count().describe("Connections that it had at the start"),
  target: count().describe("Connections that it should be left with"),
  moved: count().describe("Clients sent away so far"),
});

export const server = z.strictObject({
  name: z.string(),
  address: z.string(),
  backup: z.boolean(),
  weight: z.number(),
  throttlePercent: z.number().describe("Of its weight, while it comes back"),
  state: z.enum(["UP", "DOWN"]),
  admin: z.enum(["ready", "drain", "maintenance"]),
  adminSince: time(),
  status: z.string().describe("With the progress of checks: UP 1/3"),
  reason: z.string().nullable(),
  since: time(),
  downCount: count(),
  downtimeMs: count(),
  lastCheck: check.nullable(),
  messageLatencyMs: z.number().nullable(),
  agentCheck: z.string().nullable(),
  moving: moving.nullable().describe("Clients that are sent to others; null: nobody ever was"),
  checkCount: count(),
  failedCheckCount: count(),
  failedDialCount: count(),
  connections: connectionCounts.extend({
    limitNow: count().describe(
      "Less while its pool has few clients, or it comes back; 0: no limit",
    ),
  }),
  queue: queue.describe("Clients that wait for a place here, as the sticky table or a hash says"),
  bytesIn: count(),
  bytesOut: count(),
  dials: count(),
  dialFailures: count(),
  retries: count(),
  redispatches: count(),
});

export const pool = z.strictObject({
  name: z.string(),
  balance: z.string(),
  stick: z.string().nullable(),
  check: z.string().nullable(),
  rebalance: z.enum(["off", "manual", "automatic"]).describe("off, too, where a hash chooses"),
  downCount: count().describe("How often no server was left that is up"),
  downtimeMs: count(),
  since: time(),
  queue: queue.describe("Clients that wait for any of its servers"),
  servers: z.array(server),
});
export const pools = z.strictObject({ pools: z.array(pool) });

export const listener = z.strictObject({
  name: z.string(),
  address: z.string(),
  protocol: z.enum(["mqtt", "tcp", "tls"]),
  pool: z.string(),
  connections: connectionCounts,
  accepts: z.strictObject({
    perSecond: z.number().nullable().describe("Clients that it lets in at most; null: no limit"),
    waits: count().describe("How often clients had waited in the backlog, at any rate's bidding"),
  }),
  refused: count(),
  bytesIn: count().describe("From clients so far, those that are open included"),
  bytesOut: count(),
  packetsIn: count().describe("MQTT packets from clients; 0 where bytes are relayed as they come"),
  packetsOut: count(),
});
export const listeners = z.strictObject({ listeners: z.array(listener) });

export const status = z.strictObject({
  version: z.string(),
  pid: z.int(),
  file: z.string(),
  startedAt: time(),
  uptimeSeconds: count(),
  connections: connectionCounts,
  plan: count(),
  workers: z.array(
    z.strictObject({
      worker: count(),
      state: z.string(),
      reactor: z.string().nullable(),
      note: z.string().nullable(),
      connections: count(),
      replacements: count(),
      cpuSeconds: z.number().nullable().describe("CPU time of its thread so far; null: not known"),
      oldestPlan: count(),
      servingSince: time().nullable(),
    }),
  ),
  listeners: z.array(listener),
  moving: z
    .array(moving.extend({ pool: z.string(), server: z.string(), active: count() }))
    .describe("Servers that are being rid of clients now"),
});

export const connection = z.strictObject({
  id: z.string(),
  state: z.string(),
  clientId: z.string().nullable().describe("At most its first 40 bytes"),
  isClientIdCut: z.boolean().describe("Whether it is longer than that"),
  client: z.string().describe("The client's address and port"),
  listener: z.string().nullable(),
  pool: z.string().nullable(),
  server: z.string().nullable(),
  version: z.enum(["3.1", "3.1.1", "5.0"]).nullable().describe("Of MQTT"),
  bytesIn: count().describe("From the client"),
  bytesOut: count().describe("To the client"),
  packetsIn: count(),
  packetsOut: count(),
  connackMs: z
    .int()
    .nullable()
    .describe("From the first attempt on a server until its CONNACK; null: there was none yet"),
  ageMs: count(),
  rates: z
    .strictObject({
      bytesIn: z.number(),
      bytesOut: z.number(),
      packetsIn: z.number(),
      packetsOut: z.number(),
    })
    .nullable()
    .describe("A second, where the list is sorted by a rate; else null"),
});
export const connections = z.strictObject({
  total: count().describe("Over all pages"),
  connections: z.array(connection),
});
export const ended = z.strictObject({ ended: count().describe("Connections that are ending") });

export const evictions = z.strictObject({
  state: z.string().describe("never: nobody was ever sent away from it"),
  moved: count().describe("Clients sent away so far"),
  active: count().describe("Connections that it has"),
  target: count().describe("Connections that it should be left with"),
});

export const rebalance = z.strictObject({
  servers: z
    .array(evictions.extend({ server: z.string() }))
    .describe("Those that have more than their share; none where all are near enough"),
});

export const tables = z.strictObject({
  tables: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum(["stick", "counters"]),
      key: z.string().describe("What entries are known by"),
      entries: count(),
      size: count(),
      evictions: count().describe("Entries that had to go before their time, ever"),
    }),
  ),
});
export const entry = z.strictObject({
  key: z.string(),
  server: z.string().nullable().optional(),
  held: count().optional().describe("Connections that are counted under it"),
  counts: z.record(z.string(), z.number()).optional(),
  expiresInSeconds: z.number(),
});
export const entries = z.strictObject({
  entries: z.array(entry),
  next: z.string().nullable().describe("Cursor of the next page; null: this is the last"),
});
export const bans = z.strictObject({
  total: count().describe("All there are; of a listener's kind 10,000 are listed at most"),
  bans: z.array(
    z.strictObject({
      listener: z.string(),
      by: banParams.shape.by,
      key: z.string().describe("An address, the first one of a network, or a client id"),
      failures: count().describe("So far, those before the ban included"),
      cause: z.string().describe("The latest of them: a close reason, as in the log"),
      until: time(),
      remainingSeconds: count(),
    }),
  ),
});
export const removed = z.strictObject({ removed: z.boolean() });

export const certificates = z.strictObject({
  certificates: z.array(
    z.strictObject({
      owner: z.string().describe("Whose it is: a listener, a pool or the admin address"),
      file: z.string(),
      names: z.array(z.string()),
      keyType: z.enum(["ec", "rsa", "other"]),
      fingerprint: z.string().describe("SHA-256, in hex"),
      notAfter: time(),
      daysLeft: z.number().describe("Negative once it has expired"),
    }),
  ),
});

/** As the settings are inside; secrets read (hidden). */
export const configuration = z.looseObject({ file: z.string() });

export const reloadReport = z.looseObject({
  outcome: z.enum(["applied", "refused"]),
  diagnostics: z.array(z.string()),
});

export const health = z.strictObject({
  status: z.enum(["ok", "not-ready"]),
  reasons: z.array(z.string()),
});

export const summary = z.strictObject({
  at: time(),
  uptimeSeconds: count(),
  connections: connectionCounts,
  bytesFromClients: count(),
  bytesToClients: count(),
  packetsFromClients: count(),
  packetsToClients: count(),
  tlsHandshakes: count(),
  refusedAtAccept: count(),
  waiting: count(),
  servers: z.strictObject({ up: count(), total: count() }),
  ends: z.array(
    z.strictObject({ name: z.string(), fault: z.boolean(), sentence: z.string(), count: count() }),
  ),
});

export const clusterStats = z.strictObject({
  nodes: z.array(z.strictObject({ name: z.string(), stats: z.record(z.string(), z.number()) })),
});

/** RFC 9457. */
export const problem = z.strictObject({
  status: z.int(),
  title: z.string(),
  detail: z.string(),
});

/** One operation of the list. */
export const operationList = z.array(
  z.strictObject({ method: z.string(), path: z.string(), doc: z.string() }),
);

/** The document itself. */
export const openApi = z.looseObject({ openapi: z.string() });

/** What one line `data:` of a trace holds; `event:` says which of them it is, too. */
export const traced = z.looseObject({
  at: time(),
  event: z.enum(["opened", "server", "packet", "closed", "lost"]),
});

/** What one line `data:` of the event stream holds; `event:` has its type, too. */
export const event = z.looseObject({
  id: count(),
  at: time(),
  type: z.enum(["server", "plan", "ban", "action"]),
});
