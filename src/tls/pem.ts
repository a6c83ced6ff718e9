// Certificates, keys and revocation lists from PEM to OpenSSL's objects.
//
// Every object that is handed out is the caller's to free. Cold: contexts are made with a plan.
// Does not look whether things belong together; certificate-chain.ts does.

import {
  BIO_free,
  BIO_new,
  BIO_puts,
  BIO_s_mem,
  PEM_read_bio_PrivateKey,
  PEM_read_bio_X509,
  PEM_read_bio_X509_CRL,
  X509_CRL_free,
  X509_free,
} from "./libssl.ts";
import { drainErrors, openSslError } from "./openssl-errors.ts";

/** ERR_LIB_PEM and PEM_R_NO_START_LINE: there is nothing more of that kind. */
const LIBRARY_PEM = 9;
const NO_START_LINE = 108;

/** Given as passphrase, so that OpenSSL never asks the terminal for one. */
const NO_PASSPHRASE = "";

/**
 * Reads all certificates of a text.
 * @param subject what the text is, for the error, such as `client authorities`
 * @returns X509 pointers, at least one
 */
export function readCertificates(pem: string, subject: string): number[] {
  return readAll(pem, subject, "certificate", PEM_read_bio_X509, X509_free);
}

/** Reads all revocation lists of a text. @returns X509_CRL pointers, at least one */
export function readRevocationLists(pem: string, subject: string): number[] {
  return readAll(pem, subject, "revocation list", PEM_read_bio_X509_CRL, X509_CRL_free);
}

/** Reads the private key of a text. @returns an EVP_PKEY pointer */
export function readPrivateKey(pem: string, subject: string): number {
  const bio = bioOf(pem);
  const key = PEM_read_bio_PrivateKey(bio, 0, 0, NO_PASSPHRASE);
  BIO_free(bio);
  if (key === 0) throw openSslError(`Cannot read the private key of ${subject}`);
  // What stood before the key, as certificates, may have left something.
  drainErrors();
  return key;
}

type ReadNext = (bio: number, object: number, callback: number, passphrase: string) => number;

function readAll(
  pem: string,
  subject: string,
  kind: string,
  readNext: ReadNext,
  free: (object: number) => void,
): number[] {
  const objects: number[] = [];
  const bio = bioOf(pem);
  for (;;) {
    const object = readNext(bio, 0, 0, NO_PASSPHRASE);
    if (object === 0) break;
    objects.push(object);
  }
  BIO_free(bio);
  const errors = drainErrors();
  const isEnd = errors.every(
    ({ library, reason }) => library === LIBRARY_PEM && reason === NO_START_LINE,
  );
  if (isEnd && objects.length > 0) return objects;
  for (const object of objects) free(object);
  const position = `${kind} ${objects.length + 1} of ${subject}`;
  if (isEnd) throw new Error(`Cannot find a ${kind} in ${subject}`);
  throw new Error(`Cannot read ${position}: ${errors.map(({ text }) => text).join(": ")}`);
}

function bioOf(pem: string): number {
  const bio = BIO_new(BIO_s_mem());
  BIO_puts(bio, pem);
  return bio;
}
