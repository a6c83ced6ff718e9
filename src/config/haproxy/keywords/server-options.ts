// Every option of `server`, `default-server` and `server-template`, of HAProxy 2.6 to 3.5, and what
// becomes of it here.

import {
  negations,
  type OptionTable,
  optionTable,
  takes,
  takesBack,
  takesNotice,
  takesRefused,
} from "../option-row.ts";

const HTTP = "is about HTTP, and Fairlead relays MQTT";
const SOCKETS = "is about sockets, and Fairlead does it wherever it helps";
const NAMING = "numbers or names a server, and says nothing about what it does";
const OLD_TLS = "speaks TLS before 1.2, which Fairlead does not";
const SOCKS = "goes through a SOCKS proxy";
const SIGNATURES = "restricts signatures or curves, for which there is no key";

export const SERVER_OPTIONS: OptionTable = optionTable(
  ...takes(0, "backup, check, check-send-proxy, check-ssl, agent-check, disabled, enabled"),
  ...takes(0, "send-proxy, send-proxy-v2, send-proxy-v2-ssl, send-proxy-v2-ssl-cn, ssl"),
  ...takes(0, "force-tlsv12, force-tlsv13, no-tlsv12, no-tlsv13"),
  ...takes(1, "addr, agent-addr, agent-inter, agent-port, agent-send, alpn, ca-file, check-alpn"),
  ...takes(1, "check-sni, ciphers, ciphersuites, crt, downinter, error-limit, fall, fastinter"),
  ...takes(1, "init-state, inter, maxconn, maxqueue, minconn, observe, on-error, on-marked-down"),
  ...takes(1, "on-marked-up, port, proxy-v2-options, resolve-net, resolve-opts, resolve-prefer"),
  ...takes(1, "resolvers, rise, slowstart, sni, ssl-max-ver, ssl-min-ver, track, verify"),
  ...takes(1, "verifyhost, weight, init-addr, id, hash-key"),
  ...takes(0, "non-stick"),
  ...takesBack("stick", "non-stick"),
  ...takes(-1, "source"),
  ...negations("agent-check, backup, check, check-send-proxy, check-ssl, send-proxy"),
  ...negations("send-proxy-v2, send-proxy-v2-ssl, send-proxy-v2-ssl-cn, ssl"),
  ...takesNotice(0, "no-sslv3, no-tlsv10, no-tlsv11", "forbids what Fairlead does not speak"),
  ...takesNotice(0, "tfo, no-tfo, ssl-reuse, no-ssl-reuse, tls-tickets, no-tls-tickets", SOCKETS),
  ...takesNotice(0, "renegotiate, no-renegotiate, allow-0rtt", SOCKETS),
  ...takesNotice(1, "tcp-ut, cc, ktls, idle-ping", SOCKETS),
  ...takesNotice(1, "guid, shard", NAMING),
  ...takesNotice(1, "check-proto, cookie, max-reuse, pool-conn-name, pool-low-conn", HTTP),
  ...takesNotice(1, "pool-max-conn, pool-purge-delay, proto, ws, redir, npn", HTTP),
  ...takesNotice(1, "check-pool-conn-name, log-bufsize, log-proto", HTTP),
  ...takesNotice(0, "check-reuse-pool, no-check-reuse-pool", HTTP),
  ...takesNotice(0, "strict-maxconn", "counts every connection, as Fairlead does"),
  ...takesNotice(0, "sni-auto, no-sni-auto, check-sni-auto, no-check-sni-auto", HTTP),
  ...takesRefused(0, "force-sslv3, force-tlsv10, force-tlsv11", OLD_TLS),
  ...takesRefused(1, "socks4", SOCKS),
  ...takesRefused(0, "check-via-socks4", SOCKS),
  ...takesRefused(1, "sigalgs, client-sigalgs, curves", SIGNATURES),
  ...takesRefused(1, "crl-file", "looks servers' certificates up in a revocation list"),
  ...takesRefused(1, "namespace", "connects from another network namespace"),
  ...takesRefused(
    1,
    "healthcheck",
    "takes the rules of another section; write them into the backend",
  ),
  ...takesRefused(1, "tcp-md5sig", "signs TCP segments"),
  ...takesRefused(1, "quic-cc-algo", "is about QUIC"),
  ...takesRefused(0, "usesrc", "stands without source"),
  ...takesRefused(1, "set-proxy-v2-tlv-fmt()", "puts a text of its own into the PROXY header"),
);
