// What lies between TCP and the conversation of a probe: the PROXY header, and whom TLS trusts.
//
// Follows how the server is spoken to for clients (`ServerTransportPlan`) unless the check says
// otherwise. Opens nothing; probe-socket.ts does.

import type { ConnectionOptions } from "node:tls";
import type { Endpoint } from "../bytes/endpoint.ts";
import type { CheckTransportSettings } from "../config/check-settings.ts";
import { PROXY_HEADER_SIZE_MAX } from "../proxy-protocol/wire.ts";
import { writeProxyV1 } from "../proxy-protocol/write-v1.ts";
import { ProxyV2Writer } from "../proxy-protocol/write-v2.ts";
import type {
  ServerTransportPlan,
  SourcePlan,
  TlsServerPlan,
  WebSocketServerPlan,
} from "../shm/plan.ts";

/** @returns what is sent first, from the addresses of our end and of the server's */
export type Preface = (source: Endpoint, destination: Endpoint) => Uint8Array;

export interface ProbeTransport {
  /** The PROXY header, before TLS; null for none. */
  readonly preface: Preface | null;
  /** Null: no TLS. */
  readonly tls: ConnectionOptions | null;
  /** Null: MQTT is spoken without WebSocket. */
  readonly websocket: WebSocketServerPlan | null;
  /** Where the connection comes from; null: the kernel's choice. */
  readonly source: Endpoint | null;
}

/** Neither PROXY header nor TLS nor WebSocket, from wherever the kernel says. */
export const BARE_TRANSPORT: ProbeTransport = {
  preface: null,
  tls: null,
  websocket: null,
  source: null,
};

/**
 * @param settings what the check says
 * @param server how clients are brought to the server
 * @param host the server's host as the operator wrote it, for a name that nobody gave
 */
export function makeProbeTransport(
  settings: CheckTransportSettings,
  server: ServerTransportPlan,
  host: string,
): ProbeTransport {
  return {
    preface: makePreface(settings, server),
    tls: isOverTls(settings, server) ? makeTlsOptions(settings, server.tls, host) : null,
    websocket: settings.websocket === "inherit" ? server.websocket : null,
    source: sourceOf(server.source),
  };
}

/** Of several addresses that take turns the first one will do; checks are of no client. */
function sourceOf(source: SourcePlan | null): Endpoint | null {
  return source?.kind === "addresses" ? source.endpoints[0]! : null;
}

function isOverTls(settings: CheckTransportSettings, server: ServerTransportPlan): boolean {
  return settings.tls === "on" || (settings.tls === "inherit" && server.tls !== null);
}

function makePreface(
  { proxyProtocol, proxyCommand }: CheckTransportSettings,
  server: ServerTransportPlan,
): Preface | null {
  const asked = proxyProtocol === "v1" ? 1 : proxyProtocol === "v2" ? 2 : null;
  const inherited = proxyProtocol === "inherit" ? (server.proxyProtocol?.version ?? null) : null;
  const version = asked ?? inherited;
  if (version === null) return null;
  return (source, destination) =>
    makeProxyHeader(version, proxyCommand === "local" ? null : source, destination);
}

/** @param source null: the connection is the balancer's own (UNKNOWN in version 1, LOCAL in 2) */
function makeProxyHeader(
  version: 1 | 2,
  source: Endpoint | null,
  destination: Endpoint,
): Uint8Array {
  const bytes = new Uint8Array(PROXY_HEADER_SIZE_MAX);
  if (version === 1) return bytes.slice(0, writeProxyV1(bytes, 0, source, 0, destination, 0));
  const writer = new ProxyV2Writer();
  writer.begin(bytes, 0, source === null, source, 0, destination, 0);
  return bytes.slice(0, writer.finish(false));
}

// Without a pool's settings of TLS the system's authorities count, and the name is the host.
function makeTlsOptions(
  settings: CheckTransportSettings,
  plan: TlsServerPlan | null,
  host: string,
): ConnectionOptions {
  const name = settings.serverName ?? plan?.serverName ?? host;
  const alpn = settings.alpn.length > 0 ? settings.alpn : (plan?.alpn ?? []);
  return {
    ...(isName(name) ? { servername: name } : {}),
    ...(alpn.length > 0 ? { ALPNProtocols: [...alpn] } : {}),
    ...(plan === null ? {} : trustOf(plan)),
    ...(settings.verify === "none" ? { rejectUnauthorized: false } : {}),
    // Empty: the certificate is judged by its issuer alone, as it is for clients.
    ...(name === "" ? { checkServerIdentity: () => undefined } : { host: name }),
  };
}

function trustOf(plan: TlsServerPlan): ConnectionOptions {
  const { authorities, certificate, versionMin, versionMax, ciphers, cipherSuites } = plan;
  const lists = [cipherSuites, ciphers].filter((list) => list !== "");
  return {
    rejectUnauthorized: authorities !== null,
    minVersion: `TLSv${versionMin}`,
    maxVersion: `TLSv${versionMax}`,
    ...(authorities === null ? {} : { ca: authorities }),
    ...(certificate === null ? {} : { cert: certificate.chain, key: certificate.key }),
    ...(lists.length === 0 ? {} : { ciphers: lists.join(":") }),
  };
}

/** RFC 6066, 3: an address is no server name. */
function isName(host: string): boolean {
  return host !== "" && !host.includes(":") && !/^[\d.]+$/.test(host);
}
