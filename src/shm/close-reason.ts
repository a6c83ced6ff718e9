// Every way a connection ends: number, name, who ended it, whether it is a fault, and a sentence
// for the operator. Counters, the access log and the documentation come from these rows.
//
// Bounded: the catalogue is closed. A number is an index here and nowhere stored for longer than a
// process lives; names are what outlives it. Does not close anything: relay does, once, with one.

/** Who ended it: the client, the server, or Fairlead itself. */
export type CloseSide = "client" | "server" | "us";

export interface CloseReason {
  /** Stable: dashboards and log searches use it. */
  readonly name: string;
  readonly side: CloseSide;
  /** Whether something went wrong, as against a connection that had simply come to its end. */
  readonly fault: boolean;
  /** What the operator should know, as one sentence. */
  readonly sentence: string;
}

type Row = readonly [name: string, side: CloseSide, fault: "F" | "", sentence: string];

// F: a fault
const ROWS = [
  // PROXY protocol
  ["proxy-header-missing", "client", "F", "No PROXY header came, where the listener requires one."],
  ["proxy-header-malformed", "client", "F", "The PROXY header breaks the protocol."],
  ["proxy-header-forbidden", "client", "F", "A PROXY header came from an address that may not."],
  ["proxy-header-deadline", "client", "F", "No whole PROXY header came within the deadline."],

  // TLS with the client
  ["not-tls", "client", "F", "The first bytes are no TLS ClientHello; plain MQTT, perhaps."],
  ["tls-hello-malformed", "client", "F", "The ClientHello breaks the protocol or is too large."],
  ["tls-name-unknown", "client", "F", "No certificate is for the server name the client wants."],
  [
    "tls-version-unsupported",
    "client",
    "F",
    "The client speaks only versions of TLS that are off.",
  ],
  ["tls-no-shared-cipher", "client", "F", "The client and this listener share no cipher."],
  ["tls-certificate-required", "client", "F", "The client showed no certificate."],
  ["tls-certificate-expired", "client", "F", "The client's certificate has expired."],
  ["tls-certificate-not-yet-valid", "client", "F", "The client's certificate is not valid yet."],
  ["tls-certificate-revoked", "client", "F", "The client's certificate was revoked."],
  ["tls-certificate-unknown-authority", "client", "F", "Nobody we trust signed the certificate."],
  ["tls-certificate-invalid", "client", "F", "The client's certificate cannot be verified."],
  ["tls-alert", "client", "F", "The client ended the handshake with an alert; the log names it."],
  ["tls-failed", "client", "F", "The TLS session with the client broke; the log has the error."],
  ["tls-deadline", "client", "F", "The TLS handshake was not complete within the deadline."],
  ["tls-abandoned", "client", "", "The client left in the middle of the TLS handshake."],

  // WebSocket with the client
  ["http-refused", "client", "F", "The HTTP request is no WebSocket upgrade that is served here."],
  ["upgrade-deadline", "client", "F", "No whole WebSocket upgrade request came in time."],
  ["websocket-violation", "client", "F", "A frame of the client breaks RFC 6455."],
  ["websocket-too-large", "client", "F", "A frame of the client is larger than the limit."],

  // Before a CONNECT was there
  ["connect-deadline", "client", "F", "The client sent no whole CONNECT within the deadline."],
  ["connect-too-large", "client", "F", "The CONNECT is larger than the listener's limit."],
  ["connect-malformed", "client", "F", "The CONNECT breaks a rule of MQTT; the log names it."],
  ["not-mqtt", "client", "F", "The first bytes are not an MQTT CONNECT."],
  ["tls-on-plain-port", "client", "F", "The client speaks TLS to a listener without TLS."],
  ["http-on-mqtt-port", "client", "F", "The client speaks HTTP to an MQTT listener."],
  [
    "version-not-allowed",
    "client",
    "F",
    "The client speaks a version of MQTT that the listener does not allow.",
  ],
  ["closed-before-connect", "client", "", "The client left before its CONNECT was complete."],
  ["early-data-too-large", "client", "F", "The client sent too much before a server was there."],

  // Nobody to serve it
  ["no-server-available", "us", "F", "No server of the pool is up and ready."],
  ["servers-full", "us", "F", "Every server of the pool has reached its connection limit."],
  ["dial-refused", "server", "F", "Every server that was tried refused the connection."],
  ["dial-timeout", "server", "F", "No server that was tried answered in time."],
  ["dial-failed", "us", "F", "No connection to a server could be opened; the log has the error."],
  [
    "server-tls-failed",
    "server",
    "F",
    "The TLS session with the server could not be had, or broke.",
  ],
  ["server-upgrade-refused", "server", "F", "The server did not agree to speak WebSocket."],
  ["server-websocket-violation", "server", "F", "A frame of the server breaks RFC 6455."],
  ["servers-busy", "server", "F", "Every server that was tried said that it is busy."],

  // While relaying
  ["client-disconnected", "client", "", "The client sent DISCONNECT and closed."],
  ["client-closed", "client", "", "The client closed without DISCONNECT; its will is published."],
  ["client-reset", "client", "", "The client's side of the connection was reset."],
  ["client-unreachable", "client", "", "The client stopped answering; the kernel gave up."],
  ["server-refused", "server", "", "The server refused the CONNECT with a CONNACK."],
  ["server-disconnected", "server", "", "The server sent DISCONNECT and closed."],
  ["server-closed", "server", "", "The server closed the connection."],
  ["server-reset", "server", "F", "The server's side of the connection was reset."],
  ["server-unreachable", "server", "F", "The server stopped answering; the kernel gave up."],
  ["idle-timeout", "us", "", "Nothing moved in either direction for the pool's idle timeout."],
  ["finish-timeout", "us", "", "One side had closed and the other did not follow in time."],
  ["malformed-from-client", "client", "F", "The client sent a packet that is not MQTT."],
  ["malformed-from-server", "server", "F", "The server sent a packet that is not MQTT."],
  ["qos-not-allowed", "client", "F", "The client published with a QoS that is not allowed."],
  [
    "retain-not-allowed",
    "client",
    "F",
    "The client published a retained message, or has such a will.",
  ],
  ["packet-too-large", "client", "F", "The client sent a packet that is larger than the limit."],
  ["buffers-exhausted", "us", "F", "No buffer was left for bytes that had to be kept."],

  // Limits and decisions
  ["listener-full", "us", "F", "The listener has reached its connection limit."],
  ["process-full", "us", "F", "The process has reached its connection limit."],
  [
    "connections-over-limit",
    "us",
    "F",
    "The client, or whoever it shares a key with, has as many connections as it may.",
  ],
  [
    "connects-over-limit",
    "us",
    "F",
    "The client, or whoever it shares a key with, comes too often.",
  ],
  [
    "banned",
    "us",
    "F",
    "The client, its address or its network is banned: it has failed too often.",
  ],
  ["refused-by-rule", "us", "", "A rule of the operator refused the client."],
  ["dropped-by-rule", "us", "", "A rule of the operator dropped the client without a word."],
  ["queue-timeout", "us", "F", "No server had a place for the client in the time it may wait."],
  ["queue-full", "us", "F", "As many clients wait for a place at a server as may."],
  ["left-queue", "client", "", "The client left while it waited for a place at a server."],
  ["admission-timeout", "us", "F", "Too many clients came at once: its turn did not come in time."],
  ["admission-full", "us", "F", "Too many clients came at once, and as many wait as may."],
  ["refused-by-policy", "us", "", "The operator's policy refused the client."],
  ["killed-by-admin", "us", "", "The operator ended this connection."],
  ["server-removed", "us", "", "The server was taken out of service with its connections."],
  [
    "server-cut",
    "us",
    "",
    "The server went down, and its connections go with it, or it was a stand-in.",
  ],
  ["moved-by-drain", "us", "", "The server is being emptied, and its clients go to others."],
  ["moved-for-balance", "us", "", "The server had more than its share of the clients."],
  ["shut-down", "us", "", "Fairlead is shutting down and the grace period is over."],
  ["worker-died", "us", "F", "The worker that served the connection ended unexpectedly."],
  ["internal-error", "us", "F", "A fault in Fairlead itself; please report it with the log."],
] as const satisfies readonly Row[];

export type CloseReasonName = (typeof ROWS)[number][0];

/** Indexed by number. */
export const CLOSE_REASONS: readonly CloseReason[] = ROWS.map(
  ([name, side, fault, sentence]: Row) => ({
    name,
    side,
    fault: fault === "F",
    sentence,
  }),
);

/** Numbers by name: `REASON["idle-timeout"]`. */
export const REASON = Object.freeze(
  Object.fromEntries(ROWS.map(([name], number) => [name, number])),
) as { readonly [Name in CloseReasonName]: number };
