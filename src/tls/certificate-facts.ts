// What logs, PROXY headers and sticky keys want to know of a certificate.
//
// Cold: asked once a connection where somebody wants to know. The object stays whose it was.

import { decodeText } from "../bytes/utf8.ts";
import { mapMemory } from "../linux/native-memory.ts";
import type { NameEntry } from "../rules/subject.ts";
import * as libssl from "./libssl.ts";
import * as ssl from "./ssl-constants.ts";

export interface CertificateFacts {
  /** The first CN of the subject; "" when there is none. */
  readonly commonName: string;
  /** From the root down, as HAProxy writes it: `/C=DE/O=Example/CN=device-1`. */
  readonly subject: string;
  /** Hexadecimal, upper case. */
  readonly serial: string;
  /** Hexadecimal, lower case. */
  readonly fingerprintSha256: string;
  /** UTC: `2027-01-31T12:00:00Z`. */
  readonly notAfter: string;
  /** OpenSSL's short name: `ecdsa-with-SHA256`, `RSA-SHA256`. */
  readonly signatureAlgorithm: string;
  /** `RSA2048`, `EC256`, `ED25519`. */
  readonly keyAlgorithm: string;
  /** `DNS:a.example`, `IP:192.0.2.1`, `URI:...`, `email:...`; other kinds are left out. */
  readonly sans: readonly string[];
}

const SAN_PREFIXES: ReadonlyMap<number, string> = new Map([
  [ssl.GEN_DNS, "DNS"],
  [ssl.GEN_URI, "URI"],
  [ssl.GEN_EMAIL, "email"],
]);

/** Where OpenSSL puts results: a pointer, a digest, a struct tm or a name. One a thread. */
const place = mapMemory(256);
const placeWords = new DataView(place.bytes.buffer);

/** @param certificate an X509 pointer */
export function readCertificateFacts(certificate: number): CertificateFacts {
  const name = libssl.X509_get_subject_name(certificate);
  return {
    commonName: cnOf(name),
    subject: oneLine(name),
    serial: hex(stringBytes(libssl.X509_get0_serialNumber(certificate))).toUpperCase(),
    fingerprintSha256: fingerprintOf(certificate),
    notAfter: timeOf(libssl.X509_get0_notAfter(certificate)),
    signatureAlgorithm: libssl.OBJ_nid2sn(libssl.X509_get_signature_nid(certificate)) ?? "",
    keyAlgorithm: keyAlgorithmOf(certificate),
    sans: sansOf(certificate),
  };
}

/** The subject as one line, for error messages. */
export function subjectOf(certificate: number): string {
  return oneLine(libssl.X509_get_subject_name(certificate));
}

/** EVP_PKEY_... of the certificate's key. */
export function keyTypeOf(certificate: number): number {
  return libssl.EVP_PKEY_get_base_id(libssl.X509_get0_pubkey(certificate));
}

function cnOf(name: number): string {
  const index = libssl.X509_NAME_get_index_by_NID(name, ssl.NID_COMMON_NAME, -1);
  return index < 0 ? "" : entryText(libssl.X509_NAME_get_entry(name, index));
}

function oneLine(name: number): string {
  return nameEntries(name)
    .map((entry) => `/${entry.name}=${entry.value}`)
    .join("");
}

/** The parts of a distinguished name (an X509_NAME pointer), in the order of the certificate. */
export function nameEntries(name: number): NameEntry[] {
  const count = libssl.X509_NAME_entry_count(name);
  return Array.from({ length: count }, (_, index) => {
    const entry = libssl.X509_NAME_get_entry(name, index);
    return { name: entryName(entry), value: entryText(entry) };
  });
}

function entryName(entry: number): string {
  const object = libssl.X509_NAME_ENTRY_get_object(entry);
  const number = libssl.OBJ_obj2nid(object);
  if (number !== 0) return libssl.OBJ_nid2sn(number) ?? "";
  const length = libssl.OBJ_obj2txt(place.address, place.size, object, 1);
  return decodeText(place.bytes, 0, Math.min(Math.max(0, length), place.size - 1));
}

// Whatever string type the certificate uses, with NULs where it has some: they are no end.
function entryText(entry: number): string {
  const string = libssl.X509_NAME_ENTRY_get_data(entry);
  const length = libssl.ASN1_STRING_to_UTF8(place.address, string);
  if (length < 0) {
    libssl.ERR_clear_error();
    return "";
  }
  const address = Number(placeWords.getBigUint64(0, true));
  const text = length === 0 ? "" : decodeText(bytesAt(address, length), 0, length);
  libssl.CRYPTO_free(address, "", 0);
  return text;
}

function fingerprintOf(certificate: number): string {
  libssl.X509_digest(certificate, libssl.EVP_sha256(), place.address, 0);
  return hex(place.bytes.subarray(0, 32));
}

// struct tm: seconds, minutes, hours, day, month from 0, year from 1900.
function timeOf(time: number): string {
  if (libssl.ASN1_TIME_to_tm(time, place.address) !== 1) return "";
  const field = (index: number) => placeWords.getInt32(index * 4, true);
  const milliseconds = Date.UTC(field(5) + 1900, field(4), field(3), field(2), field(1), field(0));
  return new Date(milliseconds).toISOString().replace(".000Z", "Z");
}

function keyAlgorithmOf(certificate: number): string {
  const bits = libssl.EVP_PKEY_get_bits(libssl.X509_get0_pubkey(certificate));
  const type = keyTypeOf(certificate);
  if (type === ssl.EVP_PKEY_RSA || type === ssl.EVP_PKEY_RSA_PSS) return `RSA${bits}`;
  if (type === ssl.EVP_PKEY_EC) return `EC${bits}`;
  return libssl.OBJ_nid2sn(type) ?? "";
}

function sansOf(certificate: number): string[] {
  const names = libssl.X509_get_ext_d2i(certificate, ssl.NID_SUBJECT_ALT_NAME, 0, 0);
  if (names === 0) return [];
  const sans: string[] = [];
  for (let index = 0; index < libssl.OPENSSL_sk_num(names); index++) {
    const value = libssl.GENERAL_NAME_get0_value(
      libssl.OPENSSL_sk_value(names, index),
      place.address,
    );
    const san = sanText(placeWords.getInt32(0, true), value);
    if (san !== "") sans.push(san);
  }
  libssl.GENERAL_NAMES_free(names);
  return sans;
}

function sanText(kind: number, value: number): string {
  if (kind === ssl.GEN_IPADD) return `IP:${addressText(stringBytes(value))}`;
  const prefix = SAN_PREFIXES.get(kind);
  if (prefix === undefined) return "";
  const bytes = stringBytes(value);
  return `${prefix}:${decodeText(bytes, 0, bytes.length)}`;
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups: string[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    groups.push(((bytes[at]! << 8) | bytes[at + 1]!).toString(16));
  }
  return groups.join(":");
}

/** The bytes of an ASN1_STRING. */
export function stringBytes(string: number): Uint8Array {
  const length = libssl.ASN1_STRING_length(string);
  if (length <= 0) return new Uint8Array(0);
  return bytesAt(libssl.ASN1_STRING_get0_data(string), length);
}

function bytesAt(address: number, length: number): Uint8Array {
  return new Uint8Array(libssl.viewOf(address, length)).slice();
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
