// The transport part of the plan: what lies between TCP and MQTT, with what the files of
// certificates hold. A part of plan.ts; checks nothing again and opens nothing.

import { rootCertificates } from "node:tls";
import type { CertificateMaterial, TlsMaterial } from "../certificates/tls-source.ts";
import type { ListenerSettings } from "../config/settings.ts";
import type {
  ListenerTlsSettings,
  ServerTlsSettings,
  ServerTransportSettings,
} from "../config/transport-settings.ts";
import type {
  CertificatePlan,
  ListenerPlan,
  ServerTransportPlan,
  TlsListenerPlan,
  TlsServerPlan,
} from "../shm/plan.ts";

export type ListenerTransportPlan = Pick<
  ListenerPlan,
  "proxyProtocol" | "tls" | "websocket" | "serverNames"
>;

export function planListenerTransport(listener: ListenerSettings): ListenerTransportPlan {
  const { proxyProtocol, tls, websocket, serverNames } = listener;
  return {
    proxyProtocol: proxyProtocol && {
      mode: proxyProtocol.mode,
      from: proxyProtocol.from.map(({ endpoint, prefixBits }) => ({ endpoint, prefixBits })),
      deadlineMs: proxyProtocol.deadlineMs,
    },
    tls: tls && planListenerTls(tls, tls.material),
    websocket,
    serverNames,
  };
}

/** @param material what the files hold now, which may be newer than the settings */
export function planListenerTls(tls: ListenerTlsSettings, material: TlsMaterial): TlsListenerPlan {
  const { clientCertificate, alpn, ciphers, cipherSuites, groups, versionMin, versionMax } = tls;
  return {
    certificates: material.certificates.map(planCertificate),
    strictServerName: tls.strictServerName,
    versionMin,
    versionMax,
    ciphers,
    cipherSuites,
    groups,
    alpn,
    clientCertificate: {
      ...clientCertificate,
      authorities: material.authorities,
      revoked: material.revoked,
    },
    handshakeDeadlineMs: tls.handshakeDeadlineMs,
    tickets: tls.tickets,
  };
}

/** In the order of the servers; those that are spoken to in the same way share one TLS plan. */
export function planServerTransports(
  servers: readonly { readonly transport: ServerTransportSettings }[],
): readonly ServerTransportPlan[] {
  const plans = new Map<ServerTlsSettings, TlsServerPlan>();
  return servers.map(({ transport }) => {
    const { proxyProtocol, tls, websocket, source, tcpKeepAlive } = transport;
    if (tls === null) return { proxyProtocol, tls, websocket, source, tcpKeepAlive };
    const plan = plans.get(tls) ?? planServerTls(tls, tls.material);
    plans.set(tls, plan);
    return { proxyProtocol, tls: plan, websocket, source, tcpKeepAlive };
  });
}

/** @param material what the files hold now, which may be newer than the settings */
export function planServerTls(tls: ServerTlsSettings, material: TlsMaterial): TlsServerPlan {
  const { serverName, alpn, versionMin, versionMax, ciphers, cipherSuites, trust } = tls;
  const own = material.certificates[0];
  return {
    authorities: authoritiesOf(trust, material),
    serverName,
    certificate: own === undefined ? null : { chain: own.chain, key: own.key },
    alpn,
    versionMin,
    versionMax,
    ciphers,
    cipherSuites,
  };
}

function authoritiesOf(trust: ServerTlsSettings["trust"], material: TlsMaterial): string | null {
  switch (trust) {
    case "anyone":
      return null;
    case "system":
      return rootCertificates.join("\n");
    case "authorities":
      return material.authorities;
  }
}

function planCertificate({ chain, key, names, ocsp }: CertificateMaterial): CertificatePlan {
  return { chain, key, names, ocsp };
}
