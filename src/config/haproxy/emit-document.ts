// From what haproxy.cfg says to our document: pools from backends, listeners from frontends, both
// from listen sections. What has no place in the document is reported on the way.

import { DraftMap } from "../import/draft.ts";
import { connectReason, countSilenceAlone, readsConnect } from "./connect-needs.ts";
import type { Emission } from "./emission.ts";
import { emitAdmin, isStatsPage } from "./emit-admin.ts";
import { emitCounters } from "./emit-counters.ts";
import { emitGlobal } from "./emit-global.ts";
import { emitListeners, poolNameOf } from "./emit-listener.ts";
import { emitLog } from "./emit-log.ts";
import { emitPool } from "./emit-pool.ts";
import { emitResolvers } from "./emit-resolvers.ts";
import { emitStickTables } from "./emit-stick.ts";
import { emitTicketKeys } from "./emit-ticket-keys.ts";
import { checkGlobalOptions } from "./emit-tls-versions.ts";
import { passesHttp, reportHttpKeywords } from "./http-keywords.ts";
import { listOf, type Model, type ProxySection, placeOf, setting, textOf } from "./model.ts";
import { reportUnusedAcls } from "./unused-acls.ts";

export function emitDocument(emission: Emission): DraftMap {
  const { model, report, document } = emission;
  checkGlobalOptions(emission);
  reportHttpKeywords(model, report);
  const proxies = model.proxies.filter((proxy) => proxy.kind !== "defaults");
  const running = proxies.filter((proxy) => !isDisabled(proxy, emission));
  const relayed = running.filter((proxy) => !isStatsPage(proxy) && !refuseMode(proxy, emission));
  reportUnusedAcls(relayed, report);
  const origin = { at: proxies[0]?.at ?? model.global.at };
  const pools = new DraftMap(origin);
  for (const proxy of relayed)
    if (hasPool(proxy, emission))
      pools.set(proxy.name!.text, emitPool(emission, proxy), proxy.name!.at);
  const listeners = new DraftMap(origin);
  const listenersOf = new Map<ProxySection, readonly string[]>();
  for (const proxy of relayed) {
    if (proxy.kind === "backend" || proxy.name === null) continue;
    const behind = poolsBehind(emission, proxy, pools);
    const made = emitListeners(emission, proxy, connectReason(behind));
    listenersOf.set(proxy, [...made.keys()]);
    for (const [name, listener] of made) {
      listeners.set(name, listener, proxy.name.at);
      if (readsConnect(listener)) for (const pool of behind) countSilenceAlone(pool);
    }
  }
  emitGlobal(emission, document);
  emitLog(emission, document, listenersOf);
  emitAdmin(emission, document, running.filter(isStatsPage));
  emitResolvers(emission, document);
  emitCounters(emission, document);
  emitStickTables(emission, document);
  emitTicketKeys(emission, document, [...listenersOf.keys()]);
  document.set("listeners", listeners);
  document.set("pools", pools);
  if (proxies.length === 0) {
    report.error(model.global.at, "there is no frontend, backend or listen", "at least a listen");
  }
  return document;
}

/** The pools that a section may send clients to. */
function poolsBehind(
  { users }: Emission,
  proxy: ProxySection,
  pools: DraftMap,
): readonly DraftMap[] {
  return [...pools.entries].flatMap(([name, { node }]) => {
    const isBehind = users.get(name)?.includes(proxy) ?? false;
    return isBehind && node instanceof DraftMap ? [node] : [];
  });
}

function hasPool(proxy: ProxySection, { users }: Emission): boolean {
  if (proxy.name === null || proxy.kind === "frontend") return false;
  if (proxy.servers.length > 0) return true;
  // A backend that nobody is sent to may be there for its table alone.
  const isTable = proxy.settings.has("stick-table") && !users.has(proxy.name.text);
  return proxy.kind === "backend" && !isTable;
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
  const passes = mode === "" || mode === "tcp" || passesHttp(proxy);
  return !isOff && passes;
}

/** @returns whether the section cannot be relayed; it has been reported then */
function refuseMode(proxy: ProxySection, { report }: Emission): boolean {
  const mode = setting(proxy, "mode");
  if (mode === null || mode.args[0]!.text === "tcp" || passesHttp(proxy)) return false;
  const [word] = mode.args;
  const message = `"mode ${word!.text}" cannot be honoured: Fairlead relays TCP`;
  report.error(placeOf(mode), message, "mode tcp");
  return true;
}
