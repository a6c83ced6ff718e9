// What sessions are made from: OpenSSL's SSL_CTX with everything that a plan says of one set of
// certificates, or of one way to speak to servers.
//
// Made whole or not at all: every mistake is an error that names what is wrong. Sessions keep the
// SSL_CTX alive, so a context may be freed while they live. Keeps no sessions but the last one
// towards a server.

import { createHash } from "node:crypto";
import { assert } from "../assert.ts";
import { encodeText } from "../bytes/utf8.ts";
import type {
  CertificatePlan,
  ClientCertificatePlan,
  TlsListenerPlan,
  TlsServerPlan,
} from "../shm/plan.ts";
import { useCertificate } from "./certificate-chain.ts";
import { encodeAlpn, setGroups, setModes, setProtocol } from "./context-settings.ts";
import { forgetAnswers, giveAnswers } from "./handshake-answers.ts";
import * as libssl from "./libssl.ts";
import { freeBytes, keepBytes, type NativeBytes } from "./native-bytes.ts";
import { drainErrors, openSslError } from "./openssl-errors.ts";
import { forgetSessions, keepLastSession } from "./resumption.ts";
import * as ssl from "./ssl-constants.ts";
import type { TicketKeys } from "./ticket-keys.ts";
import { Trust } from "./trust.ts";

/** How long a client may resume: what OpenSSL takes for itself, and TLS 1.3 allows 7 days. */
const RESUMPTION_SECONDS = 2 * 60 * 60;

const SESSION_ID_CONTEXT_SIZE = 32;

export class TlsContext {
  /** SSL_CTX pointer. */
  readonly address: number;
  /** Whether sessions of it are ours towards servers. */
  readonly isClient: boolean;
  #serverName: NativeBytes | null = null;
  readonly #releases: (() => void)[] = [];

  constructor(isClient: boolean) {
    libssl.requireOpenSsl();
    this.address = libssl.SSL_CTX_new(libssl.TLS_method());
    assert(this.address !== 0, "there is memory for a TLS context");
    this.isClient = isClient;
  }

  /** Where the server's name for SNI stands, as a C string; 0: none is sent. */
  get serverNameAddress(): number {
    return this.#serverName?.address ?? 0;
  }

  /** Sends this name by SNI (RFC 6066, 3). */
  sendServerName(name: string): void {
    this.#serverName = this.keep(encodeText(name));
  }

  /** Bytes for OpenSSL that live as long as this. */
  keep(bytes: Uint8Array): NativeBytes {
    const kept = keepBytes(bytes);
    this.atFree(() => freeBytes(kept));
    return kept;
  }

  atFree(release: () => void): void {
    this.#releases.push(release);
  }

  /** Sessions that live go on; new ones cannot be made. */
  free(): void {
    for (const release of this.#releases.reverse()) release();
    this.#releases.length = 0;
    libssl.SSL_CTX_free(this.address);
  }
}

export interface ServerContextParts {
  readonly plan: TlsListenerPlan;
  /** For the same names, one for each type of key. */
  readonly certificates: readonly CertificatePlan[];
  /** For client certificates; null when the plan's mode is `none`. */
  readonly trust: Trust | null;
  /** null: no session is resumed. */
  readonly tickets: TicketKeys | null;
}

/** Makes the server's side of TLS. Throws what is wrong with the plan, naming it. */
export function makeServerContext(parts: ServerContextParts): TlsContext {
  return make(false, (context) => {
    const { plan, tickets } = parts;
    const { address } = context;
    const withTickets = tickets === null ? ssl.SSL_OP_NO_TICKET : 0;
    const preference = ssl.SSL_OP_CIPHER_SERVER_PREFERENCE + ssl.SSL_OP_PRIORITIZE_CHACHA;
    setModes(address, withTickets + preference);
    setProtocol(address, plan);
    setGroups(address, plan.groups);
    setTickets(address, tickets);
    setClientVerification(address, plan.clientCertificate, parts.trust);
    setSessionIdContext(context, plan.clientCertificate);
    setAnswers(context, plan.alpn, useCertificates(context, parts.certificates));
  });
}

/**
 * Makes the client's side of TLS, for servers. Throws what is wrong with the plan, naming it.
 * @param resumes whether a connection goes on with the last session of this context
 */
export function makeClientContext(plan: TlsServerPlan, resumes = true): TlsContext {
  return make(true, (context) => {
    const { address } = context;
    setModes(address, 0);
    setProtocol(address, plan);
    setServerVerification(context, plan);
    if (plan.certificate !== null) useCertificate(address, plan.certificate, "the pool's");
    if (plan.alpn.length > 0) {
      const alpn = context.keep(encodeAlpn(plan.alpn));
      // 0 is success, of all functions.
      const failed = libssl.SSL_CTX_set_alpn_protos(address, alpn.address, alpn.length);
      assert(failed === 0, "an encoded list of protocols is taken");
    }
    if (!resumes) return;
    keepLastSession(address);
    context.atFree(() => forgetSessions(address));
  });
}

function make(isClient: boolean, fill: (context: TlsContext) => void): TlsContext {
  const context = new TlsContext(isClient);
  try {
    fill(context);
    // What OpenSSL tried in vain on the way is no failure of the first session.
    drainErrors();
    return context;
  } catch (error) {
    context.free();
    throw error;
  }
}

// Stateless: what there is of a session is in its ticket. One ticket a handshake is enough.
function setTickets(context: number, tickets: TicketKeys | null): void {
  libssl.SSL_CTX_ctrl(context, ssl.SSL_CTRL_SET_SESS_CACHE_MODE, ssl.SSL_SESS_CACHE_OFF, 0);
  libssl.SSL_CTX_set_num_tickets(context, tickets === null ? 0 : 1);
  libssl.SSL_CTX_set_timeout(context, RESUMPTION_SECONDS);
  if (tickets === null) return;
  libssl.SSL_CTX_set_tlsext_ticket_key_evp_cb(context, tickets.callbackAddress);
}

function setClientVerification(
  context: number,
  { mode, depth }: ClientCertificatePlan,
  trust: Trust | null,
): void {
  if (mode === "none") return;
  assert(trust !== null, "who asks for certificates knows whom to trust");
  trust.giveTo(context);
  trust.announceTo(context);
  const orFail = mode === "required" ? ssl.SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  libssl.SSL_CTX_set_verify(context, ssl.SSL_VERIFY_PEER + orFail, 0);
  libssl.SSL_CTX_set_verify_depth(context, depth);
}

// A ticket is taken only where the same certificates would be: who was verified against other
// authorities or another revocation list shakes hands anew.
function setSessionIdContext(context: TlsContext, plan: ClientCertificatePlan): void {
  const { mode, authorities, revoked, depth } = plan;
  const text = JSON.stringify(mode === "none" ? [mode] : [mode, depth, authorities, revoked]);
  const digest = keepBytes(createHash("sha256").update(text).digest());
  libssl.SSL_CTX_set_session_id_context(context.address, digest.address, SESSION_ID_CONTEXT_SIZE);
  freeBytes(digest);
}

/** @returns the OCSP responses of those that have one, by the leaf's X509 pointer */
function useCertificates(
  context: TlsContext,
  certificates: readonly CertificatePlan[],
): Map<number, NativeBytes> {
  const responses = new Map<number, NativeBytes>();
  for (const certificate of certificates) {
    const subject = `the certificate for "${certificate.names.join(", ")}"`;
    const leaf = useCertificate(context.address, certificate, subject);
    if (certificate.ocsp !== null) responses.set(leaf, context.keep(certificate.ocsp));
  }
  return responses;
}

function setAnswers(
  context: TlsContext,
  protocols: readonly string[],
  ocsp: ReadonlyMap<number, NativeBytes>,
): void {
  if (protocols.length === 0 && ocsp.size === 0) return;
  const alpn = protocols.length === 0 ? null : context.keep(encodeAlpn(protocols));
  const number = giveAnswers(context.address, { alpn, ocsp });
  context.atFree(() => forgetAnswers(number));
}

function setServerVerification(context: TlsContext, plan: TlsServerPlan): void {
  const { address } = context;
  const { serverName, authorities } = plan;
  const isAddress = serverName !== "" && !checkName(address, serverName);
  // Only names go into SNI (RFC 6066, 3).
  if (serverName !== "" && !isAddress) context.sendServerName(serverName);
  if (authorities === null) return;
  const trust = new Trust({ authorities, revoked: "", subject: "server certificates" });
  trust.giveTo(address);
  trust.free();
  libssl.SSL_CTX_set_verify(address, ssl.SSL_VERIFY_PEER, 0);
}

/** @returns false when the name is an IP address, which has been set as such */
function checkName(context: number, name: string): boolean {
  const param = libssl.SSL_CTX_get0_param(context);
  if (libssl.X509_VERIFY_PARAM_set1_ip_asc(param, name) === 1) return false;
  libssl.X509_VERIFY_PARAM_set_hostflags(param, ssl.X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (libssl.X509_VERIFY_PARAM_set1_host(param, name, 0) === 1) return true;
  throw openSslError(`Cannot verify servers by the name "${name}"`);
}
