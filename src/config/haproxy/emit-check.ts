// Health checks of a backend: what `check` and its options say of each server, and what the servers
// of a pool share.
//
//   timeout check is set    connecting may take the shorter of timeout connect and inter, then the
//                           answer timeout check
//   it is not               all of it may take inter

import { DraftMap, list, scalar } from "../import/draft.ts";
import { saysTheSame, signatureOf } from "../import/hoist.ts";
import type { Word } from "../import/word.ts";
import { parseTime, writeTime } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { emitCheckContent } from "./emit-check-content.ts";
import { countBehind } from "./emit-server.ts";
import { type GivenOption, type Options, type ProxySection, placeOf, setting } from "./model.ts";

const INTERVAL_MS = 2_000;
const TIMINGS = ["interval", "fastInterval", "downInterval", "rise", "fall", "port", "address"];

export interface CheckedServer {
  readonly draft: DraftMap;
  readonly options: Options;
}

/** Puts `check` into the pool, and into the servers that differ from it. */
export function emitCheck(
  emission: Emission,
  proxy: ProxySection,
  { pool, servers }: { readonly pool: DraftMap; readonly servers: readonly CheckedServer[] },
): void {
  const checked = servers.filter(({ options }) => options.has("check"));
  const [first] = checked;
  if (first === undefined) {
    const none = new DraftMap({ at: proxy.at });
    none.put("type", "none", { at: proxy.at });
    pool.set("check", none);
    return;
  }
  const at = first.options.get("check")!.keyword.at;
  const check = new DraftMap({ at });
  const type = emitCheckContent(emission, proxy, check);
  emitTransport(emission, checked, check);
  emitShared(emission, proxy, { check, first: first.options, type });
  pool.set("check", check);
  for (const { draft, options } of servers) emitOwn(emission, { draft, options }, check);
}

/** What the first server that is checked says counts for the pool. */
function emitShared(
  emission: Emission,
  proxy: ProxySection,
  of: { readonly check: DraftMap; readonly first: Options; readonly type: string },
): void {
  const { check, first, type } = of;
  const timings = timingsOf(emission, first, check.at);
  for (const [key, { node, keyAt }] of timings.entries) check.set(key, node, keyAt);
  const intervalMs = timeOf(first.get("inter")) ?? INTERVAL_MS;
  emitTimeout(proxy, check, { intervalMs, hasAnswer: type !== "tcp" });
  const spread = setting(emission.model.global, "spread-checks");
  if (spread === null) check.put("spread", 0, check);
  else check.put("spread", spread.amount, spread.args[0]!);
  const initial = first.get("init-state")?.args[0];
  if (initial !== undefined && initial.text !== "none") {
    check.set("initial", scalar(initial.text, initial));
  }
}

function emitTimeout(
  proxy: ProxySection,
  check: DraftMap,
  { intervalMs, hasAnswer }: { readonly intervalMs: number; readonly hasAnswer: boolean },
): void {
  const answer = setting(proxy, "timeout check");
  const connect = setting(proxy, "timeout connect");
  const connectMs = connect === null || connect.amount === 0 ? intervalMs : connect.amount;
  const connecting = Math.min(connectMs, intervalMs);
  if (answer === null) {
    check.put("timeout", writeTime("", intervalMs), check);
    return;
  }
  const ms = hasAnswer ? connecting + answer.amount : connecting;
  check.put("timeout", writeTime("", ms), { at: placeOf(answer) }, answer.keyword[0]!.at);
}

/** A server that is not checked, or is checked in another rhythm than its pool. */
function emitOwn(emission: Emission, server: CheckedServer, check: DraftMap): void {
  const { draft, options } = server;
  const own = new DraftMap({ at: draft.at });
  if (!options.has("check")) {
    if (!options.has("track")) own.put("enabled", false, { at: draft.at });
  } else {
    const timings = timingsOf(emission, options, draft.at);
    for (const key of TIMINGS) {
      const mine = timings.entries.get(key);
      const pools = check.entries.get(key);
      if (mine === undefined) continue;
      if (pools !== undefined && saysTheSame(pools.node, mine.node)) continue;
      own.set(key, mine.node, mine.keyAt);
    }
  }
  if (!own.isEmpty) draft.set("check", own);
}

/** Every timing, HAProxy's defaults included: ours differ. */
function timingsOf(emission: Emission, options: Options, at: DraftMap["at"]): DraftMap {
  const timings = new DraftMap({ at });
  const inter = options.get("inter");
  putTime(emission, timings, { key: "interval", given: inter, fallback: "2s" });
  const written = timings.entries.get("interval")?.node;
  const interval = written?.kind === "scalar" ? String(written.value) : "2s";
  const fast = options.get("fastinter");
  putTime(emission, timings, { key: "fastInterval", given: fast, fallback: interval });
  const down = options.get("downinter");
  if (down !== undefined) {
    putTime(emission, timings, { key: "downInterval", given: down, fallback: interval });
  }
  putCount(emission, timings, "rise", options.get("rise"));
  putCount(emission, timings, "fall", options.get("fall"));
  putCount(emission, timings, "port", options.get("port"));
  const address = options.get("addr");
  if (address !== undefined) putAddress(emission, timings, address);
  return timings;
}

function putTime(
  { report }: Emission,
  timings: DraftMap,
  {
    key,
    given,
    fallback,
  }: {
    readonly key: string;
    readonly given: GivenOption | undefined;
    readonly fallback: string;
  },
): void {
  const [word] = given?.args ?? [];
  const ms = timeOf(given);
  if (word !== undefined && ms !== null) {
    timings.set(key, scalar(writeTime(word.text, ms), word), given!.keyword.at);
    return;
  }
  if (word !== undefined) {
    const expected = "a time such as 2s, 500ms or 2000";
    report.error(word, `${given!.keyword.text} is "${word.text}"`, expected);
  }
  timings.put(key, fallback, timings);
}

function timeOf(given: GivenOption | undefined): number | null {
  return given === undefined ? null : parseTime(given.args[0]!.text);
}

function putCount(
  emission: Emission,
  timings: DraftMap,
  key: string,
  given: GivenOption | undefined,
): void {
  const count = given === undefined ? null : countBehind(emission, given);
  if (count !== null) timings.set(key, scalar(count, given!.args[0]!), given!.keyword.at);
}

function putAddress({ report }: Emission, timings: DraftMap, { keyword, args }: GivenOption): void {
  const [word] = args;
  if (/^[\d.]+$|:/.test(word!.text)) timings.set("address", scalar(word!.text, word!), keyword.at);
  else report.error(word!, `addr is "${word!.text}"`, "an IP address");
}

// ── what checks are made over ────────────────────────────────────────────────────────────────────

/** What a pool has once, and each checked server of HAProxy for itself. */
function emitTransport(
  emission: Emission,
  checked: readonly CheckedServer[],
  check: DraftMap,
): void {
  const [first, ...others] = checked.map(({ options }) => transportOf(options));
  for (const [index, other] of others.entries()) {
    if (signatureOf(other) === signatureOf(first!)) continue;
    const { keyword } = checked[index + 1]!.options.get("check")!;
    const message = "this server is checked over another transport than the one before it";
    emission.report.error(keyword, message, "the same check options for all servers");
    break;
  }
  for (const [key, { node, keyAt }] of first!.entries) check.set(key, node, keyAt);
}

function transportOf(options: Options): DraftMap {
  const transport = new DraftMap({ at: options.get("check")!.keyword.at });
  const ssl = options.get("check-ssl");
  if (ssl !== undefined) transport.put("tls", "on", ssl.keyword);
  const sni = options.get("check-sni")?.args[0];
  if (sni !== undefined) transport.set("serverName", scalar(sni.text, sni));
  const alpn = options.get("check-alpn")?.args[0];
  if (alpn !== undefined) {
    const items = alpn.text.split(",").map((name) => scalar(name, alpn));
    transport.set("alpn", list(items, { at: alpn.at }));
  }
  const header = options.get("check-send-proxy");
  if (header !== undefined) transport.put("proxyProtocol", headerVersion(options), header.keyword);
  return transport;
}

function headerVersion(options: Options): "v1" | "v2" {
  return [...options.keys()].some((name) => name.startsWith("send-proxy-v2")) ? "v2" : "v1";
}

// ── agents and what clients' connections say ─────────────────────────────────────────────────────

/** `agent-check`, which a pool has for all of its servers. */
export function emitAgent(
  emission: Emission,
  servers: readonly CheckedServer[],
  pool: DraftMap,
): void {
  const [first] = servers.filter(({ options }) => options.has("agent-check"));
  if (first === undefined) return;
  const wanted = signatureOf(agentOf(emission, first.options)!);
  for (const { draft, options } of servers) {
    const agent = agentOf(emission, options);
    if (agent !== null && signatureOf(agent) === wanted) continue;
    const expected = "the same agent-check for all servers";
    emission.report.error(draft.at, "this server has another agent-check than others", expected);
    return;
  }
  pool.set("agentCheck", agentOf(emission, first.options)!);
}

function agentOf(emission: Emission, options: Options): DraftMap | null {
  const given = options.get("agent-check");
  if (given === undefined) return null;
  const agent = new DraftMap({ at: given.keyword.at });
  putCount(emission, agent, "port", options.get("agent-port"));
  const address = options.get("agent-addr");
  if (address !== undefined) putAddress(emission, agent, address);
  const inter = options.get("agent-inter");
  if (inter !== undefined) {
    putTime(emission, agent, { key: "interval", given: inter, fallback: "2s" });
  }
  const send = options.get("agent-send")?.args[0];
  if (send !== undefined) agent.set("send", scalar(send.text, send));
  return agent;
}

const ON_ERROR: Readonly<Record<string, string>> = {
  fastinter: "fast-interval",
  "fail-check": "fail-check",
  "sudden-death": "sudden-death",
  "mark-down": "mark-down",
};

/** `observe layer4`; without it HAProxy learns nothing from the connections of clients. */
export function emitObserve(
  emission: Emission,
  servers: readonly CheckedServer[],
  pool: DraftMap,
): void {
  const { report } = emission;
  const observe = new DraftMap({ at: pool.at });
  const given = servers.map(({ options }) => options.get("observe"));
  const word: Word | undefined = given[0]?.args[0];
  const differs = given.find((other) => other?.args[0]?.text !== word?.text);
  if (differs !== undefined) {
    report.error(differs.keyword, '"observe" differs from server to server', "one for all");
  }
  if (word === undefined) observe.put("mode", "off", { at: pool.at });
  else if (word.text !== "layer4") {
    report.error(word, `"observe ${word.text}" cannot be honoured: it is about HTTP`, "layer4");
  } else {
    const { options } = servers[0]!;
    observe.put("mode", "connections", word);
    putCount(emission, observe, "errorLimit", options.get("error-limit"));
    const onError = options.get("on-error")?.args[0];
    const action = onError === undefined ? undefined : ON_ERROR[onError.text];
    if (action !== undefined) observe.set("onError", scalar(action, onError!));
    else if (onError !== undefined) {
      const expected = `one of ${Object.keys(ON_ERROR).join(", ")}`;
      report.error(onError, `on-error is "${onError.text}"`, expected);
    }
  }
  pool.set("observe", observe);
}
