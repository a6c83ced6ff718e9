// Which files the certificates of one listener or pool come from, and what is in them. Types only.

/** One certificate, or a directory full of them, as paths that can be opened. */
export type CertificateSource =
  | {
      readonly kind: "file";
      /** PEM: the certificate, then those of its issuers. */
      readonly certificate: string;
      /** PEM; null: in the file of the certificate. */
      readonly key: string | null;
      /** A DER OCSP response; null for none. */
      readonly ocsp: string | null;
    }
  | { readonly kind: "directory"; readonly directory: string };

export interface TlsSource {
  readonly certificates: readonly CertificateSource[];
  /** PEM bundle of the authorities that peers are verified against; null for none. */
  readonly authorities: string | null;
  /** PEM bundle of revocation lists; null for none. */
  readonly revoked: string | null;
}

/** What the files of a `TlsSource` hold, read and judged as a whole. */
export interface TlsMaterial {
  readonly certificates: readonly CertificateMaterial[];
  /** PEM; empty where there is no file. */
  readonly authorities: string;
  readonly revoked: string;
}

export interface CertificateMaterial {
  /** The file it came from. */
  readonly file: string;
  /** PEM: the certificate, then its issuers in order. */
  readonly chain: string;
  /** PEM, PKCS #8, not encrypted. */
  readonly key: string;
  readonly keyType: "ec" | "rsa" | "other";
  /** The DNS names that it is for, lower case: `a.example`, `*.example`. */
  readonly names: readonly string[];
  /** Until when it is valid, in ms since 1970. */
  readonly notAfterMs: number;
  /** SHA-256 of the certificate, in hex. */
  readonly fingerprint: string;
  /** DER; null for none. */
  readonly ocsp: Uint8Array | null;
}

/** Which of the paths of a source a finding is about. */
export type SourcePart =
  | { readonly name: "certificate" | "key" | "ocsp" | "directory"; readonly index: number }
  | { readonly name: "authorities" | "revoked" };

/** Something that is wrong with a file, or will be. */
export interface Finding {
  readonly severity: "error" | "warning";
  readonly part: SourcePart;
  /** A sentence that names the file. */
  readonly message: string;
  /** What belongs there; null where the message says it all. */
  readonly expected: string | null;
}
