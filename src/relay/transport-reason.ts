// What follows when a layer of a connection's transport breaks: why it ends, in the catalogue's
// words, or that another server gets it.

import { errno } from "../linux/abi.ts";
import { REASON } from "../shm/close-reason.ts";
import { TLS_FAILURES, type TlsFailureName } from "../tls/tls-failure.ts";
import { TLS_BROKEN, type Transport } from "../transport/transport.ts";
import { CLOSE_TOO_LARGE } from "../websocket/frame-numbers.ts";
import { connectionOf, SERVER, sideOf } from "./connections.ts";
import { rememberServerFault } from "./log-detail.ts";
import type { RelayContext } from "./relay-context.ts";
import { isUnheard } from "./stages/pipe.ts";
import { ANOTHER, endWith } from "./verdict.ts";

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

/**
 * A layer of either side broke. A server that had not said a word is replaced, as one that resets.
 * @param outcome TLS_BROKEN or FRAME_BROKEN of the last `receive` on this slot
 * @returns a verdict
 */
export function onLayerBroken(context: RelayContext, slot: number, outcome: number): number {
  if (!isUnheard(context, slot)) return endWith(brokenReason(context.transport, slot, outcome));
  const connection = connectionOf(slot);
  const isTls = outcome === TLS_BROKEN;
  if (isTls) rememberServerFault(context, connection);
  context.connections.errno[connection] = isTls ? errno.EPROTO : errno.EBADMSG;
  return ANOTHER;
}

function brokenReason(transport: Transport, slot: number, outcome: number): number {
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
  return REASON[closeCode === CLOSE_TOO_LARGE ? "websocket-too-large" : "websocket-violation"];
}
