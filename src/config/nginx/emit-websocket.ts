// Locations of http blocks through which MQTT over WebSocket passes, as listeners: the addresses
// and the TLS of their server, the path of the location, the servers behind proxy_pass.

import { DraftMap, list, scalar } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import { writeTime } from "./amounts.ts";
import type { Directive } from "./directive.ts";
import type { Emission } from "./emission.ts";
import { emitAdmin } from "./emit-admin.ts";
import { emitListenerTls } from "./emit-listener-tls.ts";
import { freeName } from "./emit-listeners.ts";
import { addPool, emitPool } from "./emit-pool.ts";
import { emitProxyHeaderIn } from "./emit-proxy-header-in.ts";
import { emitRules } from "./emit-rules.ts";
import { finishFace, groupListens } from "./emit-server.ts";
import type { NamedPool } from "./find-pools.ts";
import { readHttpScope, readHttpUpstream } from "./http-scopes.ts";
import { type Given, listOf, type Scope, setting } from "./model.ts";
import { type Listen, readListen } from "./read-listen.ts";
import { joinTarget, readTarget } from "./read-upstream-server.ts";

/** nginx's own, where nothing is said. */
const READ_TIMEOUT = { text: "60s", ms: 60_000 };
const HEADER_TIMEOUT = { text: "60s", ms: 60_000 };
/** What clients of MQTT ask for where a location takes all paths. */
const MQTT_PATH = "/mqtt";

interface Passage {
  readonly location: Scope;
  readonly path: Word;
  readonly target: Target;
}

export function emitWebSocketListeners(emission: Emission, listeners: DraftMap): void {
  const { model, report } = emission;
  if (model.httpAt === null) return;
  const unread = new Set<string>();
  const whole = { name: model.httpAt, args: [], block: model.http, endAt: model.httpAt.at };
  const http = readHttpScope(whole, null, { report, unread });
  let found = 0;
  for (const directive of model.http) {
    if (directive.name.text !== "server" || directive.block === null) continue;
    if (emitServer(emission, directive, { http, listeners })) found++;
  }
  const what = found === 0 ? "is left out" : "is left out but for what MQTT needs";
  report.notice(model.httpAt, `"http" ${what}: Fairlead relays MQTT`);
}

interface Around {
  readonly http: Scope;
  readonly listeners: DraftMap;
}

/** @returns whether anything of the server is used */
function emitServer(
  emission: Emission,
  directive: Directive,
  { http, listeners }: Around,
): boolean {
  const { report } = emission;
  const unread = new Set<string>();
  const server = readHttpScope(directive, http, { report, unread });
  if (emitAdmin(emission, directive, server)) return true;
  const passages = locationsOf(directive).flatMap((location) => {
    return passageOf(emission, location, server, unread) ?? [];
  });
  const [first, ...others] = passages;
  if (first === undefined) return false;
  const pool = emitTarget(emission, first);
  for (const other of others) {
    const isSame = other.target.word.text === first.target.word.text;
    if (isSame && emitTarget(emission, other).pool === pool.pool) continue;
    const message = "locations of one server cannot pass to several upstreams";
    report.error(other.target.word, message, `"${first.target.word.text}"`);
  }
  if (unread.size > 0) {
    const names = [...unread].join(", ");
    report.notice(server.at, `of this server ${names} makes no difference to MQTT over WebSocket`);
  }
  const listens = listOf(server, "listen").flatMap(
    (given) => readListen(given, report, true) ?? [],
  );
  const emit = (listen: Listen) => emitFace(emission, server, listen, passages);
  for (const face of groupListens(listens, emit)) {
    const listener = new DraftMap({ at: server.at });
    const pools = { standard: pool, byServerName: new Map<string, NamedPool>(), rules: [] };
    finishFace({ ...face, server, pools }, listener);
    const { port, given } = face.listens[0]!;
    listeners.set(freeName(listeners, `port-${port}`), listener, given.name.at);
  }
  if (listens.length === 0)
    report.error(server.at, "this server has no listen", "listen and a port");
  return true;
}

function locationsOf({ block }: Directive): readonly Directive[] {
  return (block ?? []).flatMap((directive) => {
    if (directive.name.text !== "location" || directive.block === null) return [];
    return [directive, ...locationsOf(directive)];
  });
}

/** @returns null where no WebSocket passes, or what is wrong was reported */
function passageOf(
  emission: Emission,
  directive: Directive,
  server: Scope,
  unread: Set<string>,
): Passage | null {
  const { report } = emission;
  const own = new Set<string>();
  const location = readHttpScope(directive, server, { report, unread: own });
  const given = location.settings.get("proxy_pass");
  const headers = listOf(location, "proxy_set_header");
  const upgrades = headers.some(({ args }) => args[0]?.text.toLowerCase() === "upgrade");
  if (given === undefined || given.isBroken || !upgrades) return null;
  for (const name of own) unread.add(name);
  const path = pathOf(emission, directive);
  const target = targetOf(emission, given);
  return path === null || target === null ? null : { location, path, target };
}

function pathOf({ report }: Emission, { name, args }: Directive): Word | null {
  const [first, second] = args;
  const path = second ?? first;
  if (path === undefined) {
    report.error(name, '"location" stands alone', "a path such as /mqtt");
    return null;
  }
  if (second !== undefined && first!.text.startsWith("~")) {
    const message = `"${path.text}" cannot be honoured: paths of WebSocket are matched whole`;
    report.error(path, message, "a path such as /mqtt");
    return null;
  }
  if (first!.text !== "=") {
    const what = path.text === "/" ? `"/" and "${MQTT_PATH}"` : `"${path.text}"`;
    report.notice(path, `this location takes ${what} alone, and no path that begins so`);
  }
  return path;
}

interface Target {
  /** What names the upstream or the address, without scheme and path. */
  readonly word: Word;
  /** What stands behind it; empty where the client's path is kept. */
  readonly uri: string;
  readonly isTls: boolean;
  readonly upstream: Scope | null;
  readonly address: string;
}

function targetOf({ model, report }: Emission, { args }: Given): Target | null {
  const [word] = args as [Word];
  const match = /^(https?):\/\/([^/]+)(\/.*)?$/.exec(word.text);
  if (match === null || word.text.includes("$")) {
    report.error(word, `proxy_pass is "${word.text}"`, "http:// and an upstream or an address");
    return null;
  }
  const [, scheme = "", name = "", uri = ""] = match;
  const column = word.at.column + scheme.length + 3;
  const named: Word = { text: name, source: name, at: { ...word.at, column } };
  const isTls = scheme === "https";
  const upstreams = model.http.filter((directive) => directive.name.text === "upstream");
  const found = upstreams.find((directive) => directive.args[0]?.text === name);
  if (found !== undefined) {
    const upstream = readHttpUpstream(found, report);
    return { word: named, uri, isTls, upstream, address: "" };
  }
  const target = readTarget(named, report, { portDefault: isTls ? 443 : 80 });
  if (target === null) return null;
  const address = joinTarget(target.host, target.port!);
  return { word: named, uri, isTls, upstream: null, address };
}

function emitTarget(emission: Emission, { location, path, target }: Passage): NamedPool {
  const { word, upstream, address, uri, isTls } = target;
  const server = withDefaults(location, { word, isTls });
  const passed = { server, upstream, word, address };
  const draft = emitPool(emission, passed);
  const websocket = new DraftMap({ at: path.at });
  const own = path.text === "/" ? MQTT_PATH : path.text;
  websocket.put("path", uri === "" ? own : uri, uri === "" ? path : word);
  const host = listOf(location, "proxy_set_header").find(({ args }) =>
    /^host$/i.test(args[0]!.text),
  );
  if (host !== undefined && !host.args[1]!.text.includes("$")) {
    websocket.put("host", host.args[1]!.text, host.args[1]!);
  }
  draft.set("websocket", websocket);
  return { pool: addPool(emission, passed, draft), at: word };
}

/** What http blocks have where nothing is said, and streams have not. */
function withDefaults(
  location: Scope,
  { word, isTls }: { readonly word: Word; readonly isTls: boolean },
): Scope {
  const settings = new Map(location.settings);
  const said = (name: string, text: string, amount: number) => {
    const value = { text, source: text, at: word.at };
    settings.set(name, { name: word, args: [value], block: [], amount, isBroken: false });
  };
  if (setting(location, "proxy_timeout") === null) {
    said("proxy_timeout", READ_TIMEOUT.text, READ_TIMEOUT.ms);
  }
  if (isTls) said("proxy_ssl", "on", 1);
  return { ...location, settings };
}

function emitFace(
  emission: Emission,
  server: Scope,
  { parameters }: Listen,
  passages: readonly Passage[],
): DraftMap {
  const draft = new DraftMap({ at: server.at });
  draft.put("protocol", "mqtt", { at: server.at });
  const header = parameters.get("proxy_protocol");
  if (header !== undefined) emitProxyHeaderIn(emission, server, { draft, header: header.word });
  const [{ location }] = passages as [Passage];
  emitRules(emission, location, { draft, hasHeader: header !== undefined, more: [] });
  const ssl = parameters.get("ssl");
  if (ssl !== undefined) draft.set("tls", emitListenerTls(emission, server, ssl.word));
  const paths = passages.flatMap(({ path }) => {
    return path.text === "/"
      ? [scalar("/", path), scalar(MQTT_PATH, path)]
      : [scalar(path.text, path)];
  });
  const websocket = draft.child("websocket", paths[0]!);
  websocket.set("paths", list(paths, paths[0]!));
  const timeout = setting(server, "client_header_timeout");
  const deadline = writeTime(timeout?.args[0]?.text ?? "", timeout?.amount ?? HEADER_TIMEOUT.ms);
  websocket.put("deadline", deadline, timeout?.args[0] ?? paths[0]!);
  return draft;
}
