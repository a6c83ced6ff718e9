// Why a connection ends when a layer of its transport breaks, in the catalogue's words.

import { REASON } from "../shm/close-reason.ts";
import { TLS_FAILURES, type TlsFailureName } from "../tls/tls-failure.ts";
import { TLS_BROKEN, type Transport } from "../transport/transport.ts";
import { SERVER, sideOf } from "./connections.ts";

/** RFC 6455, 7.4.1: the message is too big. */
const TOO_BIG = 1009;

/** What has a reason of its own; every other failure of a client's TLS is `tls-failed`. */
const TLS_REASONS: ReadonlyMap<TlsFailureName, number> = new Map([
  ["version-unsupported", REASON["tls-version-unsupported"]],
  ["no-shared-cipher", REASON["tls-no-shared-cipher"]],
  ["certificate-required", REASON["tls-certificate-required"]],
  ["certificate-expired", REASON["tls-certificate-expired"]],
  ["certificate-not-yet-valid", REASON["tls-certificate-not-yet-valid"]],
  ["certificate-revoked", REASON["tls-certificate-revoked"]],
  ["certificate-unknown-authority", REASON["tls-certificate-unknown-authority"]],
  ["certificate-revocation-unknown", REASON["tls-certificate-invalid"]],
  ["certificate-invalid", REASON["tls-certificate-invalid"]],
  ["peer-alert", REASON["tls-alert"]],
]);

/** @param outcome TLS_BROKEN or FRAME_BROKEN of the last `receive` on this slot */
export function brokenReason(transport: Transport, slot: number, outcome: number): number {
  const isServer = sideOf(slot) === SERVER;
  if (outcome === TLS_BROKEN) {
    return isServer ? REASON["server-tls-failed"] : tlsReason(transport.tls.failure(slot));
  }
  return isServer ? REASON["server-websocket-violation"] : frameReason(transport.frameFault);
}

/** @param failure a number of TLS_FAILURES */
export function tlsReason(failure: number): number {
  return TLS_REASONS.get(TLS_FAILURES[failure]!) ?? REASON["tls-failed"];
}

/** @param closeCode what a frame of a client deserves */
export function frameReason(closeCode: number): number {
  return REASON[closeCode === TOO_BIG ? "websocket-too-large" : "websocket-violation"];
}
