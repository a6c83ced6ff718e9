// An upstream, or an address that is passed to directly, as a pool of our document, with what the
// server that passes to it says of its servers.

import { DraftMap, list, placeholder, scalar } from "../import/draft.ts";
import { hoist } from "../import/hoist.ts";
import { writeTime } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { emitBalance } from "./emit-balance.ts";
import { emitCheck } from "./emit-check.ts";
import { emitServerKeepAlive } from "./emit-keep-alive.ts";
import { emitServerTls } from "./emit-server-tls.ts";
import { emitSource } from "./emit-source.ts";
import { emitUpstreamServers, SLOTS } from "./emit-upstream-servers.ts";
import { isOn, type Scope, setting } from "./model.ts";
import type { Passed } from "./passed.ts";

const PROXY_HEADERS = [null, "v1", "v2"];
const DIAL_TIMEOUT_MS = 60_000;
const IDLE_MS = 600_000;
/** The shortest that one direction may stay open: nginx closes both at once. */
const FINISH = "100ms";
const SERVER_KEYS_OF_POOLS = ["slowStart"];

export function emitPool(emission: Emission, passed: Passed): DraftMap {
  const { server, upstream, word } = passed;
  const pool = new DraftMap({ at: upstream?.at ?? word.at });
  const servers = emitMembers(emission, passed, pool);
  emitCheck(emission, server, pool);
  emitServerTls(emission, passed, pool);
  emitProxyHeader(server, pool);
  emitSource(emission, server, pool);
  emitServerKeepAlive(server, pool);
  if (isOn(server, "proxy_session_drop")) {
    pool.put("onMarkedDown", "cut-connections", setting(server, "proxy_session_drop")!.name);
  }
  emitDial(server, pool, countServers(servers));
  emitTimeouts(server, pool);
  hoist(pool, servers, SERVER_KEYS_OF_POOLS);
  if (servers.length > 0) pool.set("servers", list(servers, servers[0]!));
  return pool;
}

function emitMembers(
  emission: Emission,
  { upstream, server, word, address }: Passed,
  pool: DraftMap,
): readonly DraftMap[] {
  if (upstream === null) {
    pool.put("balance", "smooth-round-robin", { at: word.at });
    const observe = pool.child("observe", { at: word.at });
    observe.put("mode", "off", { at: word.at });
    const draft = new DraftMap({ at: word.at });
    draft.set("address", scalar(address, word));
    return [draft];
  }
  emitBalance(emission, { upstream, server, pool });
  const servers = emitUpstreamServers(emission, upstream, { pool, portDefault: null });
  if (servers.length > 0) return servers;
  if (upstream.isBroken) {
    const missing = placeholder("0.0.0.0:1", { at: upstream.at });
    pool.set("servers", list([missing], { at: upstream.at }));
  } else {
    const message = `upstream "${upstream.name.text}" has no server`;
    emission.report.error(upstream.name, message, "server and an address");
    const missing = placeholder("0.0.0.0:1", { at: upstream.at });
    pool.set("servers", list([missing], { at: upstream.at }));
  }
  return [];
}

function emitProxyHeader(server: Scope, pool: DraftMap): void {
  const given = setting(server, "proxy_protocol");
  const version = given === null ? null : PROXY_HEADERS[given.amount]!;
  if (version !== null) pool.put("proxyProtocol", version, given!.args[0]!, given!.name.at);
}

/** One behind a host name may become several. */
function countServers(servers: readonly DraftMap[]): number {
  return servers.reduce((sum, server) => sum + (server.has("slots") ? SLOTS : 1), 0);
}

/** Every other server is tried once, unless a number of tries says otherwise. */
function emitDial(server: Scope, pool: DraftMap, serverCount: number): void {
  const dial = pool.child("dial", { at: server.at });
  const timeout = setting(server, "proxy_connect_timeout");
  const ms = timeout?.amount ?? DIAL_TIMEOUT_MS;
  const text = writeTime(timeout?.args[0]?.text ?? "", ms);
  dial.put("timeout", text, timeout?.args[0] ?? { at: server.at });
  dial.put("retries", 0, { at: server.at });
  const next = setting(server, "proxy_next_upstream");
  const tries = setting(server, "proxy_next_upstream_tries");
  const others = Math.max(serverCount - 1, 0);
  const most = tries === null || tries.amount === 0 ? others : Math.min(tries.amount - 1, others);
  const isOff = next !== null && next.amount === 0;
  const origin = isOff ? next : tries;
  const count = isOff ? 0 : Math.min(most, 100);
  dial.put("redispatches", count, origin?.args[0] ?? { at: server.at });
}

/** nginx counts silence, whatever keep alive a client has told. */
function emitTimeouts(server: Scope, pool: DraftMap): void {
  const timeouts = pool.child("timeouts", { at: server.at });
  const idle = setting(server, "proxy_timeout");
  const origin = idle?.args[0] ?? { at: server.at };
  const text = writeTime(idle?.args[0]?.text ?? "", idle?.amount ?? IDLE_MS);
  timeouts.put("idle", text, origin);
  timeouts.put("followKeepAlive", false, origin);
  const half = setting(server, "proxy_half_close");
  const isHalfClosed = isOn(server, "proxy_half_close");
  timeouts.put("finish", isHalfClosed ? text : FINISH, half?.args[0] ?? { at: server.at });
}

/**
 * A pool for whoever passes there; the same one for all who do it in the same way.
 * @returns its name
 */
export function addPool(emission: Emission, passed: Passed, draft = emitPool(emission, passed)) {
  const { upstream, word, address } = passed;
  const wanted = upstream?.name.text ?? nameOf(address);
  const keyAt = upstream?.name.at ?? word.at;
  const { name, isVariant } = emission.pools.add(wanted, draft, keyAt);
  if (isVariant) {
    const message = `"${wanted}" is passed to in two ways; "${name}" counts its own connections`;
    emission.report.notice(word, message);
  }
  return name;
}

/** An address as a name: `[::1]:1883` has brackets, which names have not. */
function nameOf(address: string): string {
  return address.replace(/^\[(.*)\]/, "ipv6-$1");
}
