// TLS sessions by slot: ciphertext in, plaintext out, and the other way round.
//
//   socket → receive ─► input BIO ─► SSL_read  ─► target        → relay
//   socket ← output  ◄─ output BIO ◄─ SSL_write ◄─ send         ← relay
//
// All calls are synchronous and leave nothing behind but what OpenSSL keeps of a half record in the
// session itself. The relayed byte meets no callback and no allocation; a small record costs one
// call into OpenSSL to open, and two to seal. Bounded by slotsMax sessions, each as large as
// OpenSSL makes it. Knows no sockets and no deadlines.

import { assert } from "../assert.ts";
import { decodeText } from "../bytes/utf8.ts";
import type { CertificateDetails } from "../rules/subject.ts";
import { readCertificateDetails } from "./certificate-details.ts";
import { type CertificateFacts, readCertificateFacts } from "./certificate-facts.ts";
import * as libssl from "./libssl.ts";
import { keepBytes } from "./native-bytes.ts";
import { drainErrors } from "./openssl-errors.ts";
import { resumeLastSession } from "./resumption.ts";
import { SessionBios } from "./session-bios.ts";
import * as ssl from "./ssl-constants.ts";
import type { TlsContext } from "./tls-context.ts";
import { TLS_FAILURE, type TlsFailure, takeFailure } from "./tls-failure.ts";

// States of a slot.
/** No session. */
export const TLS_FREE = 0;
/** The handshake is not done. */
export const TLS_HANDSHAKING = 1;
/** Both directions carry plaintext. */
export const TLS_OPEN = 2;
/** The peer's close_notify has come; ours may still carry plaintext. */
export const TLS_ENDED = 3;
/** Nothing can be received or sent; an alert may wait in the output. */
export const TLS_FAILED = 4;

/** The largest record's plaintext, and what OpenSSL may hold of a half one. RFC 8446, 5.1 */
const RECORD_SIZE_MAX = 16 * 1024;
const TARGET_MARGIN = RECORD_SIZE_MAX + 64;
const SEND_SIZE_MAX = 64 * 1024;

const NO_SESSION = 0;

export class TlsEngine {
  readonly #bios: SessionBios;
  readonly #base: number;
  /** SSL pointers by slot. */
  readonly #sessions: Float64Array;
  readonly #states: Uint8Array;
  readonly #isClient: Uint8Array;
  readonly #failures: Uint8Array;
  readonly #alerts: Uint8Array;
  /** 1 by slot where OpenSSL may have read a part of a record. */
  readonly #holdsPart: Uint8Array;
  #liveSessions = 0;
  #lastFailure: TlsFailure | null = null;

  /**
   * Throws when there is no OpenSSL to call, and says what to do.
   * @param memory the arena: `address` is that of `bytes[0]`, offsets below are into it
   */
  constructor(memory: { readonly bytes: Uint8Array; readonly address: number }, slotsMax: number) {
    this.#bios = new SessionBios();
    this.#base = memory.address;
    this.#sessions = new Float64Array(slotsMax);
    this.#states = new Uint8Array(slotsMax);
    this.#isClient = new Uint8Array(slotsMax);
    this.#failures = new Uint8Array(slotsMax);
    this.#alerts = new Uint8Array(slotsMax);
    this.#holdsPart = new Uint8Array(slotsMax);
    // What others did on this thread is none of ours.
    drainErrors();
  }

  /** SSL objects that are there now. */
  get liveSessions(): number {
    return this.#liveSessions;
  }

  /** Begins the server's side of a session, on a free slot. The ClientHello is to be received. */
  accept(slot: number, context: TlsContext): void {
    assert(!context.isClient, "a session is accepted by a server's context");
    libssl.SSL_set_accept_state(this.#begin(slot, context));
  }

  /** Begins the client's side of a session, on a free slot. Its ClientHello is output at once. */
  connect(slot: number, context: TlsContext): void {
    assert(context.isClient, "a session is connected by a client's context");
    const session = this.#begin(slot, context);
    this.#isClient[slot] = 1;
    const { serverNameAddress } = context;
    if (serverNameAddress !== 0) {
      const kind = ssl.TLSEXT_NAMETYPE_HOST_NAME;
      libssl.SSL_ctrl(session, ssl.SSL_CTRL_SET_TLSEXT_HOSTNAME, kind, serverNameAddress);
    }
    resumeLastSession(context.address, session);
    libssl.SSL_set_connect_state(session);
    this.#shakeHands(slot, session);
  }

  /** TLS_FREE, TLS_HANDSHAKING, TLS_OPEN, TLS_ENDED or TLS_FAILED. */
  state(slot: number): number {
    return this.#states[slot]!;
  }

  /**
   * True when the next ciphertext begins a record, so that its plaintext is shorter than itself and
   * may take its place.
   */
  opensInPlace(slot: number): boolean {
    return this.#states[slot] === TLS_OPEN && this.#holdsPart[slot] === 0;
  }

  /**
   * Takes `length` bytes of ciphertext at `offset`, all of them, and writes plaintext at `target`.
   * Look at the state afterwards; plaintext that came before an end or a failure counts.
   * @param target `offset` only if `opensInPlace`; a record is read whole before it is written
   * @param targetMax at least `length` and, elsewhere than at `offset`, 16 KiB + 64
   * @returns bytes of plaintext, 0 when there are none yet
   */
  receive(slot: number, offset: number, length: number, target: number, targetMax: number): number {
    const roomMin = target === offset ? length : length + TARGET_MARGIN;
    assert(targetMax >= roomMin, "plaintext has room");
    assert(target !== offset || this.opensInPlace(slot), "plaintext takes the place of its own");
    const state = this.#states[slot]!;
    assert(state !== TLS_FREE, "a slot that receives has a session");
    // Whatever follows an end or a failure is not looked at.
    if (state > TLS_OPEN) return 0;
    const session = this.#sessions[slot]!;
    const bios = this.#bios;
    bios.feed(this.#base + offset, length);
    if (state === TLS_HANDSHAKING) this.#shakeHands(slot, session);
    let size = 0;
    this.#holdsPart[slot] = 0;
    while (bios.unread > 0 && this.#states[slot] === TLS_OPEN) {
      const result = libssl.SSL_read(session, this.#base + target + size, targetMax - size);
      if (result <= 0) {
        this.#holdsPart[slot] = 1;
        this.#heed(slot, session, result);
        break;
      }
      size += result;
    }
    bios.forgetInput();
    return size;
  }

  /**
   * Seals `length` bytes at `offset`, at most 64 KiB; the state must be TLS_OPEN or TLS_ENDED.
   * @returns 0, or -1 when the session has failed
   */
  send(slot: number, offset: number, length: number): number {
    const state = this.#states[slot]!;
    assert(state === TLS_OPEN || state === TLS_ENDED, "a session sends once it is open");
    assert(length <= SEND_SIZE_MAX, "what is sent is at most 64 KiB");
    if (length === 0) return 0;
    const session = this.#sessions[slot]!;
    const result = libssl.SSL_write(session, this.#base + offset, length);
    if (result === length) return 0;
    this.#fail(slot, session);
    return -1;
  }

  /** Bytes of ciphertext that wait to be moved by `output`. */
  get waiting(): number {
    return this.#bios.waiting;
  }

  /**
   * Moves ciphertext that waits for this slot to `target`: after accept, connect, receive, send and
   * end, until it returns less than `targetMax`, and before any other slot is touched.
   * @returns how many bytes
   */
  output(slot: number, target: number, targetMax: number): number {
    if (this.#bios.waiting === 0) return 0;
    assert(this.#states[slot] !== TLS_FREE, "what waits belongs to a session");
    return this.#bios.drain(this.#base + target, targetMax);
  }

  /** Puts our close_notify into the output; of no effect when there is no open session. */
  end(slot: number): void {
    const state = this.#states[slot]!;
    if (state !== TLS_OPEN && state !== TLS_ENDED) return;
    libssl.SSL_shutdown(this.#sessions[slot]!);
    // Sent twice, or to a session that fails just then: nothing that anybody can act on.
    libssl.ERR_clear_error();
  }

  /** Frees the session, in any state; what waits in the output is dropped. */
  free(slot: number): void {
    const session = this.#sessions[slot]!;
    assert(session !== NO_SESSION, "a session is freed once");
    // Else OpenSSL takes an end without close_notify as a reason not to resume.
    if (this.#isClient[slot] === 1) {
      libssl.SSL_set_shutdown(session, ssl.SSL_SENT_AND_RECEIVED_SHUTDOWN);
    }
    libssl.SSL_free(session);
    this.#bios.forgetOutput();
    this.#sessions[slot] = NO_SESSION;
    this.#states[slot] = TLS_FREE;
    this.#liveSessions--;
  }

  /** Why the slot is TLS_FAILED: a number of TLS_FAILURES (tls-failure.ts). */
  failure(slot: number): number {
    return this.#failures[slot]!;
  }

  /** The alert that the peer of a failed session sent; 0 when it sent none. */
  alert(slot: number): number {
    return this.#alerts[slot]!;
  }

  /** OpenSSL's own words on the last failure of any slot, for the log. */
  failureDetail(): string {
    return this.#lastFailure?.detail ?? "";
  }

  /** True once the handshake is complete, even if the peer has ended its direction behind it. */
  isShaken(slot: number): boolean {
    return libssl.SSL_is_init_finished(this.#sessions[slot]!) === 1;
  }

  /**
   * True when what a handshake leaves in the output need not be sent alone: nobody waits for it. A
   * client of TLS 1.2 waits for our Finished; of 1.3 only tickets are left (RFC 8446, 4.6.1).
   */
  isFollowed(slot: number): boolean {
    return this.#isClient[slot] === 1 || this.version(slot) === "TLSv1.3";
  }

  // Facts of a session whose handshake is done. They allocate, and are asked once a connection.

  /** `TLSv1.2` or `TLSv1.3`. */
  version(slot: number): string {
    return libssl.SSL_get_version(this.#sessions[slot]!) ?? "";
  }

  /** OpenSSL's name: `TLS_AES_256_GCM_SHA384`, `ECDHE-ECDSA-AES128-GCM-SHA256`. */
  cipher(slot: number): string {
    const cipher = libssl.SSL_get_current_cipher(this.#sessions[slot]!);
    return cipher === 0 ? "" : (libssl.SSL_CIPHER_get_name(cipher) ?? "");
  }

  /** The protocol that ALPN has chosen; "" when it chose none. */
  alpn(slot: number): string {
    return readAlpn(this.#sessions[slot]!);
  }

  /**
   * The name that the client asked for; "" when it asked for none. A session resumed by TLS 1.2
   * does not tell it: the ClientHello does.
   */
  serverName(slot: number): string {
    const kind = ssl.TLSEXT_NAMETYPE_HOST_NAME;
    return libssl.SSL_get_servername(this.#sessions[slot]!, kind)?.toLowerCase() ?? "";
  }

  wasResumed(slot: number): boolean {
    return libssl.SSL_session_reused(this.#sessions[slot]!) === 1;
  }

  /** X509_V_...: 0 when the peer's certificate is good or there is none. */
  verifyResult(slot: number): number {
    return libssl.SSL_get_verify_result(this.#sessions[slot]!);
  }

  /** null when the peer has shown none. */
  peerCertificate(slot: number): CertificateFacts | null {
    const certificate = libssl.SSL_get0_peer_certificate(this.#sessions[slot]!);
    return certificate === 0 ? null : readCertificateFacts(certificate);
  }

  /** The same certificate, as rules ask about it. */
  peerCertificateDetails(slot: number): CertificateDetails | null {
    const certificate = libssl.SSL_get0_peer_certificate(this.#sessions[slot]!);
    return certificate === 0 ? null : readCertificateDetails(certificate);
  }

  /** What we have shown; null when it was nothing. */
  ownCertificate(slot: number): CertificateFacts | null {
    const certificate = libssl.SSL_get_certificate(this.#sessions[slot]!);
    return certificate === 0 ? null : readCertificateFacts(certificate);
  }

  #begin(slot: number, context: TlsContext): number {
    assert(this.#states[slot] === TLS_FREE, "a session begins on a free slot");
    assert(this.#bios.waiting === 0, "the output of one session is taken before another begins");
    const session = libssl.SSL_new(context.address);
    assert(session !== NO_SESSION, "there is memory for a TLS session");
    this.#bios.attach(session);
    this.#sessions[slot] = session;
    this.#states[slot] = TLS_HANDSHAKING;
    this.#isClient[slot] = 0;
    this.#holdsPart[slot] = 1;
    this.#failures[slot] = TLS_FAILURE.none;
    this.#alerts[slot] = 0;
    this.#liveSessions++;
    return session;
  }

  #shakeHands(slot: number, session: number): void {
    const result = libssl.SSL_do_handshake(session);
    if (result === 1) {
      this.#states[slot] = TLS_OPEN;
      // What was tried in vain on the way would look like a failure later.
      libssl.ERR_clear_error();
    } else this.#heed(slot, session, result);
  }

  // What a call that moved no plaintext means.
  #heed(slot: number, session: number, result: number): void {
    const error = libssl.SSL_get_error(session, result);
    if (error === ssl.SSL_ERROR_WANT_READ) return;
    if (error === ssl.SSL_ERROR_ZERO_RETURN) this.#states[slot] = TLS_ENDED;
    else this.#fail(slot, session);
  }

  #fail(slot: number, session: number): void {
    const verifyResult = libssl.SSL_get_verify_result(session);
    const failure = takeFailure({
      isClient: this.#isClient[slot] === 1,
      isHandshaking: this.#states[slot] === TLS_HANDSHAKING,
      verifyResult,
      verifyText: libssl.X509_verify_cert_error_string(verifyResult) ?? "",
    });
    this.#states[slot] = TLS_FAILED;
    this.#failures[slot] = TLS_FAILURE[failure.name];
    this.#alerts[slot] = failure.alert;
    this.#lastFailure = failure;
  }
}

/** Where OpenSSL puts a pointer and a length. */
const alpnPlace = keepBytes(new Uint8Array(16));

function readAlpn(session: number): string {
  const { address, memory } = alpnPlace;
  libssl.SSL_get0_alpn_selected(session, address, address + 8);
  const view = new DataView(memory.bytes.buffer);
  const length = view.getUint32(8, true);
  if (length === 0) return "";
  const name = new Uint8Array(libssl.viewOf(Number(view.getBigUint64(0, true)), length));
  return decodeText(name, 0, length);
}
