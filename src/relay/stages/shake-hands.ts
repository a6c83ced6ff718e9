// The TLS handshake with a client: OpenSSL is fed and what it answers is sent, until both sides
// have finished. Why a handshake fails is told in the catalogue's words; the alert has been sent.
//
// Bounded in time by the listener's handshake deadline.

import { REASON } from "../../shm/close-reason.ts";
import { COUNTER } from "../../shm/counters.ts";
import { TLS_OPEN } from "../../tls/tls-engine.ts";
import { TLS_BROKEN } from "../../transport/transport.ts";
import { clientSlot } from "../connections.ts";
import type { RelayContext } from "../relay-context.ts";
import { tlsReason } from "../transport-reason.ts";
import { endWith, NEXT, STAY } from "../verdict.ts";
import { leave } from "./early-bytes.ts";

/** NEXT means: the session is open; what was sent behind the handshake is left. */
export function onHandshakeBytes(
  context: RelayContext,
  connection: number,
  offset: number,
  length: number,
): number {
  const { transport } = context;
  const slot = clientSlot(connection);
  const size = transport.receive(slot, offset, length);
  if (transport.outcome === TLS_BROKEN) return broken(context, connection);
  const state = transport.tls.state(slot);
  if (state === TLS_OPEN) {
    count(context, slot);
    leave(context, connection, transport.offset, size);
    return NEXT;
  }
  return transport.heardEnd(slot) ? endWith(REASON["tls-abandoned"]) : STAY;
}

function count({ row, transport }: RelayContext, slot: number): void {
  row[COUNTER.tlsHandshakes]! += 1;
  if (transport.tls.wasResumed(slot)) row[COUNTER.tlsResumptions]! += 1;
}

function broken(context: RelayContext, connection: number): number {
  const { tls } = context.transport;
  // The alert that says so is on its way.
  context.connections.parting[connection] = 1;
  return endWith(tlsReason(tls.failure(clientSlot(connection))));
}
