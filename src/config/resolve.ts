// Makes settings out of a checked document in which no rule found an error: fills in what one key
// takes from another, numbers pools and servers, and freezes the result.

import { assert } from "../assert.ts";
import type { HostAnswers } from "./host-lookup.ts";
import { formatPath } from "./raw-document.ts";
import type { RuleAnswers } from "./read-rules.ts";
import { resolveAdmin } from "./resolve-admin.ts";
import { resolveHash, resolveServerHashKey, resolveServerIds } from "./resolve-balance.ts";
import {
  resolveAgentCheck,
  resolveCheck,
  resolveObserve,
  resolveStateChanges,
} from "./resolve-check.ts";
import { Discoveries, expandSlots, nowhere, resolveResolvers } from "./resolve-discovery.ts";
import { resolveGuards } from "./resolve-guards.ts";
import { resolveConnectionsFrom, resolveFullShares } from "./resolve-limits.ts";
import { resolveLog } from "./resolve-log.ts";
import {
  resolveAdmission,
  resolveDrain,
  resolveRateKey,
  resolveRebalance,
} from "./resolve-moving.ts";
import { resolveCounterTables, resolveListenerRules, resolvePoolRules } from "./resolve-rules.ts";
import { resolveStick, resolveStickTables } from "./resolve-stick.ts";
import { resolveListenerTransport, ServerTransports } from "./resolve-transport.ts";
import { findEndpoint, qualifyServer } from "./rule.ts";
import type { Document, ListenerDocument, PoolDocument } from "./schema.ts";
import type {
  ListenerSettings,
  PoolSettings,
  QueueSettings,
  ServerSettings,
  Settings,
  SharedTlsSettings,
} from "./settings.ts";
import type { StickTableSettings } from "./stick-settings.ts";
import type { TicketKeyAnswer, TlsAnswers } from "./tls-files.ts";

/** What was found out about the document: addresses, certificates, what its rules say. */
export interface Answers {
  readonly hosts: HostAnswers;
  readonly tls: TlsAnswers;
  readonly ticketKeys: TicketKeyAnswer;
  readonly rules: RuleAnswers;
}

export function resolveSettings(file: string, document: Document, answers: Answers): Settings {
  const poolNames = Object.keys(document.pools);
  const discoveries = new Discoveries(document);
  const servers = linkTracks(
    document,
    poolNames.flatMap((name, pool) => {
      return resolveServers({ name, pool, document, answers, discoveries });
    }),
  );
  const members: number[][] = poolNames.map(() => []);
  for (const [index, { pool }] of servers.entries()) members[pool]!.push(index);
  const stickTables = resolveStickTables(document);
  const fullShares = resolveFullShares(document, answers.rules);
  const pools = poolNames.map((name, pool) =>
    resolvePool(name, {
      pool: document.pools[name]!,
      servers: members[pool]!,
      stickTables,
      fullShare: fullShares.get(name)!,
      answers,
    }),
  );
  const listeners = Object.entries(document.listeners).flatMap(([name, listener]) =>
    resolveListener(name, listener, document, answers),
  );
  return deepFreeze({
    file,
    workers: document.workers,
    reactor: document.reactor,
    admin: resolveAdmin(document, answers.tls),
    log: resolveLog(document.log),
    limits: {
      connectionsMax: document.limits.connections,
      bufferMemoryBytes: document.limits.bufferMemory,
      accepts: resolveRateKey(document.limits.accepts),
      tlsAccepts: resolveRateKey(document.limits.tlsAccepts),
    },
    shutdown: { graceMs: document.shutdown.grace },
    tls: resolveSharedTls(document, answers),
    listeners,
    pools,
    servers,
    counterTables: resolveCounterTables(document),
    stickTables,
    resolvers: resolveResolvers(document),
    discoveries: discoveries.found,
  });
}

function resolveListener(
  name: string,
  listener: ListenerDocument,
  document: Document,
  { tls, rules }: Answers,
): readonly ListenerSettings[] {
  const poolNames = Object.keys(document.pools);
  const pool = poolNames.indexOf(listener.pool);
  assert(pool >= 0, "A listener's pool exists once the rules have passed");
  const transport = resolveListenerTransport(name, listener, poolNames, tls);
  const several = listener.listen.length > 1;
  return listener.listen.map((listen, index) => ({
    name: several ? `${name}/${index + 1}` : name,
    listen,
    protocol: listener.protocol,
    pool,
    connectionsMax: listener.connections,
    connectSizeMaxBytes: listener.connectSize ?? document.limits.connectSize,
    ...resolveGuards(name, listener, document),
    connectDeadlineMs: listener.connectDeadline ?? document.limits.connectDeadline,
    idleTimeoutMs: listener.idle,
    handshakes: resolveRateKey(listener.handshakes),
    accepts: resolveRateKey(listener.accepts),
    backlog: listener.backlog,
    transparent: listener.transparent,
    ipv6Only: listener.ipv6Only,
    device: listener.interface ?? null,
    ...resolveListenerRules(name, listener, rules),
    ...transport,
  }));
}

interface PoolToFinish {
  readonly pool: PoolDocument;
  readonly servers: readonly number[];
  readonly stickTables: readonly StickTableSettings[];
  readonly fullShare: number | null;
  readonly answers: Answers;
}

function resolvePool(
  name: string,
  { pool, servers, stickTables, fullShare, answers }: PoolToFinish,
): PoolSettings {
  const { rules } = answers;
  const hashKey = rules.expressions.get(formatPath(["pools", name, "hash", "key"])) ?? null;
  return {
    name,
    balance: pool.balance,
    hash: resolveHash(pool, hashKey),
    draws: pool.draws,
    backups: pool.backups,
    stick: resolveStick({ name, pool, rules, tables: stickTables }),
    checkType: pool.check.type === "none" ? null : pool.check.type,
    observe: resolveObserve(pool.observe),
    dialTimeoutMs: pool.dial.timeout,
    retries: pool.dial.retries,
    redispatches: pool.dial.redispatches,
    queue: resolveQueue(pool.queue),
    fullAt: pool.fullAt ?? null,
    fullShare,
    admission: resolveAdmission(pool),
    drain: resolveDrain(pool),
    rebalance: resolveRebalance(pool),
    takeover: pool.takeover === undefined ? null : { idsMax: pool.takeover.size },
    idleTimeoutMs: pool.timeouts.idle,
    followsKeepAlive: pool.timeouts.followKeepAlive,
    finishTimeoutMs: pool.timeouts.finish,
    ...resolvePoolRules(name, pool, rules),
    servers,
  };
}

interface PoolToResolve {
  readonly name: string;
  /** Its number. */
  readonly pool: number;
  readonly document: Document;
  readonly answers: Answers;
  readonly discoveries: Discoveries;
}

function resolveServers(resolving: PoolToResolve): readonly ServerSettings[] {
  const { name: poolName, document, answers, discoveries } = resolving;
  const pool = document.pools[poolName]!;
  const transports = new ServerTransports(poolName, pool, answers.tls);
  const written = expandSlots(pool);
  const ids = resolveServerIds({ ...pool, servers: written.map(({ server }) => server) });
  return written.map((each, i) => {
    const { server, index } = each;
    const { name, address, weight, backup, connections, state } = server;
    const discovery = discoveries.add(poolName, pool, each);
    const endpoint = discovery ? nowhere(address.port) : findEndpoint(address, answers.hosts);
    assert(endpoint !== null, "A server's host has an address once the rules have passed");
    return {
      name: name ?? address.text,
      id: ids[i]!,
      hashKey: server.hashKey ?? resolveServerHashKey(pool),
      pool: resolving.pool,
      address: address.text,
      endpoint,
      transport: transports.resolve(server, index),
      ...resolveCheck(pool, server, endpoint),
      agentCheck: resolveAgentCheck(pool, server, endpoint),
      discovery,
      tracks: null,
      stateChanges: resolveStateChanges(pool, server),
      state,
      weight,
      publicName: server.publicName ?? null,
      backup,
      sticks: server.stick,
      connectionsMax: connections,
      connectionsFrom: resolveConnectionsFrom(server),
    };
  });
}

/** Fills in who tracks whom; servers stand in the order of the document. */
function linkTracks(
  document: Document,
  servers: readonly ServerSettings[],
): readonly ServerSettings[] {
  const pools = Object.entries(document.pools);
  const written = pools.flatMap(([, pool]) => expandSlots(pool));
  const numbers = new Map(servers.map(({ pool, name }, i) => [`${pools[pool]![0]}/${name}`, i]));
  return servers.map((server, i) => {
    const { track } = written[i]!.server;
    if (track === undefined) return server;
    const tracks = numbers.get(qualifyServer(track, pools[server.pool]![0]));
    assert(tracks !== undefined, "A tracked server exists once the rules have passed");
    return { ...server, tracks };
  });
}

function resolveSharedTls({ tls }: Document, { ticketKeys }: Answers): SharedTlsSettings {
  const { files, reading } = ticketKeys;
  assert(reading.keys !== null, "Ticket keys are there once the rules have passed");
  return {
    ticketRotationMs: tls.ticketRotation,
    ticketKeys: files.length === 0 ? null : { files, material: reading.keys },
  };
}

/** Freezes everything but the bytes of typed arrays, which cannot be frozen. */
function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}

function resolveQueue(queue: PoolDocument["queue"]): QueueSettings | null {
  if (queue === undefined) return null;
  const { timeout, length, perServer, sticky } = queue;
  return { timeoutMs: timeout, lengthMax: length, perServerMax: perServer, sticky };
}
