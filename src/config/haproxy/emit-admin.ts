// HAProxy's page and its socket for commands, as our admin address: who sees the page there may
// look here, and `stats admin` lets him change things, too (HAProxy's manual, 3.1 and 4.2).

import { createHash, scryptSync } from "node:crypto";
import { formatPasswordHash } from "../credential.ts";
import { DraftMap, scalar } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import { isMistake, parseBind } from "./addresses.ts";
import type { Emission } from "./emission.ts";
import { writePath } from "./emit-paths.ts";
import { SOCKET_OPTIONS } from "./keywords/socket-options.ts";
import { type Bind, type Given, listOf, type ProxySection, placeOf, setting } from "./model.ts";
import { readOptions } from "./read-options.ts";

/** Where our page is. */
const PAGE = "/stats";
const LOG2_COST = 14;
const BLOCK_SIZE = 8;
const HASH_SIZE = 32;
const SALT_SIZE = 16;

/** `mode http` with `stats enable` and nothing else: HAProxy's page. */
export function isStatsPage(proxy: ProxySection): boolean {
  const hasPage = setting(proxy, "stats enable") !== null || setting(proxy, "stats uri") !== null;
  return isHttp(proxy) && hasPage && proxy.servers.length === 0;
}

export function isHttp(proxy: ProxySection): boolean {
  return setting(proxy, "mode")?.amount === 1;
}

/** @param pages the sections that are pages; one admin address answers */
export function emitAdmin(
  emission: Emission,
  document: DraftMap,
  pages: readonly ProxySection[],
): void {
  const { report } = emission;
  const [page, ...others] = pages;
  for (const other of others) {
    const message = `there is one address for pages, and "${page!.name?.text}" has it`;
    report.error(other.at, message, "one section with stats enable");
  }
  if (page !== undefined) emitPage(emission, document, page);
  emitSocket(emission, document);
}

function emitPage(emission: Emission, document: DraftMap, page: ProxySection): void {
  const { report } = emission;
  const bind = page.binds[0];
  const address = bind?.addresses[0];
  if (bind === undefined || address === undefined) return;
  const admin = document.child("admin", { at: page.at });
  admin.put("listen", address.text, bind.given.args[0]!, bind.given.keyword[0]!.at);
  emitRights(emission, page, { admin, isOnLoopback: /^(127\.|\[::1\])/.test(address.text) });
  emitTls(emission, bind, admin);
  if (bind.addresses.length > 1 || page.binds.length > 1) {
    report.error(placeOf(bind.given), "pages have one address", "one bind with one port");
  }
  const uri = setting(page, "stats uri");
  if (uri === null || uri.args[0]!.text.replace(/\/$/, "") === PAGE) return;
  report.notice(uri.args[0]!, `the page is at ${PAGE}, and HAProxy's CSV at ${PAGE};csv`);
}

interface Rights {
  readonly admin: DraftMap;
  readonly isOnLoopback: boolean;
}

/** Whoever reaches HAProxy's page may look; what he may change is for `stats admin` to say. */
function emitRights(emission: Emission, page: ProxySection, { admin, isOnLoopback }: Rights): void {
  const changes = mayChange(emission, page);
  const users = listOf(page, "stats auth").flatMap((given) => userOf(emission, given) ?? []);
  const role = changes === null ? "read-only" : "operator";
  for (const { name, hash } of users) {
    const user = new DraftMap(name);
    user.put("role", role, changes ?? name);
    user.put("password", hash, name);
    admin.child("users", name).set(name.text, user, name.at);
  }
  if (users.length > 0) return;
  if (changes !== null && !isOnLoopback) {
    const message = '"stats admin" lets everybody who reaches the page change servers';
    emission.report.error(changes, message, "stats auth, or an address on loopback");
  }
  if (!isOnLoopback || changes === null) admin.put("anonymous", "read-only", admin);
}

/** @returns where it is said that servers may be changed */
function mayChange({ report }: Emission, page: ProxySection): Word | null {
  const [given] = listOf(page, "stats admin");
  if (given === undefined) return null;
  const [keyword, condition, ...more] = given.args;
  const isPlain = keyword?.text === "if" && more.length === 0;
  if (isPlain && /^(TRUE|LOCALHOST)$/.test(condition?.text ?? "")) return given.keyword[0]!;
  const message = '"stats admin" goes by a condition, and here by who logs in';
  report.error(given.keyword[0]!, message, "if TRUE, and stats auth");
  return null;
}

interface User {
  readonly name: Word;
  readonly hash: string;
}

function userOf({ report }: Emission, given: Given): User | null {
  const [word] = given.args;
  const [, user, password] = /^([^:]+):(.+)$/.exec(word!.text) ?? [];
  if (user === undefined || password === undefined) {
    report.error(word!, "stats auth names no password", "user:password");
    return null;
  }
  return { name: { ...word!, text: user, source: user }, hash: hashOf(user, password) };
}

// The salt is always the same for one user and password, so that the same file says the same.
function hashOf(user: string, password: string): string {
  const digest = createHash("sha256").update(`haproxy.cfg\0${user}\0${password}`).digest();
  const salt = digest.subarray(0, SALT_SIZE);
  const options = { N: 2 ** LOG2_COST, r: BLOCK_SIZE, p: 1, maxmem: 64 * 1024 * 1024 };
  const hash = scryptSync(password, salt, HASH_SIZE, options);
  return formatPasswordHash({
    log2Cost: LOG2_COST,
    blockSize: BLOCK_SIZE,
    parallelism: 1,
    salt,
    hash,
  });
}

function emitTls({ report, bases }: Emission, bind: Bind, admin: DraftMap): void {
  const ssl = bind.options.get("ssl");
  if (ssl === undefined) return;
  const [crt] = bind.certificates;
  if (crt === undefined) {
    report.error(ssl.keyword, '"ssl" has no certificate', "crt and a file");
    return;
  }
  const tls = new DraftMap(ssl.keyword);
  tls.set("certificate", scalar(writePath(crt.args[0]!.text, "certificates", bases), crt.args[0]!));
  admin.set("tls", tls);
}

// ── stats socket ─────────────────────────────────────────────────────────────────────────────

const LEVELS = ["user", "operator", "admin"];

/** The socket for HAProxy's commands; there is one. */
function emitSocket(emission: Emission, document: DraftMap): void {
  const { model, report } = emission;
  const [given, ...others] = listOf(model.global, "stats socket");
  for (const other of others) {
    report.notice(other.keyword[0]!, "there is one socket for commands: the first");
  }
  if (given === undefined) return;
  const [address, ...rest] = given.args as [Word, ...Word[]];
  const { options } = readOptions(rest, SOCKET_OPTIONS, report);
  const socket = new DraftMap({ at: given.keyword[0]!.at });
  const listen = socketAddress(address, report);
  if (listen === null) return;
  socket.put("listen", listen, address);
  const level = options.get("level")?.args[0];
  if (level !== undefined && !LEVELS.includes(level.text)) {
    report.error(level, `level is "${level.text}"`, `one of ${LEVELS.join(", ")}`);
  } else if (level !== undefined) socket.set("level", scalar(level.text, level));
  const mode = options.get("mode")?.args[0];
  if (mode !== undefined && listen.startsWith("/")) socket.set("mode", scalar(mode.text, mode));
  document.child("admin", { at: given.keyword[0]!.at }).set("haproxySocket", socket);
}

function socketAddress(address: Word, report: Emission["report"]): string | null {
  const text = address.text.replace(/^unix@/, "");
  if (text.startsWith("/")) return text;
  const parsed = parseBind(text);
  if (!isMistake(parsed)) return parsed[0]!.text;
  report.error(address, `the address ${parsed.mistake}`, "an absolute path, or 127.0.0.1:9999");
  return null;
}
