// The client's certificate as what a pool knows its clients by: the common name, or the subject.
//
// Read once, when the first server is chosen: the session may be gone when it is wanted again.
// Bounded by LENGTH_MAX of the key store; what is longer is known by its beginning.

import { encodeText } from "../bytes/utf8.ts";
import { TLS } from "../transport/transport.ts";
import { clientSlot } from "./connections.ts";
import { type KeyStore, LENGTH_MAX } from "./key-store.ts";
import type { RelayContext } from "./relay-context.ts";

/** Keeps nothing where the client showed no certificate, or `by` is something else. */
export function keepCertificateKey(
  context: RelayContext,
  connection: number,
  by: string,
  store: KeyStore,
): void {
  if (by !== "certificate-name" && by !== "certificate-subject") return;
  if (store.lengthOf(connection) > 0) return;
  const { transport } = context;
  const slot = clientSlot(connection);
  if ((transport.layers[slot]! & TLS) === 0) return;
  const certificate = transport.tls.peerCertificate(slot);
  if (certificate === null) return;
  const text = by === "certificate-name" ? certificate.commonName : certificate.subject;
  const bytes = encodeText(text);
  store.set(connection, bytes, 0, Math.min(bytes.length, LENGTH_MAX));
}
