// Judges the files that peers are verified with: bundles of authorities, revocation lists, and the
// OCSP response that is stapled. Texts and bytes in, findings out: opens nothing.

import { createSecureContext } from "node:tls";
import { type Element, readElement, readMembers, readTime } from "./der-reader.ts";
import { TAG } from "./der-writer.ts";
import { dateOf, parseCertificates } from "./judge-certificate.ts";
import { isCertificate, isRevocationList, pemBytes, readPem } from "./pem.ts";

export interface JudgedText {
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly expected: string | null;
}

/** RFC 6960, 4.2.1: OCSPResponseStatus. */
const OCSP_SUCCESSFUL = 0;

export function judgeAuthorities(file: string, text: string, nowMs: number): JudgedText[] {
  const blocks = readPem(text).filter(isCertificate);
  if (blocks.length === 0) {
    const expected = "PEM: -----BEGIN CERTIFICATE-----";
    return [error(`"${file}" holds no certificate of an authority`, expected)];
  }
  const authorities = parseCertificates(blocks);
  if (typeof authorities === "number") {
    return [error(`certificate ${authorities} of "${file}" is broken`)];
  }
  return authorities.flatMap(({ validTo, subject }) => {
    if (Date.parse(validTo) >= nowMs) return [];
    const name = subject.replaceAll("\n", ", ");
    return [warning(`the authority ${name} in "${file}" has expired on ${dateOf(validTo)}`)];
  });
}

/** Lists that have expired make OpenSSL refuse every certificate of their issuer. */
export function judgeRevoked(file: string, text: string, nowMs: number): JudgedText[] {
  const blocks = readPem(text).filter(isRevocationList);
  if (blocks.length === 0) {
    return [error(`"${file}" holds no revocation list`, "PEM: -----BEGIN X509 CRL-----")];
  }
  return blocks.flatMap((block, i) => {
    const which = blocks.length === 1 ? "the revocation list" : `revocation list ${i + 1}`;
    if (!isTakenByOpenSsl(block.text)) return [error(`${which} in "${file}" is broken`)];
    const nextUpdateMs = readNextUpdate(pemBytes(block));
    if (nextUpdateMs === null || nextUpdateMs >= nowMs) return [];
    const since = dateOf(nextUpdateMs);
    return [
      warning(
        `${which} in "${file}" has expired on ${since}: until it is renewed, every client ` +
          "certificate of its issuer is refused",
      ),
    ];
  });
}

/** RFC 6960, 4.2.1: a response whose status is not successful says nothing of a certificate. */
export function judgeOcsp(file: string, bytes: Uint8Array): JudgedText[] {
  const expected = "a DER response, as openssl ocsp -respout writes it";
  const response = readElement(bytes, 0, bytes.length);
  const members = response && readMembers(bytes, response);
  const status = members?.[0];
  if (response?.tag !== TAG.sequence || status?.tag !== TAG.enumerated) {
    return [error(`"${file}" is no OCSP response`, expected)];
  }
  if (bytes[status.start] === OCSP_SUCCESSFUL && members?.length === 2) return [];
  return [error(`the OCSP response in "${file}" is of a request that failed`, expected)];
}

/**
 * RFC 5280, 5.1.2: version (may be absent), signature, issuer, thisUpdate, nextUpdate (may be
 * absent), ... @returns nextUpdate in ms since 1970, or null
 */
function readNextUpdate(bytes: Uint8Array): number | null {
  const inside = (element: Element | null | undefined) =>
    element ? readMembers(bytes, element) : null;
  const list = inside(inside(readElement(bytes, 0, bytes.length))?.[0]);
  if (!list) return null;
  const first = list[0]?.tag === TAG.integer ? 1 : 0;
  const nextUpdate = list[first + 3];
  return nextUpdate === undefined ? null : readTime(bytes, nextUpdate);
}

function isTakenByOpenSsl(crl: string): boolean {
  try {
    createSecureContext({ crl });
    return true;
  } catch {
    // Its message names the call that failed and nothing else.
    return false;
  }
}

function error(message: string, expected: string | null = null): JudgedText {
  return { severity: "error", message, expected };
}

function warning(message: string): JudgedText {
  return { severity: "warning", message, expected: null };
}
