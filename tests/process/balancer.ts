// A Fairlead in front of servers that a test has started, and what its pages say of it.
//
// FAIRLEAD_TEST_REACTOR=epoll (or io_uring) makes every balancer of a run wait that way.

import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead, type LogEntry } from "./fairlead.ts";
import { freePorts } from "./ports.ts";

export interface BalancerOptions {
  /** Each as the configuration has it: `127.0.0.1:1883`, or a mapping in braces. */
  readonly servers: readonly string[];
  readonly workers?: number;
  /** Further keys of the listener: `connectDeadline: 300ms, connections: 5`. */
  readonly listener?: string;
  /** Further lines of the pool: `balance: least-connections`. Default: servers are not checked. */
  readonly pool?: readonly string[];
  /** Further sections of the file: `shutdown: { grace: 1s }`. */
  readonly sections?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** False: nobody reads its standard output. Default true. */
  readonly isOutputRead?: boolean;
}

export interface Balancer {
  readonly port: number;
  readonly fairlead: Fairlead;
}

/** Starts one for the test that runs; it is ended with the test. */
export async function startBalancer(options: BalancerOptions): Promise<Balancer> {
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const config = configOf(port, adminPort, options);
  const { env = {}, isOutputRead = true } = options;
  const started = await Fairlead.start({ config, adminPort, env, isOutputRead });
  return { port, fairlead: closeAtEnd(started) };
}

function configOf(port: number, adminPort: number, options: BalancerOptions): string {
  const { servers, workers = 1, listener = "", sections = [] } = options;
  const pool = options.pool ?? ["check: { type: none }"];
  const more = listener === "" ? "" : `, ${listener}`;
  return [
    ...headOf(adminPort),
    `workers: ${workers}`,
    ...sections,
    "listeners:",
    `  mqtt: { listen: "127.0.0.1:${port}", pool: brokers${more} }`,
    "pools:",
    "  brokers:",
    ...pool.map((line) => `    ${line}`),
    "    servers:",
    ...servers.map((server) => `      - ${server}`),
    "",
  ].join("\n");
}

/** What every configuration of these tests begins with. */
export function headOf(adminPort: number): string[] {
  return [
    `admin: { listen: "127.0.0.1:${adminPort}" }`,
    ["reactor: $", "{FAIRLEAD_TEST_REACTOR:-auto}"].join(""),
  ];
}

/** What `/api/v1/servers` says of a server, as far as tests look at it. */
export interface ServerView {
  readonly name: string;
  readonly state: string;
  /** What operators and name servers say: `ready`, `drain`, `maintenance`. */
  readonly admin: string;
  readonly reason: string | null;
  readonly connections: { readonly active: number; readonly total: number };
}

/** @returns the servers of all pools, in the order of the file */
export async function fetchServerViews(fairlead: Fairlead): Promise<ServerView[]> {
  const { pools } = (await fairlead.fetchServers()) as { pools: { servers: ServerView[] }[] };
  return pools.flatMap(({ servers }) => servers);
}

/** @returns how many connections each server has now */
export async function fetchActiveCounts(fairlead: Fairlead): Promise<number[]> {
  return (await fetchServerViews(fairlead)).map(({ connections }) => connections.active);
}

/** @returns how many connections each worker has now */
export async function fetchWorkerCounts(fairlead: Fairlead): Promise<number[]> {
  const status = JSON.parse(await fairlead.fetchPage("/api/v1/status")) as {
    readonly workers: readonly { readonly connections: number }[];
  };
  return status.workers.map(({ connections }) => connections);
}

/** @returns how many connections have ended for a reason of the catalogue */
export function fetchEnded(fairlead: Fairlead, reason: string): Promise<number> {
  return fairlead.fetchMetric(`fairlead_connections_ended_by_reason_total{reason="${reason}"}`);
}

/** Waits for the line that the access log has of a client. */
export function waitForEnd(fairlead: Fairlead, clientId: string): Promise<LogEntry> {
  return fairlead.waitForLog(`the connection of "${clientId}" is in the log`, (entry) => {
    return entry["event"] === "connection" && entry["clientId"] === clientId;
  });
}

/** Waits for the first connection in the access log that ended for a reason. */
export function waitForReason(fairlead: Fairlead, reason: string): Promise<LogEntry> {
  return fairlead.waitForLog(`a connection has ended with ${reason}`, (entry) => {
    return entry["event"] === "connection" && entry["reason"] === reason;
  });
}
