// Fetches about pools, servers and listeners at this moment, whatever the connection. Pure.

import { type FetchRow, fetchRows } from "../catalogue-row.ts";
import type { PoolFacts } from "../subject.ts";
import { booleanValue, integerValue } from "../value.ts";

const stage = "accept" as const;
type Row = Omit<FetchRow, "name" | "args"> & { readonly args: string };

const ofPool = (doc: string, ask: (pools: PoolFacts, pool: number) => number): Row => ({
  ...{ args: "pool:pool?", type: "integer", stage, doc },
  compile: (call) => {
    const pool = call.pool(0);
    return (subject) => integerValue(ask(subject.pools, pool));
  },
});
const ofServer = (doc: string, ask: (pools: PoolFacts, server: number) => number): Row => ({
  ...{ args: "server:server", type: "integer", stage, doc },
  compile: (call) => {
    const server = call.server(0);
    return (subject) => integerValue(ask(subject.pools, server));
  },
});
const ofListener = (doc: string, ask: (pools: PoolFacts, listener: number) => number): Row => ({
  ...{ args: "listener:listener?", type: "integer", stage, doc },
  compile: (call) => {
    const listener = call.listener(0);
    return (subject) =>
      integerValue(ask(subject.pools, listener < 0 ? subject.listener : listener));
  },
});
const average = (pools: PoolFacts, pool: number): number => {
  const servers = pools.usableServers(pool);
  if (servers === 0) return 2 * pools.poolQueue(pool);
  return Math.ceil(pools.poolQueue(pool) / servers);
};

export const POOL_FETCHES: readonly FetchRow[] = fetchRows({
  nbsrv: ofPool("servers of a pool that take connections", (of, pool) => of.usableServers(pool)),
  connslots: ofPool("connections that a pool can still take; -1: no limit", (of, pool) =>
    of.freeSlots(pool),
  ),
  be_conn: ofPool("connections of a pool", (of, pool) => of.poolConnections(pool)),
  be_conn_free: ofPool("connections that a pool can still take; -1: no limit", (of, pool) =>
    of.freeSlots(pool),
  ),
  be_sess_rate: ofPool("new connections of a pool in a second", (of, pool) => of.poolRate(pool)),
  queue: ofPool("clients that wait for a server of a pool", (of, pool) => of.poolQueue(pool)),
  avg_queue: ofPool("clients that wait, by server that takes connections", average),
  srv_conn: ofServer("connections of a server", (of, server) => of.serverConnections(server)),
  srv_queue: ofServer("clients that wait for a server", (of, server) => of.serverQueue(server)),
  srv_weight: ofServer("weight of a server at this moment", (of, server) =>
    of.serverWeight(server),
  ),
  srv_is_up: {
    ...{ args: "server:server", type: "boolean", stage, doc: "whether a server is up" },
    compile: (call) => {
      const server = call.server(0);
      return (subject) => booleanValue(subject.pools.isServerUp(server));
    },
  },
  fe_conn: ofListener("connections of a listener", (of, listener) =>
    of.listenerConnections(listener),
  ),
  fe_sess_rate: ofListener("new connections of a listener in a second", (of, listener) =>
    of.listenerRate(listener),
  ),
});
