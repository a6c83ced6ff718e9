// The TLS handshake with a client: OpenSSL is fed and what it answers is sent, until both sides
// have finished. Why a handshake fails is told in the catalogue's words; the alert has been sent.
//
// Bounded in time by the listener's handshake deadline.

import { REASON } from "../../shm/close-reason.ts";
import { COUNTER } from "../../shm/counters.ts";
import { TLS_BROKEN } from "../../transport/transport.ts";
import { clientSlot } from "../connections.ts";
import type { RelayContext } from "../relay-context.ts";
import { tlsReason } from "../transport-reason.ts";
import { endWith, NEXT, STAY } from "../verdict.ts";
import { leave } from "./early-bytes.ts";

/**
 * NEXT means: the handshake is complete; what was sent behind it is left. Clients in a hurry say
 * all that they have to say, and that they go, in the same breath.
 */
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
  const hasEnded = transport.heardEnd(slot);
  if (!transport.tls.isShaken(slot)) return hasEnded ? endWith(REASON["tls-abandoned"]) : STAY;
  count(context, slot);
  if (hasEnded && size === 0) return endWith(REASON["closed-before-connect"]);
  leave(context, connection, transport.offset, size);
  return NEXT;
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
