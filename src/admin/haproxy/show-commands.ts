// The commands of HAProxy's socket that only look, with HAProxy's columns.

import { endpointPort, formatAddress } from "../../bytes/endpoint.ts";
import { COUNTER } from "../../shm/counters.ts";
import type { LiveConnection } from "../../supervisor/live-connections.ts";
import type { Supervisor } from "../../supervisor/supervisor.ts";
import { formatKey, parseKey } from "../../supervisor/table-keys.ts";
import { VERSION } from "../../supervisor/version.ts";
import { workerMs } from "../../supervisor/worker-clock.ts";
import { listCertificates } from "../api/process-operations.ts";
import { describePool } from "../overview.ts";
import { type FoundTable, findEntry, listTables, pageEntries, type TableEntry } from "../tables.ts";
import { type Command, type CommandCall, findBackendServer, Refused } from "./command.ts";
import type { Rates } from "./rates.ts";
import { showErrors } from "./show-errors.ts";
import { backendIid, formatRate } from "./stat-rows.ts";
import { writeJsonInfo, writeJsonStats, writeTypedInfo, writeTypedStats } from "./typed-values.ts";
import { ALL_STATS, selectStatRows, writeCsv } from "./write-csv.ts";

/** Entries or sessions that one answer holds at most. */
const LISTED_MAX = 100_000;
const PAGE = 1000;

export const SHOW_COMMANDS: readonly Command[] = [
  {
    words: "show stat",
    usage: "[IID TYPE SID] [typed|json] [up|no-maint]",
    help: "counters of listeners, pools and servers as CSV, or with the kind of each value",
    level: "user",
    run: showStats,
  },
  {
    words: "show info",
    usage: "[typed|json]",
    help: "the process",
    level: "user",
    run: ({ supervisor, rates, args: [format] }) => {
      const facts = describeProcess(supervisor, rates);
      if (format === "typed") return writeTypedInfo(facts);
      if (format === "json") return writeJsonInfo(facts);
      return lines(Object.entries(facts).map(([name, value]) => `${name}: ${value}`));
    },
  },
  {
    words: "show servers state",
    usage: "[BACKEND]",
    help: "the state of each server",
    level: "user",
    run: ({ supervisor, args }) => describeStates(supervisor, args[0] ?? null),
  },
  {
    words: "show backend",
    usage: "",
    help: "names of pools",
    level: "user",
    run: ({ supervisor: { roster } }) =>
      lines(["# name", ...roster.pools.map((pool) => roster.settings.pools[pool]!.name)]),
  },
  {
    words: "show table",
    usage: "[TABLE [key KEY]]",
    help: "tables, or the entries of one",
    level: "user",
    run: ({ supervisor, args }) => describeTables(supervisor, args),
  },
  {
    words: "show sess",
    usage: "[ID]",
    help: "open connections",
    level: "operator",
    run: ({ supervisor, args }) => describeSessions(supervisor, args[0] ?? null),
  },
  {
    words: "show errors",
    usage: "[IID|NAME] [request|response]",
    help: "the latest bytes that broke a protocol, by frontend and backend",
    level: "operator",
    run: showErrors,
  },
  {
    words: "show ssl cert",
    usage: "",
    help: "files of certificates in use",
    level: "operator",
    run: ({ supervisor }) =>
      lines(["# filename", ...new Set(listCertificates(supervisor).map(({ file }) => file))]),
  },
  {
    words: "show version",
    usage: "",
    help: "the version",
    level: "user",
    run: () => lines([VERSION]),
  },
  {
    words: "get weight",
    usage: "BACKEND/SERVER",
    help: "the weight of a server",
    level: "user",
    run: ({ supervisor, args }) => {
      const server = findBackendServer(supervisor, args[0]);
      const { weight } = supervisor.health.status(server);
      const initial = supervisor.settings.servers[server]!.weight;
      return lines([`${Math.round(weight)} (initial ${initial})`]);
    },
  },
];

const NUMBER = /^-?\d{1,9}$/;

function showStats({ supervisor, rates, args }: CommandCall): string {
  const numbers = args.slice(0, 3).filter((word) => NUMBER.test(word));
  const words = args.slice(numbers.length);
  const [iid = -1, types = -1, sid = -1] = numbers.map(Number);
  const [only] = (["up", "no-maint"] as const).filter((word) => words.includes(word));
  const selection = { ...ALL_STATS, iid, types, sid, ...(only === undefined ? {} : { only }) };
  const unknown = words.find((word) => !["typed", "json", "up", "no-maint"].includes(word));
  if (unknown !== undefined) throw new Refused(`Cannot write statistics as '${unknown}'.`);
  if (words.includes("typed")) {
    return writeTypedStats(selectStatRows(supervisor, rates, selection));
  }
  if (words.includes("json")) return writeJsonStats(selectStatRows(supervisor, rates, selection));
  return writeCsv(supervisor, rates, selection);
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}

function describeProcess(
  { shared, startedAtMs, seats, connectionsMax, roster }: Supervisor,
  rates: Rates,
) {
  const { now: rate, max: rateMax } = rates.of("process");
  const tlsRate = rates.of("tls");
  const { limits } = roster.settings;
  const uptime = Math.round((Date.now() - startedAtMs) / 1000);
  const { counters, process: connections } = shared;
  const clock = [Math.floor(uptime / 3600) % 24, Math.floor(uptime / 60) % 60, uptime % 60];
  const [hours, minutes, seconds] = clock;
  return {
    Name: "Fairlead",
    Version: VERSION,
    Release_date: "-",
    Nbthread: seats.length,
    Nbproc: 1,
    Process_num: 1,
    Pid: process.pid,
    Uptime: `${Math.floor(uptime / 86_400)}d ${hours}h${minutes}m${seconds}s`,
    Uptime_sec: uptime,
    Memmax_MB: 0,
    PoolAlloc_MB: 0,
    PoolUsed_MB: 0,
    PoolFailed: 0,
    "Ulimit-n": 2 * connectionsMax,
    Maxsock: 2 * connectionsMax,
    Maxconn: connectionsMax,
    Hard_maxconn: connectionsMax,
    CurrConns: connections.total(0),
    CumConns: counters.sum(COUNTER.accepts),
    CumReq: counters.sum(COUNTER.accepts),
    CurrSslConns: counters.sum(COUNTER.tlsSessions),
    CumSslConns: counters.sum(COUNTER.tlsHandshakes),
    Maxpipes: 0,
    PipesUsed: 0,
    PipesFree: 0,
    ConnRate: rate,
    ConnRateLimit: formatRate(limits.accepts),
    MaxConnRate: rateMax,
    SessRate: rate,
    SessRateLimit: formatRate(limits.accepts),
    MaxSessRate: rateMax,
    SslRate: tlsRate.now,
    SslRateLimit: formatRate(limits.tlsAccepts),
    MaxSslRate: tlsRate.max,
    Tasks: connections.total(0),
    Run_queue: 0,
    Idle_pct: rates.idlePercent,
    node: "fairlead",
    Stopping: seats.some(({ state }) => state === "stopping") ? 1 : 0,
    Jobs: connections.total(0),
    Listeners: roster.listeners.length,
    TotalBytesOut: counters.sum(COUNTER.clientBytesOut),
  };
}

const STATE_COLUMNS =
  "# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight " +
  "srv_time_since_last_change srv_check_status srv_check_result srv_check_health " +
  "srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord " +
  "srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port";

/** HAProxy's numbers of its check states, and what each says of the server. */
const CHECK_NUMBERS: Readonly<Record<string, readonly [status: number, result: number]>> = {
  INI: [1, 0],
  SOCKERR: [4, 2],
  L4OK: [5, 3],
  L4TOUT: [6, 2],
  L4CON: [7, 2],
  L6OK: [8, 3],
  L6TOUT: [9, 2],
  L6RSP: [10, 2],
  L7TOUT: [11, 2],
  L7RSP: [12, 2],
  L7OK: [14, 3],
  L7OKC: [15, 4],
  L7STS: [16, 2],
};

/** HAProxy's bits: forced into maintenance, forced to drain. */
const ADMIN_BITS = { ready: 0, maintenance: 1, drain: 8 } as const;

function describeStates(supervisor: Supervisor, backend: string | null): string {
  const { roster } = supervisor;
  const { settings } = roster;
  const rows = roster.pools.flatMap((pool, i) => {
    const { name, servers } = settings.pools[pool]!;
    if (backend !== null && backend !== name) return [];
    const overview = describePool(supervisor, pool);
    return servers.map((number, place) => {
      const { id, check, endpoint, weight, transport } = settings.servers[number]!;
      const server = overview.servers[place]!;
      const [status, result] = CHECK_NUMBERS[server.lastCheck?.code ?? "INI"]!;
      const isUp = server.state === "UP" && server.admin !== "maintenance";
      const since = Math.max(0, Math.round((Date.now() - Date.parse(server.since)) / 1000));
      const health = check === null || !isUp ? 0 : check.rise + check.fall - 1;
      const use = transport.tls === null ? 0 : 1;
      return [
        ...[backendIid(supervisor, i), name, id, server.name, formatAddress(endpoint, 0)],
        ...[isUp ? 2 : 0, ADMIN_BITS[server.admin], Math.round(server.weight), weight, since],
        ...[check === null ? 1 : status, check === null ? 0 : result, health],
        ...[
          check === null ? 0 : checkState(supervisor, number),
          0,
          0,
          0,
          "-",
          endpointPort(endpoint, 0),
          "-",
          use,
          0,
        ],
        ...["-", "-", 0],
      ].join(" ");
    });
  });
  if (rows.length === 0 && backend !== null) throw new Refused("Can't find backend.");
  return lines(["1", STATE_COLUMNS, ...rows]);
}

/** HAProxy's bits: configured, and enabled as long as nobody has said otherwise. */
function checkState({ health }: Supervisor, server: number): number {
  return health.status(server).isChecked ? 6 : 2;
}

function describeTables(supervisor: Supervisor, args: readonly string[]): string {
  const [name, word, key] = args;
  const tables = listTables(supervisor);
  if (name === undefined) return lines(tables.map(describeTable));
  const table = tables.find((each) => each.name === name);
  if (table === undefined) throw new Refused("No such table");
  const head = describeTable(table);
  const describe = (entry: TableEntry, place: number) =>
    describeEntry(supervisor, table, entry, place);
  if (word === "key" && key !== undefined) {
    const entry = findEntry(table, parseKey(table, key));
    return lines([head, ...(entry === null ? [] : [describe(entry, 1)])]);
  }
  if (word !== undefined) throw new Refused("Only 'key KEY' may follow.");
  return lines([head, ...listEntries(table).map(describe)]);
}

function listEntries(table: FoundTable): TableEntry[] {
  const entries: TableEntry[] = [];
  let cursor: string | null = "0-0";
  while (cursor !== null && entries.length < LISTED_MAX) {
    const page = pageEntries(table, cursor, PAGE);
    for (const entry of page.entries) entries.push(entry);
    cursor = page.next;
  }
  return entries;
}

function describeTable({ name, key, size, table }: FoundTable): string {
  const type = key === "source" || key === "address" ? "ip" : "string";
  return `# table: ${name}, type: ${type}, size:${size}, used:${table.count()}`;
}

function describeEntry(
  { settings }: Supervisor,
  table: FoundTable,
  { key, server, held = 0, counts = {}, expiresInSeconds }: TableEntry,
  place: number,
): string {
  const owner = settings.servers[server ?? -1];
  const stored = Object.entries(counts).map(([name, count]) => ` ${name}=${count}`);
  const sticky = owner === undefined ? "" : ` server_id=${owner.id} server_key=${owner.name}`;
  const shown = formatKey(table, key).replaceAll(" ", "\\x20");
  const expiry = Math.round(expiresInSeconds * 1000);
  return `${pointer(place + 1)}: key=${shown} use=${held} exp=${expiry}${sticky}${stored.join("")}`;
}

function pointer(number: number): string {
  return `0x${number.toString(16).padStart(12, "0")}`;
}

function describeSessions({ live, settings }: Supervisor, id: string | null): string {
  const now = workerMs();
  const describe = (of: LiveConnection) => {
    const { listener, pool, server } = of;
    const fe = settings.listeners[listener]?.name ?? "<NONE>";
    const be = settings.pools[pool]?.name ?? "<NONE>";
    const srv = settings.servers[server]?.name ?? "<none>";
    const age = `${Math.floor(of.ageMs / 1000)}s`;
    const proto = of.client.startsWith("[") ? "tcpv6" : "tcpv4";
    return (
      `${toSessionId(of.id)}: proto=${proto} src=${of.client} fe=${fe} be=${be} srv=${srv} ` +
      `age=${age} state=${of.state} bytes_in=${of.bytesIn} bytes_out=${of.bytesOut}`
    );
  };
  if (id !== null && id !== "all") {
    const found = live.find(fromSessionId(id), now);
    return found === null ? "" : lines([describe(found)]);
  }
  const query = { filter: {}, order: "age", offset: 0, limit: LISTED_MAX } as const;
  return lines(live.page(query, now).connections.map(describe));
}

/** HAProxy's sessions are called by an address in memory; ours by worker, row and use. */
function toSessionId(id: string): string {
  const [worker, row, serial] = id.split("-").map(Number) as [number, number, number];
  const hex = (part: number, width: number) => part.toString(16).padStart(width, "0");
  return `0x${hex(worker, 4)}${hex(row, 6)}${hex(serial, 8)}`;
}

/** @returns an id that no connection has when `text` is none of a session */
export function fromSessionId(text: string): string {
  const parts = /^0x([0-9a-f]{4})([0-9a-f]{6})([0-9a-f]{8})$/i.exec(text)?.slice(1) ?? [];
  return parts.map((part) => Number.parseInt(part, 16)).join("-");
}
