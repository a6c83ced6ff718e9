// Judges a certificate with its chain and its key: all there, readable, belonging together, in
// order, valid at this time, and taken by OpenSSL.
//
// Bounded by CHAIN_MAX certificates a file. Texts in, findings out: opens nothing. Whether clients
// trust the issuer is theirs to say.

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { isCertificate, isEncrypted, isPrivateKey, type PemBlock, readPem } from "./pem.ts";
import type { CertificateMaterial } from "./tls-source.ts";

/** What was read for one certificate. */
export interface CertificateTexts {
  readonly file: string;
  readonly text: string;
  /** The file of the key, and what is in it; both the certificate's own where there is none. */
  readonly keyFile: string;
  readonly keyText: string;
}

/** A finding, without the place that only whoever knows the source can tell. */
export interface Judgement {
  readonly severity: "error" | "warning";
  readonly about: "certificate" | "key";
  readonly message: string;
  readonly expected: string | null;
}

export interface JudgedCertificate {
  /** Null exactly when there is an error among the judgements. */
  readonly certificate: Omit<CertificateMaterial, "ocsp"> | null;
  readonly judgements: readonly Judgement[];
}

const CHAIN_MAX = 20;

export function judgeCertificate(texts: CertificateTexts, nowMs: number): JudgedCertificate {
  const judgements: Judgement[] = [];
  const chain = readChain(texts, judgements);
  // A file that is no certificate at all need not be told to have no key either.
  const key = chain === null && texts.keyFile === texts.file ? null : readKey(texts, judgements);
  if (chain === null || key === null) return { certificate: null, judgements };
  judgeTogether(texts, chain, key, judgements);
  judgeDates(texts.file, chain, nowMs, judgements);
  const leaf = chain[0]!;
  const pem = chain.map(String).join("");
  if (!judgements.some(isError)) judgeByOpenSsl(texts.file, pem, key, judgements);
  if (judgements.some(isError)) return { certificate: null, judgements };
  const certificate = {
    file: texts.file,
    chain: pem,
    key: String(key.export({ type: "pkcs8", format: "pem" })),
    keyType: keyTypeOf(key),
    names: namesOf(leaf),
    notAfterMs: Date.parse(leaf.validTo),
    fingerprint: leaf.fingerprint256.replaceAll(":", "").toLowerCase(),
  };
  return { certificate, judgements };
}

function isError({ severity }: Judgement): boolean {
  return severity === "error";
}

function readChain({ file, text }: CertificateTexts, judgements: Judgement[]) {
  const blocks = readPem(text).filter(isCertificate);
  const refuse = (message: string, expected: string | null = null): null => {
    judgements.push({ severity: "error", about: "certificate", message, expected });
    return null;
  };
  if (blocks.length === 0) {
    return refuse(`"${file}" holds no certificate`, "PEM: -----BEGIN CERTIFICATE-----");
  }
  if (blocks.length > CHAIN_MAX) {
    return refuse(`"${file}" holds ${blocks.length} certificates`, `at most ${CHAIN_MAX}`);
  }
  const chain = parseCertificates(blocks);
  return typeof chain === "number" ? refuse(`certificate ${chain} of "${file}" is broken`) : chain;
}

/** @returns the certificates, or the number (from 1) of the first that is none */
export function parseCertificates(blocks: readonly PemBlock[]): X509Certificate[] | number {
  const certificates: X509Certificate[] = [];
  for (const { text } of blocks) {
    const certificate = parseCertificate(text);
    if (certificate === null) return certificates.length + 1;
    certificates.push(certificate);
  }
  return certificates;
}

function parseCertificate(text: string): X509Certificate | null {
  try {
    const certificate = new X509Certificate(text);
    const { validFrom, validTo } = certificate;
    return Number.isNaN(Date.parse(validFrom) + Date.parse(validTo)) ? null : certificate;
  } catch {
    // What OpenSSL says of broken DER helps nobody; which one it is does.
    return null;
  }
}

function readKey(texts: CertificateTexts, judgements: Judgement[]): KeyObject | null {
  const { file, keyFile, keyText } = texts;
  const refuse = (message: string, expected: string | null = null): null => {
    judgements.push({ severity: "error", about: "key", message, expected });
    return null;
  };
  const block = readPem(keyText).find(isPrivateKey);
  if (block === undefined) {
    const expected = keyFile === file ? "it there, or a file of its own as key" : "PEM";
    return refuse(`"${keyFile}" holds no private key`, expected);
  }
  if (isEncrypted(block)) {
    const expected = "it without a passphrase: openssl pkey -in FILE -out FILE";
    return refuse(`the private key in "${keyFile}" is encrypted`, expected);
  }
  try {
    return createPrivateKey(block.text);
  } catch {
    // The reason is OpenSSL's error code, which says no more than this.
    return refuse(`the private key in "${keyFile}" is broken`);
  }
}

function judgeTogether(
  { file, keyFile }: CertificateTexts,
  chain: readonly X509Certificate[],
  key: KeyObject,
  judgements: Judgement[],
): void {
  const at = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  if (at === -1) {
    const message = `the private key in "${keyFile}" does not belong to "${file}"`;
    const expected = "the key that the certificate was made for";
    judgements.push({ severity: "error", about: "key", message, expected });
    return;
  }
  const wrong = at > 0 ? 0 : chain.findIndex((one, i) => i > 0 && !signed(one, chain[i - 1]!)) - 1;
  if (wrong < 0) return;
  const message =
    at > 0
      ? `the chain in "${file}" is out of order: the key belongs to certificate ${at + 1}`
      : `the chain in "${file}" is out of order: certificate ${wrong + 2} has not signed ` +
        `certificate ${wrong + 1}`;
  const expected = "the server's own certificate first, then its issuer, then the issuer of that";
  judgements.push({ severity: "error", about: "certificate", message, expected });
}

function signed(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function judgeDates(
  file: string,
  chain: readonly X509Certificate[],
  nowMs: number,
  judgements: Judgement[],
): void {
  for (const [i, { validFrom, validTo }] of chain.entries()) {
    const which = i === 0 ? `the certificate in "${file}"` : `certificate ${i + 1} of "${file}"`;
    const warn = (message: string) => {
      judgements.push({ severity: "warning", about: "certificate", message, expected: null });
    };
    if (Date.parse(validTo) < nowMs) warn(`${which} has expired on ${dateOf(validTo)}`);
    if (Date.parse(validFrom) > nowMs) warn(`${which} is valid from ${dateOf(validFrom)} on only`);
  }
}

/** @returns `2026-01-31` */
export function dateOf(time: string | number): string {
  return new Date(time).toISOString().slice(0, 10);
}

// What nobody thought of, such as a key that is too short for the security level.
function judgeByOpenSsl(
  file: string,
  chain: string,
  key: KeyObject,
  judgements: Judgement[],
): void {
  try {
    const pem = key.export({ type: "pkcs8", format: "pem" });
    createSecureContext({ cert: chain, key: pem });
  } catch (error) {
    const reason = openSslReason(error);
    const message = `OpenSSL refuses "${file}": ${reason}`;
    judgements.push({ severity: "error", about: "certificate", message, expected: null });
  }
}

/** @returns the words of an OpenSSL error without its numbers */
function openSslReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split(":").at(-1)?.trim() || text;
}

function keyTypeOf({ asymmetricKeyType }: KeyObject): CertificateMaterial["keyType"] {
  return asymmetricKeyType === "ec" || asymmetricKeyType === "rsa" ? asymmetricKeyType : "other";
}

/** RFC 6125, 6.4.4: the common name counts only where there are no DNS names. */
function namesOf({ subjectAltName = "", subject }: X509Certificate): readonly string[] {
  const names = [...subjectAltName.matchAll(/(?:^|, )DNS:([^",\s]+)/g)].map(([, name]) => name!);
  const inSubject = /^CN=(\S+)$/m.exec(subject)?.[1];
  const all = names.length > 0 || inSubject === undefined ? names : [inSubject];
  return all.map((name) => name.toLowerCase());
}
