// Takes the blocks of a PEM file apart (RFC 7468): certificates, keys, revocation lists, in their
// order. Text between blocks is commentary. Pure.

export interface PemBlock {
  /** `CERTIFICATE`, `EC PRIVATE KEY`, ... */
  readonly label: string;
  /** With its BEGIN and END lines. */
  readonly text: string;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;
const CERTIFICATE_LABELS = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"];
const ENCRYPTED_HEADER = /^Proc-Type: *4, *ENCRYPTED/m;

export function readPem(text: string): readonly PemBlock[] {
  return [...text.matchAll(BLOCK)].map(([block, label]) => ({ label: label!, text: block }));
}

export function isCertificate({ label }: PemBlock): boolean {
  return CERTIFICATE_LABELS.includes(label);
}

export function isPrivateKey({ label }: PemBlock): boolean {
  return label.endsWith("PRIVATE KEY");
}

export function isRevocationList({ label }: PemBlock): boolean {
  return label === "X509 CRL";
}

/** Whether a key wants a passphrase: by its label (PKCS #8) or by its header (RFC 1421). */
export function isEncrypted({ label, text }: PemBlock): boolean {
  return label.startsWith("ENCRYPTED ") || ENCRYPTED_HEADER.test(text);
}

/** @returns the bytes of a block that is not encrypted */
export function pemBytes({ text }: PemBlock): Uint8Array {
  const lines = text.split("\n").filter((line) => !line.startsWith("-----"));
  return Buffer.from(lines.join(""), "base64");
}
