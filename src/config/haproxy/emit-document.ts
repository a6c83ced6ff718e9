// From what haproxy.cfg says to our document: pools from backends, listeners from frontends, both
// from listen sections. What has no place in the document is reported on the way.

import { DraftMap } from "./draft.ts";
import type { Emission } from "./emission.ts";
import { emitAdmin, emitGlobal, isHttp, isStatsPage } from "./emit-global.ts";
import { emitListeners, type PoolNeeds, poolNameOf } from "./emit-listener.ts";
import { emitPool } from "./emit-pool.ts";
import { emitResolvers } from "./emit-resolvers.ts";
import { checkGlobalOptions } from "./emit-tls-versions.ts";
import { listOf, type Model, type ProxySection, placeOf, setting, textOf } from "./model.ts";

export function emitDocument(emission: Emission): DraftMap {
  const { model, report, document } = emission;
  emitGlobal(emission, document);
  checkGlobalOptions(emission);
  emitResolvers(emission, document);
  const proxies = model.proxies.filter((proxy) => proxy.kind !== "defaults");
  const running = proxies.filter((proxy) => !isDisabled(proxy, emission));
  emitAdmin(emission, document, running.filter(isStatsPage));
  const relayed = running.filter((proxy) => !isStatsPage(proxy) && !refuseMode(proxy, emission));
  const origin = { at: proxies[0]?.at ?? model.global.at };
  const pools = new DraftMap(origin);
  for (const proxy of relayed)
    if (hasPool(proxy)) pools.set(proxy.name!.text, emitPool(emission, proxy), proxy.name!.at);
  const listeners = new DraftMap(origin);
  for (const proxy of relayed) {
    if (proxy.kind === "backend" || proxy.name === null) continue;
    const made = emitListeners(emission, proxy, (pool) => needsOf(pools, pool));
    for (const [name, listener] of made) {
      listeners.set(name, listener, proxy.name.at);
      countSilenceAlone(listener, pools);
    }
  }
  document.set("listeners", listeners);
  document.set("pools", pools);
  if (proxies.length === 0) {
    report.error(model.global.at, "there is no frontend, backend or listen", "at least a listen");
  }
  return document;
}

/** HAProxy's timeouts count silence, whatever keep alive a client has told. */
function countSilenceAlone(listener: DraftMap, pools: DraftMap): void {
  const pool = listener.entries.get("pool")?.node;
  const protocol = listener.entries.get("protocol")?.node;
  if (pool?.kind !== "scalar" || protocol?.kind !== "scalar" || protocol.value !== "mqtt") return;
  const timeouts = drafted(drafted(pools, String(pool.value)), "timeouts");
  timeouts?.put("followKeepAlive", false, timeouts);
}

function drafted(map: DraftMap | null, key: string): DraftMap | null {
  const node = map?.entries.get(key)?.node;
  return node instanceof DraftMap ? node : null;
}

function hasPool(proxy: ProxySection): boolean {
  if (proxy.name === null || proxy.kind === "frontend") return false;
  return proxy.kind === "backend" || proxy.servers.length > 0;
}

/** Which sections send clients to each backend, by its name. */
export function findUsers(model: Model): ReadonlyMap<string, readonly ProxySection[]> {
  const users = new Map<string, ProxySection[]>();
  for (const proxy of model.proxies) {
    if (proxy.kind !== "frontend" && proxy.kind !== "listen") continue;
    if (!isRelayed(proxy)) continue;
    const targets = listOf(proxy, "use_backend").map(({ args }) => args[0]!.text);
    const standard = poolNameOf(proxy);
    for (const name of new Set(standard === null ? targets : [standard, ...targets])) {
      const known = users.get(name);
      if (known === undefined) users.set(name, [proxy]);
      else known.push(proxy);
    }
  }
  return users;
}

function isDisabled(proxy: ProxySection, { report }: Emission): boolean {
  const disabled = setting(proxy, "disabled");
  if (disabled === null || setting(proxy, "enabled") !== null) return false;
  report.notice(
    disabled.keyword[0]!,
    `${proxy.kind} "${proxy.name?.text}" is disabled, and left out`,
  );
  return true;
}

function isRelayed(proxy: ProxySection): boolean {
  const mode = textOf(proxy, "mode");
  const isOff = setting(proxy, "disabled") !== null && setting(proxy, "enabled") === null;
  return !isOff && (mode === "" || mode === "tcp");
}

/** Why a pool's listeners must read CONNECT. */
function needsOf(pools: DraftMap, name: string): PoolNeeds {
  const pool = drafted(pools, name);
  const by = drafted(pool, "stick")?.entries.get("by")?.node;
  if (by?.kind === "scalar" && readsConnect(String(by.value))) return { connect: "stick asks" };
  const key = drafted(pool, "hash")?.entries.get("key")?.node;
  const asks = key?.kind === "scalar" && readsConnect(String(key.value));
  return { connect: asks ? "balance asks" : null };
}

const KNOWN_BEFORE = ["source", "certificate-name", "certificate-subject"];

/** An expression may ask for anything; rules/ has told what it waits for. */
function readsConnect(key: string): boolean {
  return !KNOWN_BEFORE.includes(key) && /client-id|user-name|mqtt|payload|req\.len/.test(key);
}

const HTTP_EXPECTED = "mode tcp: WebSocket passes through it";

/** @returns whether the section cannot be relayed; it has been reported then */
function refuseMode(proxy: ProxySection, { report }: Emission): boolean {
  const mode = setting(proxy, "mode");
  if (mode === null || mode.args[0]!.text === "tcp") return false;
  const [word] = mode.args;
  const message = `"mode ${word!.text}" cannot be honoured: Fairlead relays TCP`;
  report.error(placeOf(mode), message, isHttp(proxy) ? HTTP_EXPECTED : "mode tcp");
  return true;
}
