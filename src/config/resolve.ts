// Makes settings out of a checked document in which no rule found an error: fills in what one key
// takes from another, numbers pools and servers, and freezes the result.

import { assert } from "../assert.ts";
import type { Endpoint } from "../bytes/endpoint.ts";
import type { HostPort } from "./address.ts";
import type { HostAnswers } from "./host-lookup.ts";
import { findEndpoint } from "./rule.ts";
import type { Document, ListenerDocument, PoolDocument } from "./schema.ts";
import type {
  CheckSettings,
  ListenerSettings,
  PoolSettings,
  ServerSettings,
  Settings,
} from "./settings.ts";

const FAST_INTERVAL_MS = 500;
const CHECK_TIMEOUT_MS = 2_000;

/** @param hosts the addresses of every host name in the document */
export function resolveSettings(file: string, document: Document, hosts: HostAnswers): Settings {
  const poolNames = Object.keys(document.pools);
  const servers = poolNames.flatMap((name, pool) => {
    return resolveServers(document.pools[name]!, pool, hosts);
  });
  const pools = poolNames.map((name, pool) => {
    const numbers = servers.flatMap((server, index) => (server.pool === pool ? [index] : []));
    return resolvePool(name, document.pools[name]!, numbers);
  });
  const listeners = Object.entries(document.listeners).flatMap(([name, listener]) =>
    resolveListener(name, listener, { document, pool: poolNames.indexOf(listener.pool) }),
  );
  return deepFreeze({
    file,
    workers: document.workers,
    reactor: document.reactor,
    admin: document.admin === false ? null : document.admin,
    log: document.log,
    limits: {
      connectionsMax: document.limits.connections,
      bufferMemoryBytes: document.limits.bufferMemory,
    },
    shutdown: { graceMs: document.shutdown.grace },
    listeners,
    pools,
    servers,
  });
}

function resolveListener(
  name: string,
  listener: ListenerDocument,
  { document, pool }: { readonly document: Document; readonly pool: number },
): readonly ListenerSettings[] {
  assert(pool >= 0, "A listener's pool exists once the rules have passed");
  const several = listener.listen.length > 1;
  return listener.listen.map((listen, index) => ({
    name: several ? `${name}/${index + 1}` : name,
    listen,
    protocol: listener.protocol,
    pool,
    connectionsMax: listener.connections,
    connectSizeMaxBytes: listener.connectSize ?? document.limits.connectSize,
    connectDeadlineMs: listener.connectDeadline ?? document.limits.connectDeadline,
    backlog: listener.backlog,
  }));
}

function resolvePool(name: string, pool: PoolDocument, servers: readonly number[]): PoolSettings {
  const { stick } = pool;
  return {
    name,
    balance: pool.balance,
    stick:
      stick === undefined ? null : { by: stick.by, sizeMax: stick.size, expireMs: stick.expire },
    check: resolveCheck(pool.check),
    dialTimeoutMs: pool.dial.timeout,
    retries: pool.dial.retries,
    redispatches: pool.dial.redispatches,
    idleTimeoutMs: pool.timeouts.idle,
    finishTimeoutMs: pool.timeouts.finish,
    servers,
  };
}

function resolveCheck(check: PoolDocument["check"]): CheckSettings | null {
  if (check.type === "none") return null;
  return {
    type: check.type,
    intervalMs: check.interval,
    fastIntervalMs: check.fastInterval ?? Math.min(FAST_INTERVAL_MS, check.interval),
    timeoutMs: check.timeout ?? Math.min(CHECK_TIMEOUT_MS, check.interval),
    rise: check.rise,
    fall: check.fall,
    version: check.version,
    clientIdPrefix: check.clientIdPrefix,
    userName: check.userName ?? null,
    password: check.password ?? null,
  };
}

function resolveServers(
  { servers, check }: PoolDocument,
  pool: number,
  hosts: HostAnswers,
): readonly ServerSettings[] {
  return servers.map(({ name, address, weight, backup, connections }) => {
    const { endpoint, checkEndpoint } = resolveAddress(address, check.port, hosts);
    return {
      name: name ?? address.text,
      pool,
      address: address.text,
      endpoint,
      checkEndpoint,
      weight,
      backup,
      connectionsMax: connections,
    };
  });
}

function resolveAddress(address: HostPort, checkPort: number | undefined, hosts: HostAnswers) {
  const endpoint = findEndpoint(address, hosts);
  assert(endpoint !== null, "A server's host has an address once the rules have passed");
  const port = checkPort ?? address.port;
  const checkEndpoint = findEndpoint({ ...address, port }, hosts);
  assert(checkEndpoint !== null, "A host that has an address has it for every port");
  return { endpoint, checkEndpoint } satisfies Record<string, Endpoint>;
}

/** Freezes everything but the bytes of typed arrays, which cannot be frozen. */
function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}
