// The servers of an upstream as those of a pool, and when one of them is out: max_fails and
// fail_timeout, which count for the pool as a whole.

import { DraftMap, placeholder, scalar } from "../import/draft.ts";
import { parseCount, parseTime, writeTime } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { emitResolver } from "./emit-resolver.ts";
import { listOf, type Scope } from "./model.ts";
import type { Parameter } from "./parameter.ts";
import { joinTarget, readUpstreamServer, type UpstreamServer } from "./read-upstream-server.ts";

/** Stands in for an address that is wrong; never dialled. */
const PLACEHOLDER_ADDRESS = "0.0.0.0:1";
/** Stands where a name must have a port and its records have another one. */
const SERVICE_PORT = 1883;
/** How many addresses behind one host name become servers. */
export const SLOTS = 16;
const FAILS = { count: 1, timeoutMs: 10_000 };

/** @returns the servers; empty after errors were reported */
export function emitUpstreamServers(
  emission: Emission,
  upstream: Scope,
  { pool, portDefault }: { readonly pool: DraftMap; readonly portDefault: number | null },
): readonly DraftMap[] {
  const given = listOf(upstream, "server").filter(({ args }) => args.length > 0);
  const servers = given.map((each) => readUpstreamServer(each, emission.report, portDefault));
  const drafts = servers.map((server) => emitServer(emission, upstream, server));
  emitPassiveChecks(emission, servers, pool);
  return drafts;
}

function emitServer(emission: Emission, upstream: Scope, server: UpstreamServer): DraftMap {
  const { given, parameters } = server;
  const draft = new DraftMap({ at: given.name.at });
  draft.set("address", addressOf(emission, server));
  putCount(emission, draft, "weight", parameters.get("weight"));
  putCount(emission, draft, "connections", parameters.get("max_conns"));
  const backup = parameters.get("backup");
  if (backup !== undefined) draft.put("backup", true, backup.word);
  const down = parameters.get("down");
  if (down !== undefined) draft.put("state", "maintenance", down.word);
  const slowStart = timeOf(emission, parameters.get("slow_start"));
  if (slowStart !== null) draft.set("slowStart", scalar(slowStart.text, slowStart.at));
  emitDiscovery(emission, upstream, server, draft);
  return draft;
}

function addressOf({ report }: Emission, { address, target, parameters }: UpstreamServer) {
  if (target === null) return placeholder(PLACEHOLDER_ADDRESS, address);
  const service = parameters.get("service");
  if (service === undefined) return scalar(joinTarget(target.host, target.port!), address);
  if (target.port !== null) {
    report.error(address, '"service" takes the port from DNS', "the host name alone");
  }
  if (!parameters.has("resolve")) {
    report.error(service.word, '"service" has no resolve', "resolve beside it");
  }
  // A name with a dot in it says the protocol itself.
  const name = service.value.text;
  const prefix = name.includes(".") ? name : `_${name}._tcp`;
  return scalar(`${prefix}.${target.host}:${SERVICE_PORT}`, address);
}

function emitDiscovery(
  emission: Emission,
  upstream: Scope,
  { parameters, target }: UpstreamServer,
  draft: DraftMap,
): void {
  const resolve = parameters.get("resolve");
  if (resolve === undefined || target === null) return;
  const resolver = emitResolver(emission, upstream, resolve.word);
  if (resolver === null) return;
  draft.put("resolver", resolver.name, resolve.word);
  draft.put("slots", SLOTS, resolve.word);
  if (resolver.isIpv4Only) draft.put("prefer", "ipv4", resolve.word);
  const message = `"resolve" makes servers of up to ${SLOTS} addresses behind the name`;
  emission.report.notice(resolve.word, message);
}

function putCount(
  { report }: Emission,
  draft: DraftMap,
  key: string,
  given: Parameter | undefined,
): void {
  if (given === undefined) return;
  const count = parseCount(given.value.text);
  if (count !== null) draft.set(key, scalar(count, given.value), given.word.at);
  else {
    const name = given.word.text.split("=")[0];
    report.error(given.value, `${name} is "${given.value.text}"`, "a whole number");
  }
}

interface Time {
  readonly text: string;
  readonly ms: number;
  readonly at: Parameter["value"];
}

function timeOf({ report }: Emission, given: Parameter | undefined): Time | null {
  if (given === undefined) return null;
  const { value, word } = given;
  const ms = parseTime(value.text);
  if (ms !== null) return { text: writeTime(value.text, ms), ms, at: value };
  const name = word.text.split("=")[0];
  report.error(value, `${name} is "${value.text}"`, "a time such as 30s; a number is seconds");
  return null;
}

// ── max_fails and fail_timeout ───────────────────────────────────────────────────────────────────

/** nginx does not count failures of the only server there is. */
function emitPassiveChecks(
  emission: Emission,
  servers: readonly UpstreamServer[],
  pool: DraftMap,
): void {
  const observe = new DraftMap({ at: pool.at });
  const fails = servers.map(({ parameters }) => countOf(emission, parameters.get("max_fails")));
  const times = servers.map(({ parameters }) => timeOf(emission, parameters.get("fail_timeout")));
  const counts = fails.map((each) => each?.count ?? FAILS.count);
  const most = Math.max(...counts, 0);
  pool.set("observe", observe);
  const isAlone = servers.length < 2 && servers[0]?.parameters.has("resolve") !== true;
  if (isAlone || most === 0) {
    observe.put("mode", "off", fails.find((each) => each !== null)?.at ?? { at: pool.at });
    return;
  }
  observe.put("mode", "max-fails", { at: pool.at });
  const count = fails.find((each) => (each?.count ?? FAILS.count) === most);
  observe.put("maxFails", most, count?.at ?? { at: pool.at });
  const ms = times.map((time) => time?.ms ?? FAILS.timeoutMs);
  const longest = times[ms.indexOf(Math.max(...ms))];
  observe.put("failTimeout", longest?.text ?? "10s", longest?.at ?? { at: pool.at });
  warnOfDifferences(emission, { servers, counts, ms, most });
}

interface Differences {
  readonly servers: readonly UpstreamServer[];
  readonly counts: readonly number[];
  readonly ms: readonly number[];
  readonly most: number;
}

function warnOfDifferences({ report }: Emission, { servers, counts, ms, most }: Differences): void {
  const longest = Math.max(...ms);
  const index = servers.findIndex((_, i) => counts[i] !== most || ms[i] !== longest);
  if (index === -1) return;
  const time = writeTime("", longest);
  const message = `max_fails and fail_timeout differ in this upstream; ${most} and ${time} count`;
  report.warning(servers[index]!.given.name, message, "the same for all servers");
}

function countOf({ report }: Emission, given: Parameter | undefined) {
  if (given === undefined) return null;
  const count = parseCount(given.value.text);
  if (count !== null) return { count, at: given.value };
  report.error(given.value, `max_fails is "${given.value.text}"`, "a whole number");
  return null;
}
