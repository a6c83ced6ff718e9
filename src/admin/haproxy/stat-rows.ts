// The objects of HAProxy's statistics: a listener is a frontend, a pool a backend with its servers.
//
// Numbers of proxies (iid) count listeners first, then pools. Values as HAProxy has them: seconds,
// not milliseconds, where a column is in seconds.

import type { RateSettings } from "../../config/moving-settings.ts";
import { SERVER_COUNTER } from "../../shm/counters.ts";
import { fullShareOf } from "../../shm/server-limit.ts";
import type { Supervisor } from "../../supervisor/supervisor.ts";
import { describeListener, describePool, type ServerOverview } from "../overview.ts";
import { ALGORITHMS, type Column, type StatRow, TYPE } from "./columns.ts";
import type { Rates } from "./rates.ts";

/** HAProxy keeps 0 for "all" and 1 for what it has inside. */
const IID_FIRST = 2;

/** @returns every frontend, then every server and backend, pool by pool */
export function listStatRows(supervisor: Supervisor, rates: Rates | null): StatRow[] {
  const { roster } = supervisor;
  const frontends = roster.listeners.map((listener, i) =>
    describeFrontend(supervisor, listener, { iid: frontendIid(i), rates }),
  );
  const backends = roster.pools.flatMap((pool, i) =>
    describeBackend(supervisor, pool, { iid: backendIid(supervisor, i), rates }),
  );
  return [...frontends, ...backends];
}

/** @param index of a listener in the order of the file */
export function frontendIid(index: number): number {
  return IID_FIRST + index;
}

/** @param index of a pool in the order of the file */
export function backendIid({ roster }: Supervisor, index: number): number {
  return IID_FIRST + roster.listeners.length + index;
}

interface Place {
  readonly iid: number;
  readonly rates: Rates | null;
}

/** @returns so many a second; 0: no limit, so less than one is one */
export function formatRate(rate: RateSettings | null): number {
  return rate === null ? 0 : Math.ceil(rate.perSecond);
}

function describeFrontend(supervisor: Supervisor, listener: number, place: Place): StatRow {
  const { name, connections, refused, bytesIn, bytesOut } = describeListener(supervisor, listener);
  const rate = place.rates?.of(`listener ${listener}`) ?? { now: 0, max: 0 };
  return {
    pxname: name,
    svname: "FRONTEND",
    scur: connections.active,
    smax: connections.max,
    slim: connections.limit === 0 ? supervisor.connectionsMax : connections.limit,
    stot: connections.total,
    bin: bytesIn,
    bout: bytesOut,
    dreq: 0,
    dresp: 0,
    ereq: 0,
    status: "OPEN",
    pid: 1,
    iid: place.iid,
    sid: 0,
    type: TYPE.frontend,
    rate: rate.now,
    rate_lim: formatRate(supervisor.settings.listeners[listener]!.accepts),
    rate_max: rate.max,
    mode: "tcp",
    conn_rate: rate.now,
    conn_rate_max: rate.max,
    conn_tot: connections.total,
    dcon: refused,
    dses: 0,
  };
}

function describeBackend(supervisor: Supervisor, pool: number, place: Place): StatRow[] {
  const { roster } = supervisor;
  const overview = describePool(supervisor, pool);
  const numbers = roster.settings.pools[pool]!.servers;
  const servers = overview.servers.map((server, i) => {
    return describeServer(
      supervisor,
      { pxname: overview.name, server, number: numbers[i]! },
      place,
    );
  });
  const sum = (column: Column) =>
    servers.reduce((total, row) => total + (Number(row[column]) || 0), 0);
  const usable = overview.servers.filter(({ state, admin }) => state === "UP" && admin === "ready");
  const rate = place.rates?.of(`pool ${pool}`) ?? { now: 0, max: 0 };
  const isUp = overview.servers.some(
    ({ state, admin }) => state === "UP" && admin !== "maintenance",
  );
  const { fullAt, fullShare } = roster.settings.pools[pool]!;
  const backend: StatRow = {
    pxname: overview.name,
    svname: "BACKEND",
    qcur: overview.queue.waiting,
    qmax: overview.queue.max,
    scur: sum("scur"),
    smax: sum("smax"),
    slim: fullAt ?? fullShare ?? fullShareOf(supervisor.connectionsMax),
    stot: sum("stot"),
    bin: sum("bin"),
    bout: sum("bout"),
    dreq: 0,
    dresp: 0,
    econ: sum("econ"),
    eresp: 0,
    wretr: sum("wretr"),
    wredis: sum("wredis"),
    status: isUp ? "UP" : "DOWN",
    weight: usable.reduce((total, { weight }) => total + Math.round(weight), 0),
    act: usable.filter(({ backup }) => !backup).length,
    bck: usable.filter(({ backup }) => backup).length,
    chkdown: overview.downCount,
    lastchg: secondsSince(overview.since),
    downtime: Math.round(overview.downtimeMs / 1000),
    pid: 1,
    iid: place.iid,
    sid: 0,
    lbtot: sum("lbtot"),
    type: TYPE.backend,
    rate: rate.now,
    rate_max: rate.max,
    cli_abrt: 0,
    srv_abrt: 0,
    mode: "tcp",
    algo: ALGORITHMS[overview.balance] ?? overview.balance,
    connect: sum("connect"),
  };
  return [...servers, backend];
}

interface ServerPlace {
  readonly pxname: string;
  readonly server: ServerOverview;
  readonly number: number;
}

function describeServer(
  { roster, shared }: Supervisor,
  { pxname, server, number }: ServerPlace,
  { iid, rates }: Place,
): StatRow {
  const { id, pool, check, address } = roster.settings.servers[number]!;
  const queueMax = roster.settings.pools[pool]!.queue?.perServerMax ?? 0;
  const { connections } = server;
  const dialMs = shared.counters.sumServer(number, SERVER_COUNTER.dialMilliseconds);
  const rate = rates?.of(`server ${number}`) ?? { now: 0, max: 0 };
  return {
    pxname,
    svname: server.name,
    qcur: server.queue.waiting,
    qmax: server.queue.max,
    scur: connections.active,
    smax: connections.max,
    ...(connections.limit === 0 ? {} : { slim: connections.limit }),
    stot: connections.total,
    bin: server.bytesOut,
    bout: server.bytesIn,
    dresp: 0,
    econ: server.dialFailures,
    eresp: 0,
    wretr: server.retries,
    wredis: server.redispatches,
    status: haproxyStatus(server),
    weight: Math.round((server.weight * server.throttlePercent) / 100),
    act: server.backup ? 0 : 1,
    bck: server.backup ? 1 : 0,
    chkfail: server.failedCheckCount,
    chkdown: server.downCount,
    lastchg: secondsSince(server.since),
    downtime: Math.round(server.downtimeMs / 1000),
    pid: 1,
    iid,
    sid: id,
    ...(queueMax === 0 ? {} : { qlimit: queueMax }),
    ...(server.throttlePercent === 100 ? {} : { throttle: server.throttlePercent }),
    lbtot: connections.total,
    type: TYPE.server,
    rate: rate.now,
    rate_max: rate.max,
    ...(check === null ? {} : describeCheck(server, check)),
    cli_abrt: 0,
    srv_abrt: 0,
    ctime: server.dials === 0 ? 0 : Math.round(dialMs / server.dials),
    addr: address,
    mode: "tcp",
    connect: server.dials,
    srv_icur: 0,
    used_conn_cur: connections.active,
    uweight: Math.round(server.weight),
  };
}

function secondsSince(iso: string): number {
  return Math.max(0, Math.round((Date.now() - Date.parse(iso)) / 1000));
}

function describeCheck(
  { lastCheck, status, state }: ServerOverview,
  { rise, fall }: { readonly rise: number; readonly fall: number },
): StatRow {
  const passed = Number(/ (\d+)\//.exec(status)?.[1] ?? 0);
  const whole = state === "UP" ? rise + fall - 1 : 0;
  const health = state === "UP" ? rise + passed - 1 : passed;
  return {
    check_status: lastCheck?.code ?? "INI",
    ...(lastCheck?.status === undefined ? {} : { check_code: lastCheck.status }),
    check_duration: Math.round(lastCheck?.durationMs ?? 0),
    last_chk: lastCheck?.sentence ?? "",
    check_desc: CHECK_SENTENCES[lastCheck?.code ?? "INI"] ?? "",
    check_rise: rise,
    check_fall: fall,
    check_health: status.includes("/") ? health : whole,
  };
}

/** HAProxy's own words. */
const CHECK_SENTENCES: Readonly<Record<string, string>> = {
  INI: "Initializing",
  SOCKERR: "Socket error",
  L4OK: "Layer4 check passed",
  L4TOUT: "Layer4 timeout",
  L4CON: "Layer4 connection problem",
  L6OK: "Layer6 check passed",
  L6TOUT: "Layer6 timeout",
  L6RSP: "Layer6 invalid response",
  L7OK: "Layer7 check passed",
  L7OKC: "Layer7 check conditionally passed",
  L7TOUT: "Layer7 timeout",
  L7RSP: "Layer7 invalid response",
  L7STS: "Layer7 wrong status",
};

function haproxyStatus({ admin, state, status }: ServerOverview): string {
  if (admin === "maintenance") return "MAINT";
  if (admin === "drain" && state === "UP") return "DRAIN";
  return status === "no check" && state === "DOWN" ? "DOWN" : status;
}
