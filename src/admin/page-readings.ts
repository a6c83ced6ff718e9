// What the history takes a sample of: the process, each listener, each pool, each server, read from
// shared memory. Names are those that charts have in the page.
//
// Bounded by the settings. Keeps nothing.

import { CLOSE_REASONS } from "../shm/close-reason.ts";
import { COUNTER, LISTENER_COUNTER, SERVER_COUNTER } from "../shm/counters.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import type { Reading } from "./history.ts";
import { publishWords, sumWords } from "./packet-words.ts";

const PUBLISHES = publishWords();

/** Not faults, and yet the client was not served. */
const REFUSALS_BY_RULE = ["refused-by-rule", "dropped-by-rule", "refused-by-policy"];

/** By number of the reason: whether a connection that ended for it was refused or failed. */
export const IS_REFUSAL: readonly boolean[] = CLOSE_REASONS.map(
  ({ name, fault }) => fault || REFUSALS_BY_RULE.includes(name),
);

export const PROCESS = "process";

export function listenerSubject(listener: string): string {
  return `listener ${listener}`;
}

export function poolSubject(pool: string): string {
  return `pool ${pool}`;
}

export function serverSubject(pool: string, server: string): string {
  return `server ${pool}/${server}`;
}

export function workerSubject(worker: number): string {
  return `worker ${worker}`;
}

/** Pools and listeners come first: where there is no room for all, servers have no charts. */
export function readEverything(supervisor: Supervisor): Reading[] {
  const { settings, pools, listeners } = supervisor.roster;
  const inPools = pools.map((pool) => readPool(supervisor, pool));
  return [
    readProcess(supervisor),
    ...listeners.map((listener) => readListener(supervisor, listener)),
    ...supervisor.seats.map(readWorker),
    ...inPools.map((servers, i) => sumUp(poolSubject(settings.pools[pools[i]!]!.name), servers)),
    ...inPools.flat(),
  ];
}

function readProcess({ shared }: Supervisor): Reading {
  const sum = (index: number) => shared.counters.sum(index);
  const refusals = IS_REFUSAL.reduce(
    (total, isRefusal, reason) => (isRefusal ? total + sum(COUNTER.closed + reason) : total),
    sum(COUNTER.acceptsRefused),
  );
  return {
    subject: PROCESS,
    levels: { connections: shared.process.total(0), waiting: sum(COUNTER.waiting) },
    counts: {
      connects: sum(COUNTER.accepts),
      messagesIn: sumWords(sum, COUNTER.packetsFromClients, PUBLISHES),
      messagesOut: sumWords(sum, COUNTER.packetsFromServers, PUBLISHES),
      bytesIn: sum(COUNTER.clientBytesIn),
      bytesOut: sum(COUNTER.clientBytesOut),
      handshakes: sum(COUNTER.tlsHandshakes),
      refusals,
    },
  };
}

function readListener({ shared, settings, traffic }: Supervisor, listener: number): Reading {
  const sum = (index: number) => traffic.sum(listener, index);
  return {
    subject: listenerSubject(settings.listeners[listener]!.name),
    levels: { connections: shared.listeners.total(listener) },
    counts: {
      connects: sum(LISTENER_COUNTER.accepts),
      refusals: sum(LISTENER_COUNTER.refused),
      bytesIn: sum(LISTENER_COUNTER.bytesIn),
      bytesOut: sum(LISTENER_COUNTER.bytesOut),
      packetsIn: sum(LISTENER_COUNTER.packetsIn),
      packetsOut: sum(LISTENER_COUNTER.packetsOut),
    },
  };
}

// CPU time in hundredths of a second: as a rate it is how busy it is, in percent.
function readWorker(seat: Supervisor["seats"][number]): Reading {
  const counts = { busyPercent: 100 * (seat.readCpuSeconds() ?? 0) };
  return { subject: workerSubject(seat.worker), levels: {}, counts };
}

function readPool({ shared, settings }: Supervisor, pool: number): Reading[] {
  const { name: poolName, servers } = settings.pools[pool]!;
  return servers.map((server) => {
    const sum = (index: number) => shared.counters.sumServer(server, index);
    return {
      subject: serverSubject(poolName, settings.servers[server]!.name),
      levels: { connections: shared.servers.active(server) },
      counts: {
        connects: sum(SERVER_COUNTER.connections),
        bytesIn: sum(SERVER_COUNTER.bytesIn),
        bytesOut: sum(SERVER_COUNTER.bytesOut),
        errors: sum(SERVER_COUNTER.dialFailures),
      },
    };
  });
}

function sumUp(subject: string, servers: readonly Reading[]): Reading {
  const add = (kind: "levels" | "counts") => {
    const sums: Record<string, number> = {};
    for (const server of servers) {
      for (const [name, value] of Object.entries(server[kind])) {
        sums[name] = (sums[name] ?? 0) + value;
      }
    }
    return sums;
  };
  return { subject, levels: add("levels"), counts: add("counts") };
}
