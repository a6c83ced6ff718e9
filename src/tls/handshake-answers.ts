// What OpenSSL asks while it shakes hands: which application protocol, and which OCSP response to
// staple. One callback of each kind a thread, for all contexts, which are told apart by a number.
//
// A context that has been freed while a client is still shaking hands has no answer any more, and
// the handshake goes on without. Bounded by the contexts there are.

import { assert } from "../assert.ts";
import {
  type Callback,
  CRYPTO_memdup,
  makeCallback,
  SSL_CTX_callback_ctrl,
  SSL_CTX_ctrl,
  SSL_CTX_set_alpn_select_cb,
  SSL_ctrl,
  SSL_get_certificate,
  SSL_select_next_proto,
} from "./libssl.ts";
import type { NativeBytes } from "./native-bytes.ts";
import {
  SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB,
  SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB_ARG,
  SSL_CTRL_SET_TLSEXT_STATUS_REQ_OCSP_RESP,
  SSL_TLSEXT_ERR_NOACK,
  SSL_TLSEXT_ERR_OK,
} from "./ssl-constants.ts";

/** SSL_select_next_proto: both sides have it. */
const NEGOTIATED = 1;

/** What one context answers. */
export interface HandshakeAnswers {
  /** Protocols by preference, each behind its length; null: ALPN is not answered. */
  readonly alpn: NativeBytes | null;
  /** OCSP responses by the certificate (an X509 pointer) that they vouch for. */
  readonly ocsp: ReadonlyMap<number, NativeBytes>;
}

const answersByNumber = new Map<number, HandshakeAnswers>();
let lastNumber = 0;
let alpnCallback: Callback | null = null;
let statusCallback: Callback | null = null;

/** Makes a context (an SSL_CTX pointer) answer. @returns a number for `forgetAnswers` */
export function giveAnswers(context: number, answers: HandshakeAnswers): number {
  const number = ++lastNumber;
  answersByNumber.set(number, answers);
  if (answers.alpn !== null) SSL_CTX_set_alpn_select_cb(context, alpnAddress(), number);
  if (answers.ocsp.size > 0) {
    SSL_CTX_callback_ctrl(context, SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB, statusAddress());
    SSL_CTX_ctrl(context, SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB_ARG, 0, number);
  }
  return number;
}

/** The bytes of the answers may be freed afterwards. */
export function forgetAnswers(number: number): void {
  assert(answersByNumber.delete(number), "answers are forgotten once");
}

function alpnAddress(): number {
  alpnCallback ??= makeCallback(
    "int alpn_select(uintptr_t, uintptr_t, uintptr_t, uintptr_t, int, uintptr_t)",
    onAlpn,
  );
  return alpnCallback.address;
}

function statusAddress(): number {
  statusCallback ??= makeCallback("int status_request(uintptr_t, uintptr_t)", onStatusRequest);
  return statusCallback.address;
}

// Without a protocol that both sides have the session goes on without one, as HAProxy's do.
function onAlpn(
  _session: number,
  chosen: number,
  chosenSize: number,
  offered: number,
  offeredSize: number,
  number: number,
): number {
  const alpn = answersByNumber.get(number)?.alpn ?? null;
  if (alpn === null) return SSL_TLSEXT_ERR_NOACK;
  const { address, length } = alpn;
  const found = SSL_select_next_proto(chosen, chosenSize, address, length, offered, offeredSize);
  return found === NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

// OpenSSL wants a copy that it can free.
function onStatusRequest(session: number, number: number): number {
  const response = answersByNumber.get(number)?.ocsp.get(SSL_get_certificate(session));
  if (response === undefined) return SSL_TLSEXT_ERR_NOACK;
  const copy = CRYPTO_memdup(response.address, response.length, "", 0);
  SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_STATUS_REQ_OCSP_RESP, response.length, copy);
  return SSL_TLSEXT_ERR_OK;
}
