// The last session that a server has given us, for each context towards servers: the next
// connection resumes it, which saves both sides the signatures.
//
// Bounded: one a context. TLS 1.3 asks clients to use a ticket once so that nobody can follow them
// (RFC 8446, C.4); between a balancer and its brokers there is nobody to hide.

import {
  type Callback,
  makeCallback,
  SSL_CTX_ctrl,
  SSL_CTX_sess_set_new_cb,
  SSL_get_SSL_CTX,
  SSL_SESSION_dup,
  SSL_SESSION_free,
  SSL_set_session,
} from "./libssl.ts";
import {
  SSL_CTRL_SET_SESS_CACHE_MODE,
  SSL_SESS_CACHE_CLIENT,
  SSL_SESS_CACHE_NO_INTERNAL,
} from "./ssl-constants.ts";

const NONE = 0;
/** The callback's answer when it keeps the session it was given. */
const KEPT = 1;

/** SSL_SESSION pointers by SSL_CTX pointers. */
const lastSessions = new Map<number, number>();
let callback: Callback | null = null;

/** Begins to keep the last session of a context (an SSL_CTX pointer). */
export function keepLastSession(context: number): void {
  callback ??= makeCallback("int new_session(uintptr_t, uintptr_t)", onNewSession);
  const mode = SSL_SESS_CACHE_CLIENT + SSL_SESS_CACHE_NO_INTERNAL;
  SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, mode, 0);
  SSL_CTX_sess_set_new_cb(context, callback.address);
  lastSessions.set(context, NONE);
}

/** Makes a new session (an SSL pointer) resume the last one of its context, if there is one. */
export function resumeLastSession(context: number, session: number): void {
  const last = lastSessions.get(context) ?? NONE;
  if (last === NONE) return;
  // A copy, because OpenSSL takes a session of TLS 1.3 as used up once it has been resumed.
  const copy = SSL_SESSION_dup(last);
  if (copy === NONE) return;
  SSL_set_session(session, copy);
  SSL_SESSION_free(copy);
}

/** Ends it; sessions that still arrive are not kept. */
export function forgetSessions(context: number): void {
  freeSession(lastSessions.get(context) ?? NONE);
  lastSessions.delete(context);
}

function onNewSession(session: number, given: number): number {
  const context = SSL_get_SSL_CTX(session);
  const last = lastSessions.get(context);
  if (last === undefined) return 0;
  freeSession(last);
  lastSessions.set(context, given);
  return KEPT;
}

function freeSession(session: number): void {
  if (session !== NONE) SSL_SESSION_free(session);
}
