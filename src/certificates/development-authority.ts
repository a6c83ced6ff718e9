// The small authority of `fairlead up`: made at the first start, kept in a folder, and what a
// certificate for this machine is signed with. For trying things; no client knows it by itself.
//
//   ca.pem        the authority's certificate, for clients (--cafile)
//   ca.key        its private key, for the owner's eyes only
//   server.pem    a certificate for this machine's names and addresses, and its key, likewise
//
// The certificate is made anew when less than RENEW_BEFORE_DAYS are left of it or this machine has
// a name or an address that is not in it; the authority only when it is no good any more.

import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { fileProblemOf } from "./file-problem.ts";
import { isPrivateKey, readPem } from "./pem.ts";
import { type Issuer, writeCertificate } from "./x509-writer.ts";

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3_650;
/** What browsers and operating systems take at most, with a day to spare. */
const CERTIFICATE_DAYS = 397;
const RENEW_BEFORE_DAYS = 30;
/** Clocks of clients may be behind. */
const BACKDATED_MS = 3_600_000;

const ORGANIZATION = "Fairlead development";
const AUTHORITY_NAME = "Fairlead development authority";

/** What a certificate of this machine must be for. */
export interface MachineNames {
  readonly names: readonly string[];
  readonly addresses: readonly string[];
}

export interface DevelopmentCertificate {
  /** Paths of PEM files. */
  readonly authorityFile: string;
  readonly certificateFile: string;
}

/**
 * Finds the certificate in `folder`, or makes what is missing, broken or at its end.
 * @throws Error when the folder cannot be written
 */
export function ensureDevelopmentCertificate(
  folder: string,
  machine: MachineNames,
  nowMs: number,
): DevelopmentCertificate {
  const authorityFile = join(folder, "ca.pem");
  const authorityKeyFile = join(folder, "ca.key");
  const certificateFile = join(folder, "server.pem");
  try {
    mkdirSync(folder, { recursive: true });
    let authority = readIdentity(authorityFile, authorityKeyFile);
    if (authority === null || daysLeft(authority.certificate, nowMs) < CERTIFICATE_DAYS) {
      writeAuthority(authorityFile, authorityKeyFile, nowMs);
      authority = readIdentity(authorityFile, authorityKeyFile)!;
    }
    const own = readIdentity(certificateFile, certificateFile);
    if (own === null || !isGood(own.certificate, authority.certificate, machine, nowMs)) {
      writeServer(certificateFile, authority.privateKey, machine, nowMs);
    }
    return { authorityFile, certificateFile };
  } catch (error) {
    throw new Error(`Cannot keep a certificate in "${folder}": ${fileProblemOf(error)}`);
  }
}

/** The names and addresses under which programs on this machine and next to it reach it. */
export function listMachineNames(): MachineNames {
  const own = hostname().toLowerCase();
  const interfaces = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  // A link-local address means nothing without its link, and no client asks for it.
  const addresses = interfaces.map(({ address }) => address).filter((one) => !/^fe80:/i.test(one));
  return {
    names: [...new Set(["localhost", own])].filter((name) => /^[a-z0-9._-]+$/.test(name)),
    addresses: [...new Set(["127.0.0.1", "::1", ...addresses])],
  };
}

interface Identity {
  readonly certificate: X509Certificate;
  readonly privateKey: Issuer["privateKey"];
}

/** @returns null where a file is missing or broken, or the key is another's */
function readIdentity(certificateFile: string, keyFile: string): Identity | null {
  try {
    const certificate = new X509Certificate(readFileSync(certificateFile));
    const key = readPem(readFileSync(keyFile, "utf8")).find(isPrivateKey);
    if (key === undefined) return null;
    const privateKey = createPrivateKey(key.text);
    return certificate.checkPrivateKey(privateKey) ? { certificate, privateKey } : null;
  } catch {
    // Whatever is wrong with them, they are made anew; a folder that cannot be written will tell.
    return null;
  }
}

function isGood(
  certificate: X509Certificate,
  authority: X509Certificate,
  { names, addresses }: MachineNames,
  nowMs: number,
): boolean {
  return (
    daysLeft(certificate, nowMs) >= RENEW_BEFORE_DAYS &&
    certificate.verify(authority.publicKey) &&
    names.every((name) => certificate.checkHost(name) !== undefined) &&
    addresses.every((address) => certificate.checkIP(address) !== undefined)
  );
}

function daysLeft({ validTo }: X509Certificate, nowMs: number): number {
  return (Date.parse(validTo) - nowMs) / DAY_MS;
}

function writeAuthority(file: string, keyFile: string, nowMs: number): void {
  const { privateKey, publicKey } = makeKeys();
  const subject = { organization: ORGANIZATION, commonName: AUTHORITY_NAME };
  const dates = validFor(AUTHORITY_DAYS, nowMs);
  const request = { subject, publicKey, purpose: "authority", ...dates } as const;
  writeAtOnce(keyFile, keyText(privateKey), 0o600);
  writeAtOnce(file, writeCertificate(request, { subject, privateKey }), 0o644);
}

function writeServer(
  file: string,
  authorityKey: Issuer["privateKey"],
  machine: MachineNames,
  nowMs: number,
): void {
  const { privateKey, publicKey } = makeKeys();
  const issuer = { organization: ORGANIZATION, commonName: AUTHORITY_NAME };
  const subject = { organization: ORGANIZATION, commonName: "localhost" };
  const dates = validFor(CERTIFICATE_DAYS, nowMs);
  const certificate = writeCertificate(
    { subject, publicKey, purpose: "server", ...machine, ...dates },
    { subject: issuer, privateKey: authorityKey },
  );
  writeAtOnce(file, certificate + keyText(privateKey), 0o600);
}

function makeKeys() {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function keyText(key: Issuer["privateKey"]): string {
  return String(key.export({ type: "pkcs8", format: "pem" }));
}

function validFor(days: number, nowMs: number) {
  const notBefore = new Date(nowMs - BACKDATED_MS);
  return { notBefore, notAfter: new Date(notBefore.getTime() + days * DAY_MS) };
}

// Under another name first: whoever reads the file sees all of it or none.
function writeAtOnce(file: string, text: string, mode: number): void {
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, text, { mode, flag: "wx" });
  renameSync(draft, file);
}
