// The certificate of the admin address: what it is served with, and with what once its files have
// changed. Connections that are there keep theirs.
//
// Reading and judging is certificates/'s; the supervisor tells of what is good.

import { Server } from "node:https";
import type { AdminTlsSettings } from "../config/settings.ts";
import type { CertificateUpkeep } from "../supervisor/certificate-upkeep.ts";

/** What Node makes a secure context from. @param material with one certificate at least */
export function secureOptions({ certificates }: AdminTlsSettings["material"]) {
  const [{ chain: cert, key }] = certificates as [AdminTlsSettings["material"]["certificates"][0]];
  return { cert, key, minVersion: "TLSv1.2" as const };
}

/** New handshakes see each certificate from when it is told on. */
export function followCertificate(
  server: unknown,
  certificates: Pick<CertificateUpkeep, "tellAdmin">,
): void {
  if (!(server instanceof Server)) return;
  certificates.tellAdmin((material) => server.setSecureContext(secureOptions(material)));
}
