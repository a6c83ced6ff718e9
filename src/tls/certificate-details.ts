// What rules may ask about a certificate, as they want it: names part by part, digests as bytes,
// times as the certificate has them.
//
// Cold: asked once a connection where a rule wants to know. The object stays whose it was.

import { decodeText } from "../bytes/utf8.ts";
import { mapMemory } from "../linux/native-memory.ts";
import type { CertificateDetails } from "../rules/subject.ts";
import { nameEntries, stringBytes } from "./certificate-facts.ts";
import * as libssl from "./libssl.ts";

const SHA1_SIZE = 20;
const SHA256_SIZE = 32;

/** Where OpenSSL puts digests. One a thread. */
const place = mapMemory(64);

/** @param certificate an X509 pointer */
export function readCertificateDetails(certificate: number): CertificateDetails {
  return {
    version: libssl.X509_get_version(certificate) + 1,
    subject: nameEntries(libssl.X509_get_subject_name(certificate)),
    issuer: nameEntries(libssl.X509_get_issuer_name(certificate)),
    serial: stringBytes(libssl.X509_get0_serialNumber(certificate)),
    sha1: digest(certificate, libssl.EVP_sha1(), SHA1_SIZE),
    sha256: digest(certificate, libssl.EVP_sha256(), SHA256_SIZE),
    notBefore: textOf(libssl.X509_get0_notBefore(certificate)),
    notAfter: textOf(libssl.X509_get0_notAfter(certificate)),
  };
}

function digest(certificate: number, algorithm: number, size: number): Uint8Array {
  libssl.X509_digest(certificate, algorithm, place.address, 0);
  return place.bytes.slice(0, size);
}

function textOf(string: number): string {
  const bytes = stringBytes(string);
  return decodeText(bytes, 0, bytes.length);
}
