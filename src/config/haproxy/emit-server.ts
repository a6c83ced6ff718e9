// A `server` line as a server of our document: its address, and what its options say of it alone.

import { DraftMap, placeholder, scalar } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import { isMistake, joinHostPort, parseTarget, type ServerTarget } from "./addresses.ts";
import { parseCount, parseTime, writeTime } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { emitDiscovery } from "./emit-resolvers.ts";
import { emitServerTls } from "./emit-server-tls.ts";
import { emitSource } from "./emit-source.ts";
import type { GivenOption, Options, ProxySection, Server } from "./model.ts";

/** Stands in for an address that is wrong; never dialled. */
const PLACEHOLDER_ADDRESS = "0.0.0.0:1";
/** Stands where a name must have a port and its records have another one. */
const SERVICE_PORT = 1883;

/** The keys that a pool has as well. */
export const SERVER_KEYS_OF_POOLS = [
  "tls",
  "proxyProtocol",
  "source",
  "slowStart",
  "onMarkedDown",
  "onMarkedUp",
];

export function emitServer(emission: Emission, server: Server, proxy: ProxySection): DraftMap {
  const { given, name, options } = server;
  const draft = new DraftMap({ at: given.keyword[0]!.at });
  draft.set("name", scalar(name.text, name));
  draft.set("address", addressOf(emission, server, proxy));
  emitAmounts(emission, options, draft);
  emitStates(emission, options, draft);
  emitDiscovery(emission, server, draft);
  const tls = emitServerTls(emission, options);
  if (tls !== null) draft.set("tls", tls);
  emitProxyHeader(emission, options, draft);
  const source = options.get("source");
  if (source !== undefined) emitSource(emission, source.keyword, source.args, draft);
  return draft;
}

function addressOf(emission: Emission, { address }: Server, proxy: ProxySection) {
  const target = parseTarget(address.text);
  if (isMistake(target)) return placeholder(PLACEHOLDER_ADDRESS, address);
  // The records of a service say its port.
  const port = target.host.startsWith("_") ? SERVICE_PORT : portOf(emission, target, proxy);
  if (port !== null) return scalar(joinHostPort(target.host, port), address);
  const message = `"${address.text}" takes its port from clients, who come to several`;
  emission.report.error(address, message, "a port of its own");
  return placeholder(PLACEHOLDER_ADDRESS, address);
}

/** A port that is left out, or an offset, starts at the port that clients come to: if it is one. */
function portOf({ users }: Emission, { port }: ServerTarget, proxy: ProxySection): number | null {
  if (port.kind === "fixed") return port.port;
  const binds = (users.get(proxy.name?.text ?? "") ?? []).flatMap((user) => user.binds);
  const ports = new Set(binds.flatMap(({ addresses }) => addresses.map((address) => address.port)));
  const [only] = ports;
  return ports.size === 1 ? only! + port.offset : null;
}

const COUNTS = [
  ["weight", "weight"],
  ["id", "id"],
] as const;

const HASH_KEYS: Readonly<Record<string, string>> = {
  id: "id",
  addr: "address",
  "addr-port": "address-port",
};

function emitHashKey({ report }: Emission, options: Options, draft: DraftMap): void {
  const word = options.get("hash-key")?.args[0];
  if (word === undefined) return;
  const key = HASH_KEYS[word.text];
  if (key !== undefined) draft.set("hashKey", scalar(key, word));
  else report.error(word, `hash-key is "${word.text}"`, Object.keys(HASH_KEYS).join(", "));
}

function emitAmounts(emission: Emission, options: Options, draft: DraftMap): void {
  const { report } = emission;
  for (const [option, key] of COUNTS) {
    const given = options.get(option);
    const count = given === undefined ? null : countBehind(emission, given);
    if (count !== null) draft.set(key, scalar(count, given!.args[0]!), given!.keyword.at);
  }
  emitLimit(emission, options, draft);
  emitHashKey(emission, options, draft);
  const slowStart = options.get("slowstart");
  if (slowStart === undefined) return;
  const [word] = slowStart.args;
  const ms = parseTime(word!.text);
  if (ms === null) report.error(word!, `slowstart is "${word!.text}"`, "a time such as 20s");
  else draft.set("slowStart", scalar(writeTime(word!.text, ms), word!), slowStart.keyword.at);
}

/** A `minconn` that is not below `maxconn` takes its place (srv_minmax_conn_apply). */
function emitLimit(emission: Emission, options: Options, draft: DraftMap): void {
  const [max, min] = [options.get("maxconn"), options.get("minconn")];
  const maxCount = max === undefined ? null : countBehind(emission, max);
  const minCount = min === undefined ? null : countBehind(emission, min);
  const isMinAbove = minCount !== null && minCount > (maxCount ?? 0);
  if (isMinAbove) {
    draft.put("connections", minCount, min!.args[0]!, min!.keyword.at);
    const message = `minconn ${minCount} is not below maxconn, and HAProxy takes it for that`;
    emission.report.notice(min!.keyword, message);
    return;
  }
  if (maxCount === null) return;
  draft.put("connections", maxCount, max!.args[0]!, max!.keyword.at);
  if (minCount === null || minCount === 0 || minCount === maxCount) return;
  draft.put("connectionsFrom", minCount, min!.args[0]!, min!.keyword.at);
}

/** @returns null after it has reported what is wrong */
export function countBehind({ report }: Emission, { keyword, args }: GivenOption): number | null {
  const [word] = args;
  const count = parseCount(word!.text);
  if (count === null) report.error(word!, `${keyword.text} is "${word!.text}"`, "a whole number");
  return count;
}

interface Switch {
  readonly option: string;
  readonly word: string;
  readonly key: string;
  readonly value: string;
}

const SWITCHES: readonly Switch[] = [
  {
    option: "on-marked-down",
    word: "shutdown-sessions",
    key: "onMarkedDown",
    value: "cut-connections",
  },
  {
    option: "on-marked-up",
    word: "shutdown-backup-sessions",
    key: "onMarkedUp",
    value: "cut-backup-connections",
  },
];

function emitStates({ report }: Emission, options: Options, draft: DraftMap): void {
  const backup = options.get("backup");
  if (backup !== undefined) draft.put("backup", true, backup.keyword);
  const nonStick = options.get("non-stick");
  if (nonStick !== undefined) draft.put("stick", false, nonStick.keyword);
  const disabled = options.get("disabled");
  if (disabled !== undefined && !options.has("enabled")) {
    draft.put("state", "maintenance", disabled.keyword);
  }
  const track = options.get("track");
  if (track !== undefined) draft.set("track", scalar(track.args[0]!.text, track.args[0]!));
  for (const { option, word: expected, key, value } of SWITCHES) {
    const given = options.get(option);
    const word = given?.args[0];
    if (word === undefined) continue;
    if (word.text === expected) draft.set(key, scalar(value, word), given!.keyword.at);
    else report.error(word, `${option} is "${word.text}"`, expected);
  }
}

/** What `proxy-v2-options` may name, and the TLV of our document; null: it is there anyway. */
const TLVS: Readonly<Record<string, string | null>> = {
  ssl: "ssl",
  "cert-cn": "ssl-cn",
  "ssl-cipher": "ssl-cipher",
  "cert-sig": "ssl-signature",
  "cert-key": "ssl-key",
  authority: "authority",
  crc32c: "crc32c",
  "unique-id": "unique-id",
};

function emitProxyHeader({ report }: Emission, options: Options, draft: DraftMap): void {
  const cn = options.get("send-proxy-v2-ssl-cn");
  const ssl = options.get("send-proxy-v2-ssl");
  const second = cn ?? ssl ?? options.get("send-proxy-v2");
  const first = options.get("send-proxy");
  if (second === undefined) {
    if (first !== undefined) draft.put("proxyProtocol", "v1", first.keyword);
    return;
  }
  const tlvs = new Map<string, Word>();
  if (cn !== undefined || ssl !== undefined) tlvs.set("ssl", (cn ?? ssl)!.keyword);
  if (cn !== undefined) tlvs.set("ssl-cn", cn.keyword);
  const more = options.get("proxy-v2-options")?.args[0];
  for (const name of more?.text.split(",") ?? []) {
    const tlv = Object.hasOwn(TLVS, name) ? TLVS[name] : undefined;
    if (tlv) tlvs.set(tlv, more!);
    else report.error(more!, `"${name}" is no option of the header`, Object.keys(TLVS).join(", "));
  }
  if (tlvs.size === 0) {
    draft.put("proxyProtocol", "v2", second.keyword);
    return;
  }
  const header = new DraftMap({ at: second.keyword.at });
  header.put("version", "v2", second.keyword);
  const names = [...tlvs].map(([tlv, word]) => scalar(tlv, word));
  header.set("tlvs", { kind: "list", items: names, at: second.keyword.at });
  draft.set("proxyProtocol", header);
}
