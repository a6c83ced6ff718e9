// What the page shows at one moment: what the API says of a running balancer, with the rates of the
// latest sample beside it. Plain values with names; formats nothing and keeps nothing.

import { CLOSE_REASONS } from "../shm/close-reason.ts";
import { COUNTER, SERVER_COUNTER } from "../shm/counters.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { listCertificates } from "./api/process-operations.ts";
import { describeBans } from "./bans.ts";
import type { History } from "./history.ts";
import { describeMqtt, type MqttStatistics, readConnackTimes } from "./mqtt-statistics.ts";
import {
  describeChanges,
  describeEnds,
  describePools,
  describeStatus,
  type PoolOverview,
} from "./overview.ts";
import {
  IS_REFUSAL,
  listenerSubject,
  PROCESS,
  poolSubject,
  serverSubject,
  workerSubject,
} from "./page-readings.ts";

/** By name: what is a rate is a second, over the time of the latest sample. */
export type Rates = Readonly<Record<string, number>>;
export type PageState = ReturnType<typeof describePage>;
export type PageListener = PageState["listeners"][number];
export type PagePool = PageState["pools"][number];
export type PageServer = PagePool["servers"][number];

const REFUSAL_NAMES = new Set(
  CLOSE_REASONS.filter((_, reason) => IS_REFUSAL[reason]).map(({ name }) => name),
);

/** @param nowMs of the wall clock */
export function describePage(supervisor: Supervisor, history: History, nowMs: number) {
  const { listeners, workers, ...status } = describeStatus(supervisor);
  const ends = describeEnds(supervisor);
  // Times are with the servers.
  const { connackTimes: _, ...mqtt } = describeMqtt(supervisor);
  return {
    at: new Date(nowMs).toISOString(),
    /** Number of the latest sample: charts grow when it does. */
    sample: history.sample,
    ...status,
    totals: describeTotals(supervisor, mqtt),
    mqtt,
    rates: history.latest(PROCESS),
    workers: workers.map((of) => ({ ...of, rates: history.latest(workerSubject(of.worker)) })),
    listeners: listeners.map((of) => ({ ...of, rates: history.latest(listenerSubject(of.name)) })),
    pools: describePools(supervisor).map((pool) => describePool(supervisor, history, pool)),
    refusals: ends.filter(({ name }) => REFUSAL_NAMES.has(name)),
    ends: ends.filter(({ name }) => !REFUSAL_NAMES.has(name)),
    changes: describeChanges(supervisor),
    bans: describeBans(supervisor, nowMs),
    certificates: listCertificates(supervisor),
  };
}

function describeTotals(
  { shared }: Supervisor,
  { fromClients, fromServers }: Pick<MqttStatistics, "fromClients" | "fromServers">,
) {
  const sum = (index: number) => shared.counters.sum(index);
  return {
    messagesIn: fromClients.packets.publish,
    messagesOut: fromServers.packets.publish,
    bytesIn: sum(COUNTER.clientBytesIn),
    bytesOut: sum(COUNTER.clientBytesOut),
    tlsHandshakes: sum(COUNTER.tlsHandshakes),
    tlsResumptions: sum(COUNTER.tlsResumptions),
    tlsSessions: sum(COUNTER.tlsSessions),
    waiting: sum(COUNTER.waiting),
    queued: sum(COUNTER.queued),
    stickHits: sum(COUNTER.stickHits),
    stickMisses: sum(COUNTER.stickMisses),
    retries: sum(COUNTER.retries),
    redispatches: sum(COUNTER.redispatches),
    /** At accept: before there was a reason of the catalogue. */
    refusedAtAccept: sum(COUNTER.acceptsRefused),
  };
}

function describePool({ roster, shared }: Supervisor, history: History, pool: PoolOverview) {
  const { settings, pools } = roster;
  const numbers = pools.map((of) => settings.pools[of]!).find(({ name }) => name === pool.name);
  return {
    ...pool,
    rates: history.latest(poolSubject(pool.name)),
    servers: pool.servers.map((server, i) => ({
      ...server,
      rates: history.latest(serverSubject(pool.name, server.name)),
      connackTimes: readConnackTimes(shared, numbers!.servers[i]!),
      stickHits: shared.counters.sumServer(numbers!.servers[i]!, SERVER_COUNTER.stickHits),
    })),
  };
}
