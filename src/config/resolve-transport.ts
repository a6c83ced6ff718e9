// The transport part of resolve.ts: makes settings of the sections that say what lies between TCP
// and MQTT. The rules have passed, so every file was good and every name leads somewhere.

import { assert } from "../assert.ts";
import type { TlvName } from "../proxy-protocol/tlv-name.ts";
import type { HostPort } from "./address.ts";
import { formatPath, type Path } from "./raw-document.ts";
import type { ListenerDocument, PoolDocument, ServerDocument } from "./schema.ts";
import type { TlsAnswers } from "./tls-files.ts";
import type {
  ListenerTlsSettings,
  ListenerTransportSettings,
  ProxyHeaderOutSettings,
  ServerNameSettings,
  ServerTlsSettings,
  ServerTransportSettings,
  TcpKeepAliveSettings,
  TlsCipherSettings,
} from "./transport-settings.ts";

type ServerTls = NonNullable<PoolDocument["tls"]>;

/** @param poolNames in the order of their numbers */
export function resolveListenerTransport(
  name: string,
  listener: ListenerDocument,
  poolNames: readonly string[],
  answers: TlsAnswers,
): ListenerTransportSettings {
  const { proxyProtocol, tls, websocket } = listener;
  return {
    proxyProtocol: proxyProtocol
      ? {
          mode: proxyProtocol.mode,
          from: proxyProtocol.from,
          deadlineMs: proxyProtocol.deadline,
        }
      : null,
    tls: tls ? resolveListenerTls(tls, materialAt(answers, ["listeners", name, "tls"])) : null,
    websocket: websocket
      ? {
          paths: websocket.paths,
          origins: websocket.origins.map((origin) => origin.toLowerCase()),
          frameSizeMaxBytes: websocket.frameSize,
          deadlineMs: websocket.deadline,
        }
      : null,
    serverNames: resolveServerNames(listener, poolNames),
    tcpKeepAlive: resolveKeepAlive(listener.tcpKeepAlive),
  };
}

function resolveServerNames(
  { serverNames }: ListenerDocument,
  poolNames: readonly string[],
): readonly ServerNameSettings[] {
  const names = Object.entries(serverNames).map(([name, pool]) => {
    return { name: name.toLowerCase(), pool: poolNames.indexOf(pool) };
  });
  const isWildcard = ({ name }: ServerNameSettings) => name.startsWith("*");
  return [...names.filter((row) => !isWildcard(row)), ...names.filter(isWildcard)];
}

function resolveKeepAlive(written: ListenerDocument["tcpKeepAlive"]): TcpKeepAliveSettings | null {
  if (written === false) return null;
  if (written === true) return { idleSeconds: 0, intervalSeconds: 0, probes: 0 };
  const seconds = (ms = 0) => Math.ceil(ms / 1_000);
  return {
    idleSeconds: seconds(written.idle),
    intervalSeconds: seconds(written.interval),
    probes: written.count ?? 0,
  };
}

type FromFiles = Pick<ListenerTlsSettings, "source" | "material">;

function materialAt(answers: TlsAnswers, path: Path): FromFiles {
  const answer = answers.get(formatPath(path));
  const material = answer?.reading.material;
  assert(answer !== undefined && material !== null, "Files are good once the rules have passed");
  return { source: answer.source, material: material! };
}

function resolveListenerTls(
  tls: NonNullable<ListenerDocument["tls"]>,
  fromFiles: FromFiles,
): ListenerTlsSettings {
  const { mode = "none", depth = 0 } = tls.clientCertificate ?? {};
  return {
    ...fromFiles,
    ...resolveCiphers(tls),
    strictServerName: tls.strictServerName,
    groups: tls.groups ?? "",
    clientCertificate: { mode, depth },
    handshakeDeadlineMs: tls.handshakeDeadline,
    tickets: tls.tickets,
  };
}

function resolveCiphers(tls: ServerTls | NonNullable<ListenerDocument["tls"]>): TlsCipherSettings {
  const { minVersion, maxVersion, ciphers, cipherSuites = "", alpn } = tls;
  return { versionMin: minVersion, versionMax: maxVersion, ciphers, cipherSuites, alpn };
}

/** Makes the transports of one pool's servers, with one object for what several have alike. */
export class ServerTransports {
  private readonly name: string;
  private readonly pool: PoolDocument;
  private readonly answers: TlsAnswers;
  private readonly made = new Map<string, ServerTlsSettings>();

  constructor(name: string, pool: PoolDocument, answers: TlsAnswers) {
    this.name = name;
    this.pool = pool;
    this.answers = answers;
  }

  resolve(server: ServerDocument, index: number): ServerTransportSettings {
    const { pool } = this;
    const websocket = (server.websocket ?? pool.websocket) || null;
    const proxyHeader = (server.proxyProtocol ?? pool.proxyProtocol) || null;
    return {
      proxyProtocol: proxyHeader && resolveProxyHeader(proxyHeader),
      tls: this.resolveTls(server, index),
      websocket: websocket && {
        path: websocket.path,
        host: websocket.host ?? server.address.text,
      },
      source: server.source ?? pool.source ?? null,
      tcpKeepAlive: resolveKeepAlive(pool.tcpKeepAlive),
    };
  }

  private resolveTls({ tls: own, address }: ServerDocument, index: number) {
    const tls = (own ?? this.pool.tls) || null;
    if (tls === null) return null;
    const path = ["pools", this.name, ...(own ? ["servers", index] : []), "tls"];
    const serverName = tls.serverName ?? nameOf(address);
    const key = `${formatPath(path)} ${serverName}`;
    const settings = this.made.get(key) ?? {
      ...materialAt(this.answers, path),
      ...resolveCiphers(tls),
      trust: trustOf(tls),
      serverName,
    };
    this.made.set(key, settings);
    return settings;
  }
}

function nameOf({ host }: HostPort): string {
  // A dot at the end is for resolvers; RFC 6066, 3, wants the name without it.
  return host.replace(/\.$/, "").toLowerCase();
}

function trustOf({ verify, authorities }: ServerTls): ServerTlsSettings["trust"] {
  if (verify === "none") return "anyone";
  return authorities === undefined || authorities === "system" ? "system" : "authorities";
}

// What is inside PP2_TYPE_SSL brings it along.
function resolveProxyHeader({
  version,
  tlvs,
}: {
  readonly version: "v1" | "v2";
  readonly tlvs: readonly TlvName[];
}): ProxyHeaderOutSettings {
  const inside = tlvs.some((tlv) => tlv.startsWith("ssl-"));
  const all = new Set<TlvName>(inside ? [...tlvs, "ssl"] : tlvs);
  return { version: version === "v1" ? 1 : 2, tlvs: [...all] };
}
