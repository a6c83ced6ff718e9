// A backend, or the half of a listen section that is one, as a pool of our document.

import { fullShareOf } from "../../shm/server-limit.ts";
import { DraftMap, list, placeholder, scalar } from "../import/draft.ts";
import { hoist } from "../import/hoist.ts";
import type { Word } from "../import/word.ts";
import { writeTime } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { emitBalance } from "./emit-balance.ts";
import { emitAgent, emitCheck, emitObserve } from "./emit-check.ts";
import { counts } from "./emit-counters.ts";
import { emitKeepAlive } from "./emit-keep-alive.ts";
import { emitRules } from "./emit-rules.ts";
import { countBehind, emitServer, SERVER_KEYS_OF_POOLS } from "./emit-server.ts";
import { emitSource } from "./emit-source.ts";
import { emitStick } from "./emit-stick.ts";
import {
  type Given,
  type GivenOption,
  isOn,
  type ProxySection,
  placeOf,
  setting,
} from "./model.ts";

/** HAProxy's own (CONN_RETRIES). */
const RETRIES = 3;
/** The kernel gives a connection up after some two minutes, long before this. */
const DIAL_TIMEOUT_MAX = "5m";
const DIAL_TIMEOUT_MAX_MS = 300_000;
/** Of clients who would wait forever: the longest that there is. */
const QUEUE_TIMEOUT_MAX = "1h";
const NEVER = "never";

export function emitPool(emission: Emission, proxy: ProxySection): DraftMap {
  const pool = new DraftMap({ at: proxy.at });
  emitBalance(emission, proxy, pool);
  emitStick(emission, proxy, pool);
  const servers = proxy.servers.map((server) => {
    return { draft: emitServer(emission, server, proxy), options: server.options };
  });
  const source = setting(proxy, "source");
  if (source !== null) emitSource(emission, source.keyword[0]!, source.args, pool);
  emitCheck(emission, proxy, { pool, servers });
  if (servers.some(({ options }) => options.has("check"))) emitObserve(emission, servers, pool);
  emitAgent(emission, servers, pool);
  emitDial(emission, proxy, pool);
  emitKeepAlive(proxy, "srv", pool);
  emitTimeouts(emission, proxy, pool);
  emitQueue(emission, proxy, pool);
  emitFullAt(emission, proxy, pool);
  emitRules(emission, proxy, { draft: pool, side: "backend" });
  if (proxy.kind === "backend" && counts(proxy)) {
    pool.put("counters", proxy.name!.text, proxy.settings.get("stick-table")!.keyword[0]!);
  }
  const drafts = servers.map(({ draft }) => draft);
  hoist(
    pool,
    drafts,
    SERVER_KEYS_OF_POOLS.filter((key) => key !== "source" || source === null),
  );
  if (drafts.length === 0) {
    // Lines that were wrong might have been servers.
    const missing = placeholder("0.0.0.0:1", { at: proxy.at });
    if (proxy.isBroken) pool.set("servers", list([missing], { at: proxy.at }));
  } else pool.set("servers", list(drafts, { at: drafts[0]!.at }));
  return pool;
}

/** Clients wait for a server that is full; how long is what connecting may take, if not said. */
function emitQueue(emission: Emission, proxy: ProxySection, pool: DraftMap): void {
  const limits = proxy.servers.map(
    ({ options }) => options.get("maxconn") ?? options.get("minconn"),
  );
  const limit = limits.find(Boolean);
  if (limit === undefined) return;
  const queue = new DraftMap({ at: limit.keyword.at });
  const timeout = setting(proxy, "timeout queue") ?? setting(proxy, "timeout connect");
  if (timeout === null || timeout.amount === 0) queue.put("timeout", QUEUE_TIMEOUT_MAX, queue);
  else putTime(queue, "timeout", timeout);
  pool.set("queue", queue);
  const sticks = pool.has("stick") || pool.has("stickRules");
  emitBound(emission, proxy, { queue, waits: sticks || hashWaits(pool) });
  if (!sticks) return;
  const goesOn = queue.has("perServer") && isOn(proxy, "option redispatch");
  queue.put("sticky", goesOn ? "wait-or-next" : "wait", queue);
}

/**
 * `fullconn`, or a tenth of what the frontends take that lead here, each once (however many
 * addresses it has). Where it is left to HAProxy how many that are, it is left to us, too.
 */
function emitFullAt(emission: Emission, proxy: ProxySection, pool: DraftMap): void {
  const { model } = emission;
  const given = setting(proxy, "fullconn");
  if (given !== null && given.amount > 0) {
    pool.put("fullAt", given.amount, given.args[0]!, given.keyword[0]!.at);
    noticeFullAt(emission, proxy, given);
    return;
  }
  const minconn = minconnOf(proxy);
  if (minconn === null) return;
  const standard = setting(model.global, "maxconn")?.amount ?? 0;
  const taken = usersOf(emission, proxy).map((user) => {
    return setting(user, "maxconn")?.amount || standard;
  });
  if (taken.includes(0)) return;
  pool.put("fullAt", fullShareOf(taken.reduce((sum, each) => sum + each, 0)), minconn.keyword);
}

/** Once, if several sections have it of their defaults. */
function noticeFullAt({ model, report }: Emission, proxy: ProxySection, given: Given): void {
  const alike = model.proxies.filter(({ kind, settings }) => {
    return (kind === "listen" || kind === "backend") && settings.get("fullconn") === given;
  });
  if (alike[0] !== proxy || alike.some((each) => minconnOf(each) !== null)) return;
  report.notice(given.keyword[0]!, '"fullconn" counts only where servers have a minconn');
}

function minconnOf({ servers }: ProxySection): GivenOption | null {
  return servers.map(({ options }) => options.get("minconn")).find(Boolean) ?? null;
}

/** Whether clients wait for the server of their hash. */
function hashWaits(pool: DraftMap): boolean {
  const hash = pool.entries.get("hash")?.node;
  return hash instanceof DraftMap && hash.has("whenFull");
}

/** `maxqueue`: how many wait for one server; where nobody waits for one alone, it says nothing. */
function emitBound(
  emission: Emission,
  proxy: ProxySection,
  { queue, waits }: { readonly queue: DraftMap; readonly waits: boolean },
): void {
  const { report } = emission;
  const bounds = proxy.servers.map(({ options }) => options.get("maxqueue"));
  const textOfBound = (bound: GivenOption | undefined) => {
    return bound === undefined ? "0" : bound.args[0]!.text;
  };
  const first = bounds.find((bound) => textOfBound(bound) !== "0");
  if (first === undefined) return;
  if (!waits) {
    const message = '"maxqueue" makes no difference: clients wait for whichever server has room';
    report.notice(first.keyword, message);
  } else if (bounds.some((bound) => textOfBound(bound) !== textOfBound(first))) {
    const message = `servers of "${proxy.name!.text}" differ in maxqueue`;
    report.error(first.keyword, message, "the same for all of them");
  } else {
    const count = countBehind(emission, first);
    if (count !== null) queue.put("perServer", count, first.args[0]!, first.keyword.at);
  }
}

function emitDial(emission: Emission, proxy: ProxySection, pool: DraftMap): void {
  const dial = new DraftMap({ at: proxy.at });
  const timeout = setting(proxy, "timeout connect");
  const isBounded = timeout !== null && timeout.amount > 0;
  if (isBounded && timeout.amount <= DIAL_TIMEOUT_MAX_MS) putTime(dial, "timeout", timeout);
  else {
    warnOfMissing(emission, proxy, "connect", "dialling ends with the kernel");
    dial.put("timeout", DIAL_TIMEOUT_MAX, { at: proxy.at });
  }
  const retries = setting(proxy, "retries");
  const count = retries?.amount ?? RETRIES;
  const at: { at: Word["at"] } = retries === null ? { at: proxy.at } : retries.args[0]!;
  const { same, others } = splitRetries(count, redispatchInterval(proxy));
  dial.put("retries", same, at);
  const redispatch = setting(proxy, "option redispatch");
  dial.put("redispatches", others, redispatch === null ? at : { at: placeOf(redispatch) });
  pool.set("dial", dial);
}

/** @returns 0: never; -1: at the last retry; else at every so-manieth */
function redispatchInterval(proxy: ProxySection): number {
  if (!isOn(proxy, "option redispatch")) return 0;
  return setting(proxy, "option redispatch")!.amount;
}

/**
 * How HAProxy's retries come to be spent: further attempts on one server, and further servers.
 * With the interval -n the last n-th retry goes elsewhere, with n every n-th one does.
 */
function splitRetries(count: number, interval: number): { same: number; others: number } {
  if (interval === 0 || count === 0) return { same: count, others: 0 };
  if (interval < 0) return { same: Math.max(0, count + interval), others: 1 };
  return { same: interval - 1, others: Math.floor(count / interval) };
}

/** Silence that ends a connection: on either side, or `timeout tunnel`, which takes their place. */
function emitTimeouts(emission: Emission, proxy: ProxySection, pool: DraftMap): void {
  const timeouts = new DraftMap({ at: proxy.at });
  const tunnel = setting(proxy, "timeout tunnel");
  const sides = [...clientTimeouts(emission, proxy), serverTimeout(emission, proxy)];
  const shortest = shortestOf(tunnel === null ? sides : [tunnel]);
  if (shortest === null) timeouts.put("idle", NEVER, { at: proxy.at });
  else putTime(timeouts, "idle", shortest);
  const fins = [setting(proxy, "timeout server-fin"), ...fromUsers(emission, proxy, "client-fin")];
  // Where nothing is said of half-closed connections, the other timeouts go on counting.
  const finish = shortestOf(fins) ?? shortest;
  if (finish === null) timeouts.put("finish", NEVER, { at: proxy.at });
  else putTime(timeouts, "finish", finish);
  pool.set("timeouts", timeouts);
}

function serverTimeout(emission: Emission, proxy: ProxySection): Given | null {
  const timeout = setting(proxy, "timeout server");
  const hasTunnel = proxy.settings.has("timeout tunnel");
  if (!hasTunnel) warnOfMissing(emission, proxy, "server", "silent connections stay");
  return timeout;
}

/** Those of the frontends that send clients here; where they differ, each listener has its own. */
function clientTimeouts(emission: Emission, proxy: ProxySection): readonly (Given | null)[] {
  if (!proxy.settings.has("timeout tunnel")) {
    for (const user of usersOf(emission, proxy)) {
      warnOfMissing(emission, user, "client", "silent connections stay");
    }
  }
  return silenceDiffers(emission, proxy) ? [] : fromUsers(emission, proxy, "client");
}

/** Whether the frontends of a backend want silent clients ended after different times. */
export function silenceDiffers(emission: Emission, proxy: ProxySection): boolean {
  if (proxy.name === null || setting(proxy, "timeout tunnel") !== null) return false;
  const server = setting(proxy, "timeout server");
  const times = fromUsers(emission, proxy, "client").map((timeout) => {
    return shortestOf([timeout, server])?.amount ?? 0;
  });
  return times.some((time) => time !== times[0]);
}

function usersOf({ users }: Emission, { name }: ProxySection): readonly ProxySection[] {
  return users.get(name?.text ?? "") ?? [];
}

function fromUsers(
  emission: Emission,
  proxy: ProxySection,
  timeout: string,
): readonly (Given | null)[] {
  return usersOf(emission, proxy).map((user) => setting(user, `timeout ${timeout}`));
}

/** Without those that are missing, or 0, which both mean forever. */
function shortestOf(timeouts: readonly (Given | null)[]): Given | null {
  let shortest: Given | null = null;
  for (const timeout of timeouts) {
    if (timeout === null || timeout.amount === 0) continue;
    if (shortest === null || timeout.amount < shortest.amount) shortest = timeout;
  }
  return shortest;
}

function putTime(draft: DraftMap, key: string, given: Given): void {
  const [word] = given.args;
  const time = scalar(writeTime(word!.text, given.amount), word!);
  draft.set(key, time, given.keyword[0]!.at);
}

/** As HAProxy does: a proxy without its timeouts runs, and keeps what should have ended. */
function warnOfMissing(
  { report }: Emission,
  proxy: ProxySection,
  timeout: string,
  consequence: string,
): void {
  // One that is wrong is there, and was reported.
  if (proxy.settings.has(`timeout ${timeout}`)) return;
  const name = proxy.name?.text ?? "";
  const message = `${proxy.kind} "${name}" has no timeout ${timeout}, so ${consequence}`;
  report.warning(proxy.at, message, `timeout ${timeout} and a time such as 30s`);
}
