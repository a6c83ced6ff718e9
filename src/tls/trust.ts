// Whom to believe: authorities and revocation lists as OpenSSL's store. One store serves all
// contexts of a listener.
//
// A store is never changed; another bundle is another store.

import {
  SSL_CTX_add_client_CA,
  SSL_CTX_set1_cert_store,
  X509_CRL_free,
  X509_CRL_get_issuer,
  X509_free,
  X509_get_subject_name,
  X509_NAME_cmp,
  X509_STORE_add_cert,
  X509_STORE_add_crl,
  X509_STORE_free,
  X509_STORE_new,
  X509_STORE_set_flags,
} from "./libssl.ts";
import { openSslError } from "./openssl-errors.ts";
import { readCertificates, readRevocationLists } from "./pem.ts";
import { X509_V_FLAG_CRL_CHECK, X509_V_FLAG_CRL_CHECK_ALL } from "./ssl-constants.ts";

export interface TrustOptions {
  /** PEM bundle. */
  readonly authorities: string;
  /** PEM bundle; empty: revocation is not looked at. */
  readonly revoked: string;
  /** What they are for, in errors: `client certificates`. */
  readonly subject: string;
}

export class Trust {
  readonly #store: number;
  readonly #authorities: readonly number[];

  constructor({ authorities, revoked, subject }: TrustOptions) {
    this.#authorities = readCertificates(authorities, `the authorities of ${subject}`);
    this.#store = X509_STORE_new();
    try {
      this.#addAuthorities(subject);
      if (revoked !== "") this.#addRevoked(revoked, subject);
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** Makes a context (an SSL_CTX pointer) verify against this. */
  giveTo(context: number): void {
    SSL_CTX_set1_cert_store(context, this.#store);
  }

  /** Makes a server's context tell clients whose certificates it takes (RFC 8446, 4.2.4). */
  announceTo(context: number): void {
    for (const authority of this.#authorities) SSL_CTX_add_client_CA(context, authority);
  }

  /** Contexts that were given it keep what they need. */
  free(): void {
    for (const authority of this.#authorities) X509_free(authority);
    X509_STORE_free(this.#store);
  }

  #addAuthorities(subject: string): void {
    for (const authority of this.#authorities) {
      if (X509_STORE_add_cert(this.#store, authority) === 1) continue;
      throw openSslError(`Cannot use the authorities of ${subject}`);
    }
  }

  #addRevoked(revoked: string, subject: string): void {
    const lists = readRevocationLists(revoked, `the revocation lists of ${subject}`);
    try {
      for (const list of lists) {
        if (X509_STORE_add_crl(this.#store, list) === 1) continue;
        throw openSslError(`Cannot use the revocation lists of ${subject}`);
      }
      X509_STORE_set_flags(this.#store, this.#checksOf(lists));
    } finally {
      for (const list of lists) X509_CRL_free(list);
    }
  }

  // The chain is checked to its root when every authority has a list; else the leaf alone, for
  // which there must be one in any case: a certificate that cannot be checked is refused.
  #checksOf(lists: readonly number[]): number {
    const hasList = (authority: number) => {
      const name = X509_get_subject_name(authority);
      return lists.some((list) => X509_NAME_cmp(X509_CRL_get_issuer(list), name) === 0);
    };
    const all = this.#authorities.every(hasList) ? X509_V_FLAG_CRL_CHECK_ALL : 0;
    return X509_V_FLAG_CRL_CHECK | all;
  }
}
