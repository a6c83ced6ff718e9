// How a close reason reads in the logs of others: HAProxy's termination state (its manual, chapter
// 8.5) and nginx's `$status` (ngx_stream_core_module).
//
// One row a reason; a second letter of `*` is the phase in which the connection ended. Where
// HAProxy has nothing like it, the letters say what its manual says they mean.

import type { CloseReasonName } from "../shm/close-reason.ts";
import { PHASE_CONNECT, PHASE_DATA, PHASE_QUEUE, PHASE_REQUEST } from "../shm/log-ring.ts";
import type { EndedConnection } from "./ended-connection.ts";

type Row = readonly [state: string, status: 200 | 400 | 403 | 500 | 502 | 503];

/** By name: what `%ts` and `$status` say. */
export const TERMINATIONS: Readonly<Record<CloseReasonName, Row>> = {
  "proxy-header-missing": ["PR", 400],
  "proxy-header-malformed": ["PR", 400],
  "proxy-header-forbidden": ["PR", 400],
  "proxy-header-deadline": ["cR", 400],

  "not-tls": ["PR", 400],
  "tls-hello-malformed": ["PR", 400],
  "tls-name-unknown": ["PR", 400],
  "tls-version-unsupported": ["PR", 400],
  "tls-no-shared-cipher": ["PR", 400],
  "tls-certificate-required": ["PR", 400],
  "tls-certificate-expired": ["PR", 400],
  "tls-certificate-not-yet-valid": ["PR", 400],
  "tls-certificate-revoked": ["PR", 400],
  "tls-certificate-unknown-authority": ["PR", 400],
  "tls-certificate-invalid": ["PR", 400],
  "tls-alert": ["CR", 400],
  "tls-failed": ["C*", 400],
  "tls-deadline": ["cR", 400],
  "tls-abandoned": ["CR", 400],

  "http-refused": ["PR", 400],
  "upgrade-deadline": ["cR", 400],
  "websocket-violation": ["P*", 400],
  "websocket-too-large": ["P*", 400],

  "connect-deadline": ["cR", 400],
  "connect-too-large": ["PR", 400],
  "connect-malformed": ["PR", 400],
  "not-mqtt": ["PR", 400],
  "tls-on-plain-port": ["PR", 400],
  "http-on-mqtt-port": ["PR", 400],
  "version-not-allowed": ["PR", 400],
  "closed-before-connect": ["CR", 200],
  "early-data-too-large": ["PR", 400],

  "no-server-available": ["SC", 502],
  "servers-full": ["SC", 502],
  "dial-refused": ["SC", 502],
  "dial-timeout": ["sC", 502],
  "dial-failed": ["RC", 502],
  "server-tls-failed": ["S*", 502],
  "server-upgrade-refused": ["SC", 502],
  "server-websocket-violation": ["S*", 502],
  "servers-busy": ["SC", 502],

  "client-disconnected": ["--", 200],
  "client-closed": ["--", 200],
  "client-reset": ["C*", 200],
  "client-unreachable": ["C*", 200],
  "server-refused": ["--", 200],
  "server-disconnected": ["--", 200],
  "server-closed": ["--", 200],
  "server-reset": ["S*", 200],
  "server-unreachable": ["S*", 200],
  "idle-timeout": ["cD", 200],
  "finish-timeout": ["cD", 200],
  "malformed-from-client": ["PD", 400],
  "malformed-from-server": ["PD", 502],
  "qos-not-allowed": ["P*", 403],
  "retain-not-allowed": ["P*", 403],
  "packet-too-large": ["PD", 400],
  "buffers-exhausted": ["R*", 500],

  "listener-full": ["RR", 503],
  "process-full": ["RR", 503],
  "connections-over-limit": ["P*", 503],
  "connects-over-limit": ["P*", 503],
  banned: ["P*", 403],
  "refused-by-rule": ["P*", 403],
  "dropped-by-rule": ["P*", 403],
  "queue-timeout": ["sQ", 502],
  "queue-full": ["SQ", 502],
  "left-queue": ["CQ", 200],
  "admission-timeout": ["sQ", 502],
  "admission-full": ["SQ", 502],
  "refused-by-policy": ["P*", 403],
  "killed-by-admin": ["K*", 200],
  "server-removed": ["D*", 200],
  "server-cut": ["D*", 200],
  "moved-by-drain": ["K*", 200],
  "moved-for-balance": ["K*", 200],
  "shut-down": ["K*", 200],
  "worker-died": ["I*", 500],
  "internal-error": ["I*", 500],
};

/** The second letter: what Fairlead was waiting for. */
const PHASES: Readonly<Record<number, string>> = {
  [PHASE_REQUEST]: "R",
  [PHASE_QUEUE]: "Q",
  [PHASE_CONNECT]: "C",
  [PHASE_DATA]: "D",
};

const INTERNAL: Row = ["I*", 500];

/** @returns `%ts`: two letters, `--` for a connection that came to its end by itself */
export function terminationState(ended: EndedConnection): string {
  const phase = PHASES[ended.record.phase] ?? "-";
  const [state] = rowOf(ended);
  // A server that is gone before it was reached has not ended by itself.
  if (state === "--" && ended.reason.side === "server" && phase === "C") return "SC";
  return state.replace("*", phase);
}

/** @returns `$status` */
export function sessionStatus(ended: EndedConnection): number {
  return rowOf(ended)[1];
}

function rowOf({ reason }: EndedConnection): Row {
  return TERMINATIONS[reason.name as CloseReasonName] ?? INTERNAL;
}
