// What the access log says of a connection besides its record: how TLS was spoken, with whose
// certificate, what broke on either side, and how a rule or a limit refused it. Written once, as
// JSON, just before a session is given up.
//
// Bounded by LOG_DETAIL_SIZE_MAX: what a peer chose is cut to a length. Plain connections have no
// detail.

import { encodeText } from "../bytes/utf8.ts";
import { LOG_DETAIL_SIZE_MAX } from "../shm/log-ring.ts";
import { TLS_FAILED, TLS_HANDSHAKING, type TlsEngine } from "../tls/tls-engine.ts";
import { TLS, WEBSOCKET } from "../transport/transport.ts";
import { clientSlot, serverSlot } from "./connections.ts";
import type { RelayContext } from "./relay-context.ts";

/** Names and texts that peers choose. */
const TEXT_LENGTH_MAX = 256;

/**
 * Keeps what there is to say until the connection's record is written.
 * @param ban who is banned for how it ends; null: nobody
 */
export function rememberDetail(
  context: RelayContext,
  connection: number,
  ban: string | null,
): void {
  const { transport } = context;
  const slot = clientSlot(connection);
  const layers = transport.layers[slot]! & (TLS | WEBSOCKET);
  if (!context.routes!.plan.logsConnections) {
    context.serverFaults.delete(connection);
    return;
  }
  const fault = takeServerFault(context, connection);
  const refusal = context.refusalTexts.get(connection) ?? null;
  if (layers === 0 && fault === null && refusal === null && ban === null) return;
  const detail = {
    ...((layers & TLS) === 0 ? {} : { tls: describeTls(transport.tls, slot) }),
    ...((layers & WEBSOCKET) === 0 ? {} : { websocket: true }),
    ...(fault === null ? {} : { serverTls: { error: fault } }),
    ...(refusal === null ? {} : { refusal: cut(refusal) }),
    ...(ban === null ? {} : { ban: cut(ban) }),
  };
  const bytes = encodeText(JSON.stringify(detail));
  if (bytes.length <= LOG_DETAIL_SIZE_MAX) context.details.set(connection, bytes);
}

/** TLS with a server has just failed; its session is given up before the connection ends. */
export function rememberServerFault(context: RelayContext, connection: number): void {
  context.serverFaults.set(connection, cut(context.transport.tls.failureDetail()));
}

function takeServerFault(context: RelayContext, connection: number): string | null {
  const { serverFaults, transport } = context;
  const slot = serverSlot(connection);
  const isTls = (transport.layers[slot]! & TLS) !== 0;
  if (isTls && transport.tls.state(slot) === TLS_FAILED) rememberServerFault(context, connection);
  const fault = serverFaults.get(connection) ?? null;
  serverFaults.delete(connection);
  return fault;
}

function describeTls(tls: TlsEngine, slot: number): Record<string, unknown> {
  const state = tls.state(slot);
  if (state === TLS_FAILED) return { error: cut(tls.failureDetail()) };
  if (state === TLS_HANDSHAKING) return {};
  const certificate = tls.peerCertificate(slot);
  return {
    version: tls.version(slot),
    cipher: tls.cipher(slot),
    resumed: tls.wasResumed(slot),
    ...named("serverName", tls.serverName(slot)),
    ...named("alpn", tls.alpn(slot)),
    ...(certificate === null ? {} : { clientCertificate: describeCertificate(certificate) }),
  };
}

function describeCertificate(certificate: { commonName: string; subject: string }) {
  return { commonName: cut(certificate.commonName), subject: cut(certificate.subject) };
}

function named(name: string, value: string): Record<string, string> {
  return value === "" ? {} : { [name]: cut(value) };
}

function cut(text: string): string {
  return text.length <= TEXT_LENGTH_MAX ? text : `${text.slice(0, TEXT_LENGTH_MAX)}…`;
}
