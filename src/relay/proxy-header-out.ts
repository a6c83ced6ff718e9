// The PROXY header that a server gets before anything else: whose connection this is.
//
// Written into the reactor's scratch area, once a connection. Facts that the client's side does not
// have are left out.

import { ENDPOINT_SIZE } from "../bytes/endpoint.ts";
import { encodeText } from "../bytes/utf8.ts";
import type { TlvName } from "../proxy-protocol/tlv-name.ts";
import { CLIENT_CERT_CONN, CLIENT_CERT_SESS, CLIENT_SSL } from "../proxy-protocol/wire.ts";
import { writeProxyV1 } from "../proxy-protocol/write-v1.ts";
import type { ProxyV2Writer } from "../proxy-protocol/write-v2.ts";
import type { ProxyHeaderOutPlan } from "../shm/plan.ts";
import type { TlsEngine } from "../tls/tls-engine.ts";
import { TLS } from "../transport/transport.ts";
import { clientSlot } from "./connections.ts";
import type { RelayContext } from "./relay-context.ts";

/** Writes the header at the start of the scratch area. @returns its size in bytes */
export function writeProxyHeader(
  context: RelayContext,
  connection: number,
  plan: ProxyHeaderOutPlan,
): number {
  const { connections, io, proxyWriter } = context;
  const { endpoints, destinations } = connections;
  const at = connection * ENDPOINT_SIZE;
  if (connections.hasDestination[connection] === 0) {
    io.readLocal(clientSlot(connection), destinations, at);
  }
  const start = io.scratchOffset;
  if (plan.version === 1) return writeProxyV1(io.bytes, start, endpoints, at, destinations, at);
  proxyWriter.begin(io.bytes, start, false, endpoints, at, destinations, at);
  addTlvs(context, connection, proxyWriter, plan.tlvs);
  return proxyWriter.finish(plan.tlvs.includes("crc32c"));
}

function addTlvs(
  context: RelayContext,
  connection: number,
  writer: ProxyV2Writer,
  tlvs: readonly TlvName[],
): void {
  if (tlvs.includes("unique-id")) writer.addUniqueId(encodeText(context.uniqueId(connection)));
  const { transport } = context;
  const slot = clientSlot(connection);
  if ((transport.layers[slot]! & TLS) === 0) return;
  const { tls } = transport;
  const alpn = tls.alpn(slot);
  const name = tls.serverName(slot);
  if (alpn !== "" && tlvs.includes("alpn")) writer.addAlpn(alpn);
  if (name !== "" && tlvs.includes("authority")) writer.addAuthority(name);
  if (tlvs.includes("ssl")) addSsl(tls, slot, writer, tlvs);
}

// The specification names the TLVs of PP2_TYPE_SSL in 2.2.6.
function addSsl(
  tls: TlsEngine,
  slot: number,
  writer: ProxyV2Writer,
  tlvs: readonly TlvName[],
): void {
  const certificate = tls.peerCertificate(slot);
  // A session that was resumed shows the certificate of the one that it goes on with.
  const shown = tls.wasResumed(slot) ? CLIENT_CERT_SESS : CLIENT_CERT_CONN | CLIENT_CERT_SESS;
  const flags = CLIENT_SSL | (certificate === null ? 0 : shown);
  writer.beginSsl(tls.version(slot), flags, tls.verifyResult(slot));
  if (certificate !== null && tlvs.includes("ssl-cn")) writer.addSslCn(certificate.commonName);
  if (tlvs.includes("ssl-cipher")) writer.addSslCipher(tls.cipher(slot));
  const own = tls.ownCertificate(slot);
  if (own === null) return;
  if (tlvs.includes("ssl-signature")) writer.addSslSignature(own.signatureAlgorithm);
  if (tlvs.includes("ssl-key")) writer.addSslKey(own.keyAlgorithm);
}
