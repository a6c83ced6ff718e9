// Every option of `bind`, of HAProxy 2.6 to 3.5, and what becomes of it here.

import {
  negations,
  type OptionTable,
  optionTable,
  takes,
  takesNotice,
  takesRefused,
} from "../option-row.ts";

const SOCKETS = "is about sockets, and Fairlead does it wherever it helps";
const THREADS = "places HAProxy's threads; each worker of Fairlead has a socket of its own";
const NAMING = "numbers or names an address, and says nothing about what it does";
const UNIX = "is about Unix sockets, and Fairlead listens on TCP";
const COMMANDS = "is about HAProxy's socket for commands";
const OLD_TLS = "speaks TLS before 1.2, which Fairlead does not";
const CERTIFICATES = "makes certificates up while clients wait";
const SIGNATURES = "restricts signatures, for which there is no key";

export const BIND_OPTIONS: OptionTable = optionTable(
  ...takes(0, "accept-proxy, ssl, strict-sni, transparent, v6only"),
  ...takes(0, "force-tlsv12, force-tlsv13, no-tlsv12, no-tlsv13, no-tls-tickets, tls-tickets"),
  ...takes(1, "alpn, ca-file, ca-verify-file, ciphers, ciphersuites, crl-file, crt, crt-list"),
  ...takes(1, "curves, default-crt, ecdhe, ssl-max-ver, ssl-min-ver, tls-ticket-keys, verify"),
  ...takes(1, "backlog, interface, maxconn, name"),
  ...negations("alpn, strict-sni"),
  ...takesNotice(0, "no-sslv3, no-tlsv10, no-tlsv11", "forbids what Fairlead does not speak"),
  ...takesNotice(0, "prefer-client-ciphers", "is what OpenSSL does by itself"),
  ...takesNotice(0, "defer-accept, tfo, v4v6, allow-0rtt, no-ca-names", SOCKETS),
  ...takesNotice(1, "mss, tcp-ut, nice, cc, tcp-ss, ktls, idle-ping", SOCKETS),
  ...takesNotice(1, "process, thread, shards", THREADS),
  ...takesNotice(1, "id, guid-prefix, label", NAMING),
  ...takesNotice(1, "uid, gid, user, group, mode", UNIX),
  ...takesNotice(1, "level, expose-fd, severity-output", COMMANDS),
  ...takesNotice(1, "npn", "is gone from TLS; alpn has taken its place"),
  ...takesRefused(0, "force-sslv3, force-tlsv10, force-tlsv11", OLD_TLS),
  ...takesRefused(0, "generate-certificates", CERTIFICATES),
  ...takesRefused(1, "ca-sign-file, ca-sign-pass", CERTIFICATES),
  ...takesRefused(1, "sigalgs, client-sigalgs", SIGNATURES),
  ...takesRefused(1, "ca-ignore-err, crt-ignore-err", "takes certificates that are wrong"),
  ...takesRefused(1, "ech", "encrypts the hello of TLS"),
  ...takesRefused(1, "accept-netscaler-cip", "takes the header of another product"),
  ...takesRefused(1, "namespace", "binds in another network namespace"),
  ...takesRefused(1, "proto", "speaks HTTP/2 or HTTP/3, and Fairlead relays MQTT"),
  ...takesRefused(1, "tcp-md5sig", "signs TCP segments"),
  ...takesRefused(1, "quic-cc-algo, quic-socket, nbconn", "is about QUIC or reverse HTTP"),
  ...takesRefused(0, "quic-force-retry", "is about QUIC"),
);
