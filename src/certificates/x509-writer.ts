// Writes X.509 certificates (RFC 5280) for an authority of our own: version 3, with the extensions
// that today's TLS clients ask for, signed with ECDSA or RSA and SHA-256.
//
// Pure but for the serial number, which is drawn. Signs what it is told; who may have a certificate
// is development-authority.ts's affair.

import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";
import { ADDRESS_SIZE, isIpv4Mapped, makeEndpoint } from "../bytes/endpoint.ts";
import { readElement, readMembers } from "./der-reader.ts";
import {
  bitString,
  boolean,
  integer,
  namedBits,
  objectId,
  octetString,
  sequence,
  setOf,
  TAG,
  tagged,
  taggedBytes,
  time,
  utf8String,
} from "./der-writer.ts";

export interface DistinguishedName {
  readonly commonName: string;
  readonly organization: string;
}

/** What will stand in a certificate. */
export interface CertificateRequest {
  readonly subject: DistinguishedName;
  readonly publicKey: KeyObject;
  /** Whether it signs others, or belongs to who accepts or opens TLS connections. */
  readonly purpose: "authority" | "server" | "client";
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** DNS names, `*.` at the front allowed. */
  readonly names?: readonly string[];
  /** IP address literals. */
  readonly addresses?: readonly string[];
}

export interface Issuer {
  readonly subject: DistinguishedName;
  readonly privateKey: KeyObject;
}

const OID = {
  organization: "2.5.4.10",
  commonName: "2.5.4.3",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  sha256WithRsa: "1.2.840.113549.1.1.11",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
} as const;

// RFC 5280, 4.2.1.3.
const DIGITAL_SIGNATURE = 0;
const KEY_CERT_SIGN = 5;
const CRL_SIGN = 6;
// RFC 5280, 4.2.1.6.
const DNS_NAME = 2;
const IP_ADDRESS = 7;

const SERIAL_SIZE = 16;
const PEM_COLUMNS = 64;
const NULL = Uint8Array.of(0x05, 0x00);
const VERSION_3 = Uint8Array.of(2);

/** @returns PEM of a certificate that `issuer` has signed; its own, if it is its own issuer */
export function writeCertificate(request: CertificateRequest, issuer: Issuer): string {
  const algorithm = signatureAlgorithm(issuer.privateKey);
  const signed = sequence(
    tagged(0, integer(VERSION_3)),
    integer(drawSerial()),
    algorithm,
    distinguishedName(issuer.subject),
    sequence(time(request.notBefore), time(request.notAfter)),
    distinguishedName(request.subject),
    publicKeyInfo(request.publicKey),
    tagged(3, sequence(...extensions(request, issuer))),
  );
  const signature = sign("sha256", signed, issuer.privateKey);
  return pemOf("CERTIFICATE", sequence(signed, algorithm, bitString(signature)));
}

/** @returns PEM (RFC 7468) */
export function pemOf(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes)
    .toString("base64")
    .match(new RegExp(`.{1,${PEM_COLUMNS}}`, "g"));
  return `-----BEGIN ${label}-----\n${(lines ?? []).join("\n")}\n-----END ${label}-----\n`;
}

// RFC 5758, 3.2: ECDSA has no parameters; RFC 4055, 5: RSA has NULL.
function signatureAlgorithm({ asymmetricKeyType }: KeyObject): Uint8Array {
  if (asymmetricKeyType === "ec") return sequence(objectId(OID.ecdsaWithSha256));
  if (asymmetricKeyType === "rsa") return sequence(objectId(OID.sha256WithRsa), NULL);
  throw new Error(`Cannot sign certificates with a key of type "${asymmetricKeyType}"`);
}

/** RFC 5280, 4.1.2.2: positive, and never the same twice. */
function drawSerial(): Uint8Array {
  const bytes = randomBytes(SERIAL_SIZE);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes;
}

function distinguishedName({ organization, commonName }: DistinguishedName): Uint8Array {
  const attribute = (id: string, value: string) => setOf(sequence(objectId(id), utf8String(value)));
  return sequence(attribute(OID.organization, organization), attribute(OID.commonName, commonName));
}

function extensions(request: CertificateRequest, issuer: Issuer): readonly Uint8Array[] {
  const authorityKey = createPublicKey(issuer.privateKey);
  const isAuthority = request.purpose === "authority";
  const usage = isAuthority ? namedBits(KEY_CERT_SIGN, CRL_SIGN) : namedBits(DIGITAL_SIGNATURE);
  const list = [
    critical(OID.basicConstraints, sequence(...(isAuthority ? authorityConstraints() : []))),
    critical(OID.keyUsage, usage),
    plain(OID.subjectKeyIdentifier, octetString(keyIdentifier(request.publicKey))),
    plain(OID.authorityKeyIdentifier, sequence(taggedBytes(0, keyIdentifier(authorityKey)))),
  ];
  if (!isAuthority) {
    const purpose = request.purpose === "server" ? OID.serverAuth : OID.clientAuth;
    list.push(plain(OID.extendedKeyUsage, sequence(objectId(purpose))));
  }
  const names = alternativeNames(request);
  if (names.length > 0) list.push(plain(OID.subjectAltName, sequence(...names)));
  return list;
}

/** cA, and a pathLenConstraint of 0: it signs no further authorities. */
function authorityConstraints(): readonly Uint8Array[] {
  return [boolean(true), integer(Uint8Array.of(0))];
}

function alternativeNames({ names = [], addresses = [] }: CertificateRequest) {
  return [
    ...names.map((name) => taggedBytes(DNS_NAME, Buffer.from(name))),
    ...addresses.map((address) => taggedBytes(IP_ADDRESS, addressBytes(address))),
  ];
}

function addressBytes(address: string): Uint8Array {
  const endpoint = makeEndpoint(address, 0);
  if (endpoint === null) throw new Error(`Cannot certify "${address}": it is no IP address`);
  return endpoint.subarray(isIpv4Mapped(endpoint, 0) ? 12 : 0, ADDRESS_SIZE);
}

function critical(id: string, value: Uint8Array): Uint8Array {
  return sequence(objectId(id), boolean(true), octetString(value));
}

function plain(id: string, value: Uint8Array): Uint8Array {
  return sequence(objectId(id), octetString(value));
}

function publicKeyInfo(key: KeyObject): Uint8Array {
  return key.export({ type: "spki", format: "der" });
}

/** RFC 5280, 4.2.1.2: SHA-1 over the bits of the key, as a name and not for its strength. */
function keyIdentifier(key: KeyObject): Uint8Array {
  const bytes = publicKeyInfo(key);
  const whole = readElement(bytes, 0, bytes.length);
  const bits = whole && readMembers(bytes, whole)?.[1];
  if (!bits || bits.tag !== TAG.bitString) throw new Error("Cannot read the bits of a public key");
  return createHash("sha1")
    .update(bytes.subarray(bits.start + 1, bits.end))
    .digest();
}
