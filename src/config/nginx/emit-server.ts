// A server of a stream block as listeners of our document: one for each kind of address it has.

import { DraftMap, placeholder, scalar } from "../import/draft.ts";
import { signatureOf } from "../import/hoist.ts";
import { writeSize, writeTime } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { emitClientKeepAlive } from "./emit-keep-alive.ts";
import { emitListenerTls } from "./emit-listener-tls.ts";
import { emitProxyHeaderIn } from "./emit-proxy-header-in.ts";
import { emitRules } from "./emit-rules.ts";
import { findPools, type Pools } from "./find-pools.ts";
import { isOn, listOf, type Scope, setting } from "./model.ts";
import { type Listen, readListen } from "./read-listen.ts";

const PREREAD_MS = 30_000;
const BACKLOG_MAX = 65_535;
const CONNECT_SIZE = { min: 128, max: 2 ** 20 };
/** Of a server that passes clients nowhere: that has been reported. */
const PLACEHOLDER_POOL = "placeholder";

/** A listener before it is known who else listens on its addresses. */
export interface Face {
  readonly server: Scope;
  readonly listens: readonly Listen[];
  /** All but `listen`, `pool` and `serverNames`. */
  readonly draft: DraftMap;
  readonly pools: Pools;
}

export function emitFaces(emission: Emission, server: Scope): readonly Face[] {
  const { report } = emission;
  const listens = listOf(server, "listen").flatMap((given) => readListen(given, report) ?? []);
  if (listOf(server, "listen").length === 0 && !server.isBroken) {
    report.error(server.at, "this server has no listen", "listen and a port");
  }
  const pools = findPools(emission, server);
  const emit = (listen: Listen) => emitFace(emission, server, listen, pools);
  return groupListens(listens, emit).map((face) => ({ ...face, server, pools }));
}

/** Addresses with the same options are one listener. */
export function groupListens(
  listens: readonly Listen[],
  emit: (listen: Listen) => DraftMap,
): readonly Pick<Face, "listens" | "draft">[] {
  const faces = new Map<string, { listens: Listen[]; draft: DraftMap }>();
  const someOnly = listens.some(({ ipv6Only }) => ipv6Only);
  for (const listen of listens) {
    const draft = emit(listen);
    // Who stands for IPv6 alone goes with those of IPv4, not with one that stands for both.
    const isForBoth = someOnly && listen.ipv6Only === false;
    const signature = `${signatureOf(draft)} ${isForBoth}`;
    const known = faces.get(signature);
    if (known === undefined) faces.set(signature, { listens: [listen], draft });
    else known.listens.push(listen);
  }
  return [...faces.values()];
}

function emitFace(emission: Emission, server: Scope, listen: Listen, pools: Pools): DraftMap {
  const { parameters } = listen;
  const draft = new DraftMap({ at: server.at });
  const ssl = parameters.get("ssl");
  const header = parameters.get("proxy_protocol");
  // The key stands first, whatever it will be.
  draft.put("protocol", "tcp", { at: server.at });
  if (header !== undefined) emitProxyHeaderIn(emission, server, { draft, header: header.word });
  const hasHeader = header !== undefined;
  const readsConnect = emitRules(emission, server, { draft, hasHeader, more: pools.rules });
  if (ssl !== undefined) draft.set("tls", emitListenerTls(emission, server, ssl.word));
  const needs = readsConnect || poolsNeedConnect(emission, pools);
  emitProtocol(emission, server, { draft, isTls: ssl !== undefined, needs });
  emitBacklog(emission, listen, draft);
  emitClientKeepAlive(emission, listen, draft);
  return draft;
}

interface Protocol {
  readonly draft: DraftMap;
  readonly isTls: boolean;
  /** Something asks for fields of the CONNECT. */
  readonly needs: boolean;
}

/** What is read before a server is chosen: nginx relays whatever comes unless told otherwise. */
function emitProtocol(
  { report }: Emission,
  server: Scope,
  { draft, isTls, needs }: Protocol,
): void {
  const preread = setting(server, "ssl_preread");
  const mqtt = ["mqtt", "mqtt_preread"].find((name) => isOn(server, name));
  const isPassed = !isTls && preread !== null && preread.amount === 1;
  if (isPassed) draft.put("protocol", "tls", preread.name);
  else if (mqtt !== undefined) draft.put("protocol", "mqtt", setting(server, mqtt)!.name);
  else if (needs) {
    draft.put("protocol", "mqtt", { at: server.at });
    const message = "this server reads CONNECT without mqtt_preread; Fairlead waits for it";
    report.notice(server.at, message);
  } else return;
  const timeout = setting(server, "preread_timeout");
  const text = writeTime(timeout?.args[0]?.text ?? "", timeout?.amount ?? PREREAD_MS);
  draft.put("connectDeadline", text, timeout?.args[0] ?? { at: server.at });
  const size = setting(server, "preread_buffer_size");
  if (size === null || isPassed) return;
  const bytes = Math.min(Math.max(size.amount, CONNECT_SIZE.min), CONNECT_SIZE.max);
  draft.put("connectSize", writeSize(bytes), size.args[0]!, size.name.at);
}

const READ_FROM_CONNECT = /^(client-id|user-name)$|\bmqtt\./;

function poolsNeedConnect({ pools: { drafts } }: Emission, pools: Pools): boolean {
  const used = [pools.standard, ...pools.byServerName.values()];
  return used.some((named) => {
    const pool = named === null ? undefined : drafts.entries.get(named.pool)?.node;
    const hash = pool instanceof DraftMap ? pool.entries.get("hash")?.node : undefined;
    const key = hash instanceof DraftMap ? hash.entries.get("key")?.node : undefined;
    return key?.kind === "scalar" && READ_FROM_CONNECT.test(String(key.value));
  });
}

function emitBacklog({ report }: Emission, { parameters }: Listen, draft: DraftMap): void {
  const backlog = parameters.get("backlog");
  if (backlog === undefined) return;
  const { value, word } = backlog;
  const count = /^\d{1,9}$/.test(value.text) ? Number(value.text) : 0;
  // The kernel cuts what is longer than its own limit; -1 asks for all that it has.
  if (count > 0) draft.set("backlog", scalar(Math.min(count, BACKLOG_MAX), value), word.at);
  else if (value.text !== "-1") report.error(value, `backlog is "${value.text}"`, "a whole number");
}

/** The listener as the document has it. */
export function finishFace({ server, listens, draft, pools }: Face, listener: DraftMap): void {
  const addresses = listens.flatMap(({ addresses: texts, given }) => {
    return texts.map((text) => scalar(text, given.args[0]!));
  });
  const [first] = addresses;
  const keyAt = listens[0]!.given.name.at;
  if (addresses.length === 1) listener.set("listen", first!, keyAt);
  else listener.set("listen", { kind: "list", items: addresses, at: first!.at }, keyAt);
  const standard = pools.standard;
  const pool =
    standard === null
      ? placeholder(PLACEHOLDER_POOL, { at: server.at })
      : scalar(standard.pool, standard.at);
  for (const [key, { node, keyAt: at }] of draft.entries) {
    listener.set(key, node, at);
    if (key === "protocol") listener.set("pool", pool);
  }
  const only = listens.find(({ ipv6Only }) => ipv6Only);
  if (only !== undefined) listener.put("ipv6Only", true, only.given.args[0]!);
  for (const [name, { pool: other, at }] of pools.byServerName) {
    listener.child("serverNames", at).put(name, other, at);
  }
}
