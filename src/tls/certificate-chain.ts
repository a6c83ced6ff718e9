// Puts a certificate, its chain and its key into a context, after a look whether they belong
// together. A context takes one for each type of key and gives clients the one they can use.

import type { CertificatePlan } from "../shm/plan.ts";
import { keyTypeOf, subjectOf } from "./certificate-facts.ts";
import {
  EVP_PKEY_free,
  SSL_CTX_ctrl,
  SSL_CTX_use_certificate,
  SSL_CTX_use_PrivateKey,
  X509_check_issued,
  X509_check_private_key,
  X509_free,
} from "./libssl.ts";
import { openSslError } from "./openssl-errors.ts";
import { readCertificates, readPrivateKey } from "./pem.ts";
import { SSL_CTRL_CHAIN_CERT, X509_V_OK } from "./ssl-constants.ts";

/** For the leaf SSL_CTX_ctrl adds a reference of its own with this. */
const WITH_REFERENCE = 1;

/**
 * Gives a context a certificate to show. Throws when the chain is not in order, when the key is
 * another one's, or when OpenSSL does not take them.
 * @param context an SSL_CTX pointer
 * @returns the X509 pointer of the leaf, which lives as long as the context
 */
export function useCertificate(
  context: number,
  plan: Pick<CertificatePlan, "chain" | "key">,
  subject: string,
): number {
  const chain = readCertificates(plan.chain, subject);
  const leaf = chain[0]!;
  try {
    const name = `certificate "${subjectOf(leaf)}"`;
    checkOrder(chain, name);
    useWithKey(context, leaf, plan.key, name);
    for (const issuer of chain.slice(1)) {
      if (SSL_CTX_ctrl(context, SSL_CTRL_CHAIN_CERT, WITH_REFERENCE, issuer) !== 1) {
        throw openSslError(`Cannot use the chain of ${name}`);
      }
    }
    return leaf;
  } finally {
    for (const certificate of chain) X509_free(certificate);
  }
}

/** EVP_PKEY_... of a certificate's key: two of one type do not go into one context. */
export function keyTypeOfChain(chain: string, subject: string): number {
  const certificates = readCertificates(chain, subject);
  const type = keyTypeOf(certificates[0]!);
  for (const certificate of certificates) X509_free(certificate);
  return type;
}

function checkOrder(chain: readonly number[], name: string): void {
  for (let index = 1; index < chain.length; index++) {
    const subject = chain[index - 1]!;
    const issuer = chain[index]!;
    if (X509_check_issued(issuer, subject) === X509_V_OK) continue;
    const names = `"${subjectOf(issuer)}" has not issued "${subjectOf(subject)}"`;
    throw new Error(`Cannot use ${name}: its chain is out of order, ${names}`);
  }
}

function useWithKey(context: number, leaf: number, pem: string, name: string): void {
  const key = readPrivateKey(pem, name);
  try {
    if (X509_check_private_key(leaf, key) !== 1) {
      throw openSslError(`Cannot use ${name}: its private key belongs to another certificate`);
    }
    const isTaken =
      SSL_CTX_use_certificate(context, leaf) === 1 && SSL_CTX_use_PrivateKey(context, key) === 1;
    if (!isTaken) throw openSslError(`Cannot use ${name}`);
  } finally {
    EVP_PKEY_free(key);
  }
}
