// A frontend, or the half of a listen section that is one, as listeners of our document: one for
// each kind of address it has.

import { DraftMap, list, placeholder, scalar } from "../import/draft.ts";
import { signatureOf } from "../import/hoist.ts";
import { isIpv6Wildcard } from "../import/ipv6-wildcard.ts";
import { writeTime } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { counts } from "./emit-counters.ts";
import { emitKeepAlive } from "./emit-keep-alive.ts";
import { emitListenerTls } from "./emit-listener-tls.ts";
import { silenceDiffers } from "./emit-pool.ts";
import { emitRate } from "./emit-rate.ts";
import { emitRules } from "./emit-rules.ts";
import { countBehind } from "./emit-server.ts";
import { type Bind, type Given, type ProxySection, placeOf, setting } from "./model.ts";

const BACKLOG_MAX = 65_535;
const RATE = "rate-limit sessions";
/** What one section shares in HAProxy, and each address has here; and what all of them share. */
const SHARED_LIMITS = [
  ["maxconn", "limits.connections"],
  [RATE, "limits.accepts"],
] as const;
/** Of a frontend that names no backend: the validator then says so. */
const PLACEHOLDER_POOL = "placeholder";

/**
 * @param connectReason why the pools behind want CONNECT read; null: they do not
 * @returns the listeners by name
 */
export function emitListeners(
  emission: Emission,
  proxy: ProxySection,
  connectReason: string | null,
): ReadonlyMap<string, DraftMap> {
  const { report } = emission;
  const name = proxy.name?.text ?? "";
  const listeners = new Map<string, DraftMap>();
  if (proxy.binds.length === 0 && !proxy.isBroken) {
    report.error(proxy.at, `${proxy.kind} "${name}" has no bind`, "bind and an address");
    return listeners;
  }
  const shared = new DraftMap({ at: proxy.at });
  const rules = new DraftMap({ at: proxy.at });
  emitKeepAlive(proxy, "cli", shared);
  const asksMqtt = emitRules(emission, proxy, { draft: rules, side: "frontend" });
  if (counts(proxy)) rules.put("counters", name, proxy.settings.get("stick-table")!.keyword[0]!);
  emitPoolName(emission, proxy, shared);
  emitSilence(emission, proxy, shared);
  const rate = setting(proxy, RATE);
  if (rate !== null && rate.amount > 0) emitRate(shared, "accepts", rate);
  emitProtocol(emission, proxy, shared, asksMqtt ? "a rule asks" : connectReason);
  for (const group of groupBinds(emission, proxy)) {
    const own = listeners.size === 0 ? name : (group.name ?? `${name}-${listeners.size + 1}`);
    const listener = new DraftMap({ at: proxy.at });
    // In the order in which one would write them.
    for (const from of [group.addresses, shared, group.draft, rules]) {
      for (const [key, { node, keyAt }] of from.entries) listener.set(key, node, keyAt);
    }
    listeners.set(own, listener);
  }
  return listeners;
}

/** `default_backend`, or the section itself where it is a listen with servers. */
export function poolNameOf(proxy: ProxySection): string | null {
  const given = setting(proxy, "default_backend");
  if (proxy.kind === "listen" && proxy.servers.length > 0) return proxy.name?.text ?? null;
  return given?.args[0]?.text ?? null;
}

function emitPoolName({ report }: Emission, proxy: ProxySection, listener: DraftMap): void {
  const given = setting(proxy, "default_backend");
  const name = poolNameOf(proxy);
  if (name !== null) {
    if (given === null) listener.put("pool", name, proxy.name!);
    else listener.put("pool", name, given.args[0]!);
    return;
  }
  listener.set("pool", placeholder(PLACEHOLDER_POOL, { at: proxy.at }));
  if (proxy.isBroken || proxy.settings.has("default_backend")) return;
  const message = `${proxy.kind} "${proxy.name?.text}" sends clients nowhere`;
  report.error(proxy.at, message, "default_backend and the name of a backend");
}

/** CONNECT is read only where something asks for it: HAProxy relays whatever comes. */
function emitProtocol(
  { report }: Emission,
  proxy: ProxySection,
  listener: DraftMap,
  why: string | null,
): void {
  const delay = setting(proxy, "tcp-request inspect-delay");
  if (why === null) {
    listener.put("protocol", "tcp", { at: proxy.at });
    return;
  }
  listener.put("protocol", "mqtt", { at: proxy.at });
  if (delay !== null && delay.amount > 0) putTime(listener, "connectDeadline", delay);
  else {
    const name = proxy.name?.text ?? "";
    const message = `${proxy.kind} "${name}" has no tcp-request inspect-delay; ${why} for CONNECT`;
    report.notice(proxy.at, `${message}, which Fairlead waits for`);
  }
}

/** `timeout client`, where the frontends of a backend differ in it; else its pool has it. */
function emitSilence(emission: Emission, proxy: ProxySection, listener: DraftMap): void {
  const { model, users, report } = emission;
  const timeout = setting(proxy, "timeout client");
  const behind = model.proxies.filter(({ name }) => users.get(name?.text ?? "")?.includes(proxy));
  if (!behind.some((backend) => silenceDiffers(emission, backend))) return;
  if (timeout === null || timeout.amount === 0) return;
  putTime(listener, "idle", timeout);
  const tunnel = behind.find((backend) => setting(backend, "timeout tunnel") !== null);
  if (tunnel === undefined) return;
  const message = `timeout client counts for "${tunnel.name!.text}" too, which has timeout tunnel`;
  report.warning(placeOf(timeout), message, "the same timeout client in all frontends");
}

interface BindGroup {
  readonly addresses: DraftMap;
  readonly draft: DraftMap;
  readonly name: string | null;
}

/** Addresses with the same options are one listener. */
function groupBinds(emission: Emission, proxy: ProxySection): readonly BindGroup[] {
  const groups = new Map<string, { draft: DraftMap; binds: Bind[]; name: string | null }>();
  const someOnly = proxy.binds.some(isIpv6Only);
  for (const bind of proxy.binds) {
    const draft = emitBind(emission, bind, proxy);
    // Who stands for IPv6 alone goes with those of IPv4, not with one that stands for both.
    const isForBoth = someOnly && isWildcard(bind) && !bind.options.has("v6only");
    const signature = `${signatureOf(draft)} ${isForBoth}`;
    const group = groups.get(signature);
    if (group === undefined) {
      const name = bind.options.get("name")?.args[0]?.text ?? null;
      groups.set(signature, { draft, binds: [bind], name });
    } else group.binds.push(bind);
  }
  if (groups.size === 0) {
    const addresses = new DraftMap({ at: proxy.at });
    addresses.set("listen", placeholder("0.0.0.0:1", { at: proxy.at }));
    return [{ addresses, draft: new DraftMap({ at: proxy.at }), name: null }];
  }
  warnOfSharedLimits(emission, proxy);
  return [...groups.values()].map(({ draft, binds, name }) => {
    const only = binds.find(isIpv6Only)?.options.get("v6only");
    if (only !== undefined) draft.put("ipv6Only", true, only.keyword);
    return { draft, addresses: addressesOf(binds), name };
  });
}

function isIpv6Only(bind: Bind): boolean {
  return isWildcard(bind) && bind.options.has("v6only");
}

/** Elsewhere `v6only` says nothing. */
function isWildcard({ addresses }: Bind): boolean {
  return addresses.some(({ text }) => isIpv6Wildcard(text));
}

function addressesOf(binds: readonly Bind[]): DraftMap {
  const first = binds[0]!;
  const draft = new DraftMap({ at: first.given.keyword[0]!.at });
  const addresses = binds.flatMap(({ given, addresses: texts }) =>
    texts.map(({ text }) => scalar(text, given.args[0]!)),
  );
  const at = first.given.keyword[0]!.at;
  if (addresses.length === 0) draft.set("listen", placeholder("0.0.0.0:1", { at }));
  else
    draft.set(
      "listen",
      addresses.length === 1 ? addresses[0]! : list(addresses, addresses[0]!),
      at,
    );
  return draft;
}

function emitBind(emission: Emission, bind: Bind, proxy: ProxySection): DraftMap {
  const { options } = bind;
  const draft = new DraftMap({ at: bind.given.keyword[0]!.at });
  emitLimits(emission, bind, proxy, draft);
  const accept = options.get("accept-proxy");
  if (accept !== undefined) {
    const header = new DraftMap({ at: accept.keyword.at });
    draft.set("proxyProtocol", header);
    const handshake = setting(proxy, "timeout client-hs");
    if (handshake !== null) putTime(header, "deadline", handshake);
  }
  const tls = emitListenerTls(emission, bind, proxy);
  if (tls !== null) draft.set("tls", tls);
  const transparent = options.get("transparent");
  if (transparent !== undefined) draft.put("transparent", true, transparent.keyword);
  const device = options.get("interface");
  if (device !== undefined) draft.put("interface", device.args[0]!.text, device.args[0]!);
  return draft;
}

/** The least of what the line and its section allow; 0 is the limit of the process. */
function emitLimits(
  emission: Emission,
  { options }: Bind,
  proxy: ProxySection,
  draft: DraftMap,
): void {
  const own = options.get("maxconn");
  const shared = setting(proxy, "maxconn");
  const ownCount = own === undefined ? null : countBehind(emission, own);
  const sharedCount = shared === null || shared.amount === 0 ? null : shared.amount;
  if (ownCount !== null && ownCount > 0 && ownCount <= (sharedCount ?? ownCount)) {
    draft.set("connections", scalar(ownCount, own!.args[0]!), own!.keyword.at);
  } else if (sharedCount !== null) putSetting(draft, "connections", shared!, sharedCount);
  const backlog = options.get("backlog");
  if (backlog !== undefined) {
    const count = countBehind(emission, backlog);
    if (count !== null) draft.put("backlog", Math.min(count, BACKLOG_MAX), backlog.args[0]!);
    return;
  }
  const given = setting(proxy, "backlog");
  // The kernel cuts what is longer than its own limit.
  if (given !== null) putSetting(draft, "backlog", given, Math.min(given.amount, BACKLOG_MAX));
}

function warnOfSharedLimits({ report }: Emission, proxy: ProxySection): void {
  const addresses = proxy.binds.flatMap((bind) => bind.addresses);
  if (addresses.length < 2) return;
  for (const [keyword, key] of SHARED_LIMITS) {
    const shared = setting(proxy, keyword);
    if (shared === null || shared.amount === 0) continue;
    const name = proxy.name?.text ?? "";
    const message = `${keyword} counts on each of the ${addresses.length} addresses of "${name}"`;
    report.warning(placeOf(shared), message, `${key}, or one address`);
  }
}

function putSetting(draft: DraftMap, key: string, given: Given, value: number): void {
  draft.put(key, value, given.args[0]!, given.keyword[0]!.at);
}

function putTime(draft: DraftMap, key: string, given: Given): void {
  const [word] = given.args;
  draft.put(key, writeTime(word!.text, given.amount), word!, given.keyword[0]!.at);
}
