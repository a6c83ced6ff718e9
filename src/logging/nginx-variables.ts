// What nginx's `log_format` can name in its stream module (ngx_stream_core_module,
// ngx_stream_upstream_module, ngx_stream_ssl_module, ngx_stream_mqtt_preread_module), and names of
// our own.
//
// One row each; an empty text is a variable without a value.

import { errnoName } from "../linux/abi.ts";
import type { EndedConnection } from "./ended-connection.ts";
import { iso8601, localDateTime } from "./log-time.ts";
import type { Sender } from "./syslog-header.ts";
import { sessionStatus } from "./termination.ts";

export type Variable = (ended: EndedConnection, sender: Sender) => string;

/** Of times nginx writes seconds with milliseconds. */
function seconds(milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(3);
}

const remoteAddress: Variable = ({ clientAddress }) => clientAddress;
const remotePort: Variable = ({ clientPort }) => String(clientPort);
const bytesIn: Variable = ({ record }) => String(record.bytesIn);
const bytesOut: Variable = ({ record }) => String(record.bytesOut);
const sniName: Variable = ({ detail }) => detail.tls?.serverName ?? "";

/** By name, without the dollar sign. */
export const VARIABLES: Readonly<Record<string, Variable>> = {
  remote_addr: remoteAddress,
  remote_port: remotePort,
  proxy_protocol_addr: remoteAddress,
  proxy_protocol_port: remotePort,
  server_addr: ({ listener }) => listener?.listen.host ?? "",
  server_port: ({ listener }) => String(listener?.listen.port ?? ""),
  time_local: ({ endedAtMs }) => localDateTime(endedAtMs),
  time_iso8601: ({ endedAtMs }) => iso8601(endedAtMs),
  msec: ({ endedAtMs }) => seconds(endedAtMs),
  protocol: () => "TCP",
  status: (ended) => String(sessionStatus(ended)),
  bytes_sent: bytesOut,
  bytes_received: bytesIn,
  session_time: ({ record }) => seconds(record.durationMs),
  hostname: (_, { host }) => host,
  pid: (_, { pid }) => String(pid),

  upstream_addr: ({ lastServer }) => lastServer?.address ?? "",
  upstream_bytes_sent: (ended) => ofServer(ended, bytesIn(ended, NOBODY)),
  upstream_bytes_received: (ended) => ofServer(ended, bytesOut(ended, NOBODY)),
  upstream_connect_time: (ended) => ofServer(ended, seconds(ended.record.dialMs)),
  upstream_session_time: (ended) => ofServer(ended, seconds(sinceChoice(ended))),

  ssl_protocol: ({ detail }) => detail.tls?.version ?? "",
  ssl_cipher: ({ detail }) => detail.tls?.cipher ?? "",
  ssl_server_name: sniName,
  ssl_preread_server_name: sniName,
  ssl_alpn_protocol: ({ detail }) => detail.tls?.alpn ?? "",
  ssl_session_reused: ({ detail }) => {
    if (detail.tls?.resumed === undefined) return "";
    return detail.tls.resumed ? "r" : ".";
  },
  ssl_client_s_dn: ({ detail }) => detail.tls?.clientCertificate?.subject ?? "",

  mqtt_preread_clientid: ({ clientId }) => clientId,

  fairlead_client_id: ({ clientId }) => clientId,
  fairlead_mqtt_version: ({ version }) => version ?? "",
  fairlead_listener: ({ listenerKey }) => listenerKey ?? "",
  fairlead_pool: ({ pool }) => pool ?? "",
  fairlead_server: ({ lastServer }) => lastServer?.name ?? "",
  fairlead_close_reason: ({ reason }) => reason.name,
  fairlead_errno: ({ record }) => (record.errno > 0 ? errnoName(record.errno) : ""),
};

const NOBODY: Sender = { host: "", tag: "", pid: 0 };

/** Without a value until a server has been reached. */
function ofServer({ record }: EndedConnection, text: string): string {
  return record.dialMs < 0 ? "" : text;
}

function sinceChoice({ record }: EndedConnection): number {
  return record.durationMs - Math.max(0, record.queueMs);
}
