// Why a TLS session failed: a closed set of names, and how OpenSSL's words become one of them.
//
// Numbers are indexes here and nowhere stored; names are what outlives the process. Cold: a
// failure happens once a session.

import { drainErrors, type OpenSslError } from "./openssl-errors.ts";
import * as ssl from "./ssl-constants.ts";

/** Indexed by number. `server-` ones are about servers whose client we are. */
export const TLS_FAILURES = [
  "none",
  /** Nothing below fits; the detail says more. */
  "handshake-failed",
  "version-unsupported",
  /** No cipher suite, group or signature algorithm that both sides have. */
  "no-shared-cipher",
  /** The client sent none. */
  "certificate-required",
  "certificate-expired",
  "certificate-not-yet-valid",
  "certificate-revoked",
  "certificate-unknown-authority",
  /** The revocation list of its issuer is missing, expired or not signed by it. */
  "certificate-revocation-unknown",
  "certificate-invalid",
  "server-certificate-expired",
  "server-certificate-not-yet-valid",
  "server-certificate-unknown-authority",
  "server-certificate-name-mismatch",
  "server-certificate-invalid",
  /** The peer gave up; the number of its alert says why. */
  "peer-alert",
  /** A record that was changed on its way, or never was one. */
  "bad-record",
  "protocol-error",
] as const;

export type TlsFailureName = (typeof TLS_FAILURES)[number];

/** Numbers by name: `TLS_FAILURE["peer-alert"]`. */
export const TLS_FAILURE = Object.freeze(
  Object.fromEntries(TLS_FAILURES.map((name, number) => [name, number])),
) as { readonly [Name in TlsFailureName]: number };

/** What is known of a failed session. */
export interface TlsFailure {
  readonly name: TlsFailureName;
  /** The alert that the peer sent; 0 when it sent none. RFC 8446, 6. */
  readonly alert: number;
  /** OpenSSL's words, for the log. */
  readonly detail: string;
}

const REASONS: ReadonlyMap<number, TlsFailureName> = new Map([
  [ssl.SSL_R_UNSUPPORTED_PROTOCOL, "version-unsupported"],
  [ssl.SSL_R_UNKNOWN_PROTOCOL, "version-unsupported"],
  [ssl.SSL_R_NO_PROTOCOLS_AVAILABLE, "version-unsupported"],
  [ssl.SSL_R_VERSION_TOO_LOW, "version-unsupported"],
  [ssl.SSL_R_NO_SHARED_CIPHER, "no-shared-cipher"],
  [ssl.SSL_R_NO_SHARED_GROUPS, "no-shared-cipher"],
  [ssl.SSL_R_NO_SUITABLE_GROUPS, "no-shared-cipher"],
  [ssl.SSL_R_NO_SUITABLE_KEY_SHARE, "no-shared-cipher"],
  [ssl.SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, "no-shared-cipher"],
  [ssl.SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, "no-shared-cipher"],
  [ssl.SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, "certificate-required"],
  [ssl.SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, "bad-record"],
  [ssl.SSL_R_ENCRYPTED_LENGTH_TOO_LONG, "bad-record"],
  [ssl.SSL_R_PACKET_LENGTH_TOO_LONG, "bad-record"],
  [ssl.SSL_R_WRONG_VERSION_NUMBER, "bad-record"],
  [ssl.SSL_R_BAD_RECORD_TYPE, "bad-record"],
  [ssl.SSL_R_HTTP_REQUEST, "bad-record"],
]);

// Verification of clients; of servers with `server-` before it where there is such a name.
const VERDICTS: ReadonlyMap<number, TlsFailureName> = new Map([
  [ssl.X509_V_ERR_CERT_HAS_EXPIRED, "certificate-expired"],
  [ssl.X509_V_ERR_CERT_NOT_YET_VALID, "certificate-not-yet-valid"],
  [ssl.X509_V_ERR_CERT_REVOKED, "certificate-revoked"],
  [ssl.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, "certificate-unknown-authority"],
  [ssl.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "certificate-unknown-authority"],
  [ssl.X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "certificate-unknown-authority"],
  [ssl.X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "certificate-unknown-authority"],
  [ssl.X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "certificate-unknown-authority"],
  [ssl.X509_V_ERR_UNABLE_TO_GET_CRL, "certificate-revocation-unknown"],
  [ssl.X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER, "certificate-revocation-unknown"],
  [ssl.X509_V_ERR_CRL_SIGNATURE_FAILURE, "certificate-revocation-unknown"],
  [ssl.X509_V_ERR_CRL_NOT_YET_VALID, "certificate-revocation-unknown"],
  [ssl.X509_V_ERR_CRL_HAS_EXPIRED, "certificate-revocation-unknown"],
  [ssl.X509_V_ERR_HOSTNAME_MISMATCH, "server-certificate-name-mismatch"],
  [ssl.X509_V_ERR_IP_ADDRESS_MISMATCH, "server-certificate-name-mismatch"],
]);

export interface FailedSession {
  /** Whether the peer is a server. */
  readonly isClient: boolean;
  readonly isHandshaking: boolean;
  /** SSL_get_verify_result */
  readonly verifyResult: number;
  /** X509_verify_cert_error_string of it */
  readonly verifyText: string;
}

/** Names what OpenSSL's error queue of this thread says, and empties it. */
export function takeFailure(session: FailedSession): TlsFailure {
  const errors = drainErrors();
  const first = errors.find((error) => error.library === ssl.ERR_LIB_SSL);
  const texts = errors.map(({ text }) => text).filter((text) => text !== "");
  if (first?.reason === ssl.SSL_R_CERTIFICATE_VERIFY_FAILED) texts.push(session.verifyText);
  const alert = Math.max(0, (first?.reason ?? 0) - ssl.SSL_AD_REASON_OFFSET);
  return { name: nameOf(session, first), alert, detail: texts.join(": ") };
}

function nameOf(session: FailedSession, error: OpenSslError | undefined): TlsFailureName {
  const otherwise = session.isHandshaking ? "handshake-failed" : "protocol-error";
  if (error === undefined) return otherwise;
  if (error.reason === ssl.SSL_R_CERTIFICATE_VERIFY_FAILED) return verdictOf(session);
  if (error.reason >= ssl.SSL_AD_REASON_OFFSET) return "peer-alert";
  return REASONS.get(error.reason) ?? otherwise;
}

function verdictOf({ isClient, verifyResult }: FailedSession): TlsFailureName {
  const verdict = VERDICTS.get(verifyResult) ?? "certificate-invalid";
  if (!isClient || verdict.startsWith("server-")) return verdict;
  const ofServer = TLS_FAILURES.find((name) => name === `server-${verdict}`);
  return ofServer ?? "server-certificate-invalid";
}
