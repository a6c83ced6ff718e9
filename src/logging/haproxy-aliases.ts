// What HAProxy's `log-format` can name: its aliases for tcp mode (its manual, chapter 8.2.6), the
// sample expressions that mean something once a connection has ended, and names of our own.
//
// One row each. An empty text is written as `-`.

import { errnoName } from "../linux/abi.ts";
import { ruleId } from "../mqtt/rule.ts";
import type { EndedConnection } from "./ended-connection.ts";
import { gmtDateTime, haproxyDate, localDateTime } from "./log-time.ts";
import type { Sender } from "./syslog-header.ts";
import { terminationState } from "./termination.ts";

/** Texts may be quoted and escaped; numbers and addresses are written in hexadecimal by `+X`. */
export type AliasValue = string | number;
export type Alias = (ended: EndedConnection, sender: Sender) => AliasValue;

const NO_SERVER = "<NOSRV>";

/** Behind a percent sign: `%ci`. */
export const ALIASES: Readonly<Record<string, Alias>> = {
  // HAProxy counts the connection itself at its front, and no more at its back.
  ac: ({ record }) => record.processActive + 1,
  b: (ended) => backendName(ended),
  B: ({ record }) => record.bytesOut,
  bc: ({ poolActive }) => poolActive,
  bq: ({ record }) => record.queuePosition,
  ci: ({ clientAddress }) => clientAddress,
  cp: ({ clientPort }) => clientPort,
  f: ({ listenerKey }) => listenerKey ?? "",
  fc: ({ record }) => record.listenerActive + 1,
  fi: ({ listener }) => listener?.listen.host ?? "",
  fp: ({ listener }) => listener?.listen.port ?? 0,
  ft: ({ listenerKey, listener }) => `${listenerKey ?? ""}${listener?.tls ? "~" : ""}`,
  H: (_, { host }) => host,
  ms: ({ record }) => String(Math.floor(record.startedAtMs) % 1_000).padStart(3, "0"),
  pid: (_, { pid }) => pid,
  rc: ({ record }) => {
    const sign = record.redispatches > 0 ? "+" : "";
    return `${sign}${record.retries + record.redispatches}`;
  },
  s: ({ lastServer }) => lastServer?.name ?? NO_SERVER,
  sc: ({ record }) => record.serverActive,
  si: ({ lastServer }) => hostOf(lastServer?.address),
  sp: ({ lastServer }) => portOf(lastServer?.address),
  // Clients wait for a pool, never for one of its servers.
  sq: () => 0,
  sslc: ({ detail }) => detail.tls?.cipher ?? "",
  sslv: ({ detail }) => detail.tls?.version ?? "",
  t: ({ record }) => haproxyDate(record.startedAtMs),
  T: ({ record }) => gmtDateTime(record.startedAtMs),
  Tc: ({ record }) => record.dialMs,
  Tl: ({ record }) => localDateTime(record.startedAtMs),
  ts: (ended) => terminationState(ended),
  Ts: ({ record }) => Math.floor(record.startedAtMs / 1_000),
  Tt: ({ record }) => Math.round(record.durationMs),
  Tu: ({ record }) => Math.round(record.durationMs),
  Tw: ({ record }) => record.queueMs,
  U: ({ record }) => record.bytesIn,
};

const clientId: Alias = (ended) => ended.clientId;
const serverName: Alias = ({ detail }) => detail.tls?.serverName ?? "";

/** In brackets, without spaces: `%[src]`. The names with a dot are our own. */
export const EXPRESSIONS: Readonly<Record<string, Alias>> = {
  src: ALIASES["ci"]!,
  src_port: ALIASES["cp"]!,
  dst: ALIASES["fi"]!,
  dst_port: ALIASES["fp"]!,
  fe_name: ALIASES["f"]!,
  be_name: ALIASES["b"]!,
  srv_name: ALIASES["s"]!,
  ssl_fc: ({ detail }) => (detail.tls?.version === undefined ? 0 : 1),
  ssl_fc_protocol: ALIASES["sslv"]!,
  ssl_fc_cipher: ALIASES["sslc"]!,
  ssl_fc_sni: serverName,
  ssl_fc_alpn: ({ detail }) => detail.tls?.alpn ?? "",
  ssl_fc_is_resumed: ({ detail }) => (detail.tls?.resumed === true ? 1 : 0),
  "ssl_c_s_dn(cn)": ({ detail }) => detail.tls?.clientCertificate?.commonName ?? "",
  ssl_c_s_dn: ({ detail }) => detail.tls?.clientCertificate?.subject ?? "",
  "req.payload(0,0),mqtt_field_value(connect,client_identifier)": clientId,
  "mqtt.client_id": clientId,
  "mqtt.version": ({ version }) => version ?? "",
  "mqtt.packets_in": ({ record }) => record.packetsIn,
  "mqtt.packets_out": ({ record }) => record.packetsOut,
  "close.reason": ({ reason }) => reason.name,
  "close.side": ({ reason }) => reason.side,
  "close.rule": ({ record }) => (record.rule > 0 ? ruleId(record.rule, record.level) : ""),
  "close.errno": ({ record }) => (record.errno > 0 ? errnoName(record.errno) : ""),
  "server.address": ({ lastServer }) => lastServer?.address ?? "",
  "dial.retries": ({ record }) => record.retries,
  "dial.redispatches": ({ record }) => record.redispatches,
};

/** A frontend stands for its backend until that is chosen. */
function backendName(ended: EndedConnection): string {
  return (ended.hasPool ? ended.pool : ended.listenerKey) ?? "";
}

function hostOf(address = ""): string {
  return address.slice(0, address.lastIndexOf(":")).replaceAll(/[[\]]/g, "");
}

function portOf(address = ""): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}
