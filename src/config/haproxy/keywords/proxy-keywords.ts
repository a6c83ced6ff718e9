// Every keyword of defaults, frontend, listen and backend sections, of HAProxy 2.6 to 3.5, and what
// becomes of it here. The options behind `bind` and `server` have tables of their own.

import { count, integer, nothing, oneOf, optional, time, words } from "../grammar.ts";
import { honoured, type KeywordTable, noticed, refused, tableOf } from "../keyword-row.ts";

const TIMEOUTS = [
  honoured("timeout check", "dlb", time),
  honoured("timeout client", "dfl", time),
  honoured("timeout client-fin", "dfl", time),
  honoured("timeout client-hs", "dfl", time),
  honoured("timeout connect", "dlb", time),
  honoured("timeout queue", "dlb", time),
  honoured("timeout server", "dlb", time),
  honoured("timeout server-fin", "dlb", time),
  honoured("timeout tunnel", "dlb", time),
  ...noticed("timeout http-request, timeout http-keep-alive", "dflb", "is about HTTP"),
  ...noticed("timeout tarpit", "dflb", "is about HTTP"),
];

const BALANCING = [
  honoured("balance", "dlb", words(1)),
  honoured("fullconn", "dlb", count),
  honoured("hash-balance-factor", "dlb", count),
  honoured("option allbackups", "dlb", nothing, { canNegate: true }),
  honoured("hash-type", "dlb", words(1, 3)),
  honoured("use-server", "lb", words(1), { isList: true }),
  honoured("stick", "lb", words(2), { isList: true }),
  honoured("stick-table", "flb", words(4)),
];

const SERVERS = [
  honoured("server", "lb", words(2), { isList: true }),
  honoured("server-template", "lb", words(3), { isList: true }),
  honoured("default-server", "dlb", words(1), { isList: true }),
  honoured("source", "dlb", words(1)),
  honoured("retries", "dlb", count),
  honoured("option redispatch", "dlb", optional(integer, -1), { canNegate: true }),
  honoured("option tcp-check", "dlb", nothing, { canNegate: true }),
  honoured("option httpchk", "dlb", words(0), { canNegate: true }),
  honoured("tcp-check", "dlb", words(1), { isList: true }),
  honoured("http-check", "dlb", words(1), { isList: true }),
];

const CLIENTS = [
  honoured("bind", "fl", words(1), { isList: true }),
  honoured("backlog", "dfl", count),
  honoured("default_backend", "dfl", words(1, 1)),
  honoured("disabled", "dflb", nothing),
  honoured("enabled", "dflb", nothing),
  honoured("maxconn", "dfl", count),
  honoured("mode", "dflb", oneOf("tcp", "http", "health", "log", "spop", "haterm")),
  honoured("rate-limit sessions", "dfl", count),
  honoured("use_backend", "fl", words(1), { isList: true }),
];

const RULES = [
  honoured("acl", "dflb", words(2), { isList: true }),
  honoured("tcp-request connection", "dfl", words(1), { isList: true }),
  honoured("tcp-request session", "dfl", words(1), { isList: true }),
  honoured("tcp-request content", "dflb", words(1), { isList: true }),
  honoured("tcp-request inspect-delay", "dflb", time),
];

const LOGGING = [
  honoured("log", "dflb", words(1), { isList: true, canNegate: true }),
  honoured("log-tag", "dflb", words(1, 1)),
  honoured("log-format", "dfl", words(1)),
  honoured("option dontlog-normal", "dfl", nothing, { canNegate: true }),
  honoured("option dontlognull", "dfl", nothing, { canNegate: true }),
  honoured("option httplog", "dfl", optional(oneOf("clf"), 0), { canNegate: true }),
  honoured("option log-separate-errors", "dfl", nothing, { canNegate: true }),
  honoured("option tcplog", "dfl", optional(oneOf("clf"), 0), { canNegate: true }),
  honoured("stats admin", "flb", words(2), { isList: true }),
  honoured("stats auth", "dflb", words(1, 1), { isList: true }),
  honoured("stats enable", "dflb", nothing),
  honoured("stats uri", "dflb", words(1, 1)),
];

const KEEP_ALIVES = [
  honoured("option tcpka", "dflb", nothing, { canNegate: true }),
  honoured("option clitcpka", "dfl", nothing, { canNegate: true }),
  honoured("option srvtcpka", "dlb", nothing, { canNegate: true }),
  honoured("clitcpka-cnt", "dfl", count),
  honoured("clitcpka-idle", "dfl", time),
  honoured("clitcpka-intvl", "dfl", time),
  honoured("srvtcpka-cnt", "dlb", count),
  honoured("srvtcpka-idle", "dlb", time),
  honoured("srvtcpka-intvl", "dlb", time),
];

const LOG_FORMAT = "changes the format of log lines, and Fairlead has one of its own";
const PAGE = "is about HAProxy's page; Fairlead has one of its own";
const HTTP = "is about HTTP, and Fairlead relays MQTT";
const SOCKETS = "is about sockets, and Fairlead does it wherever it helps";
const STATE = "keeps the states of servers over a restart, which Fairlead does at every reload";
const NAMING = "numbers or names a section, and says nothing about what it does";

const NOTICED = [
  ...noticed("log-format-sd, error-log-format, log-steps, option httpslog", "dfl", LOG_FORMAT),
  ...noticed(
    "option logasap, option contstats, option socket-stats",
    "dfl",
    "counts or logs while connections last; Fairlead counts always, and logs at the end",
  ),
  ...noticed(
    "option log-health-checks",
    "dlb",
    "logs the results of checks; Fairlead logs each change of a server's state by itself",
  ),
  ...noticed(
    `stats hide-version, stats realm, stats refresh, stats scope, stats show-desc
     stats show-legends, stats show-modules, stats show-node, stats show-version`,
    "dflb",
    PAGE,
  ),
  ...noticed(
    `option splice-auto, option splice-request, option splice-response, option nolinger
     option tcp-smart-accept, option tcp-smart-connect, option independent-streams
     option use-small-buffers`,
    "dflb",
    SOCKETS,
  ),
  ...noticed("option abortonclose", "dflb", "is what Fairlead does by itself"),
  ...noticed("load-server-state-from-file, server-state-file-name", "dlb", STATE),
  ...noticed("id, guid, description", "flb", NAMING),
  ...noticed("email-alert", "dflb", "sends mail, which is left to what watches the metrics"),
  ...noticed(
    `capture, compression, cookie, crt, declare, dynamic-cookie-key, errorfile, errorfiles
     errorloc, errorloc302, errorloc303, http-after-response, http-error, http-request
     http-response, http-reuse, http-send-name-header, max-keep-alive-queue
     max-session-srv-conns, monitor, monitor-uri, redirect, retry-on, unique-id-header
     use-fcgi-app, option accept-invalid-http-request, option accept-invalid-http-response
     option accept-unsafe-violations-in-http-request
     option accept-unsafe-violations-in-http-response, option checkcache
     option disable-h2-upgrade, option forwarded, option forwardfor
     option h1-case-adjust-bogus-client, option h1-case-adjust-bogus-server
     option http-buffer-request, option http-drop-request-trailers
     option http-drop-response-trailers, option http-ignore-probes, option http-keep-alive
     option http-no-delay, option http-pretend-keepalive, option http-restrict-req-hdr-names
     option http-server-close, option http-tunnel, option http-use-htx
     option http-use-proxy-header, option httpclose, option idle-close-on-response
     option original-to, option originalto, option prefer-last-server`,
    "dflb",
    HTTP,
  ),
];

/** What cannot be left out of `mode http`, and makes no difference to `mode tcp`. */
export const HTTP_DECISIONS = [
  ..."http-request, http-response, http-after-response, redirect, cookie".split(", "),
  ..."use-fcgi-app, monitor-uri, compression".split(", "),
];
/** What servers learn by headers. */
const HTTP_HEADERS = [
  ..."option forwardfor, option forwarded, option originalto, option original-to".split(", "),
  ..."http-send-name-header, unique-id-header".split(", "),
];
export const HTTP_KEYWORDS: ReadonlySet<string> = new Set([...HTTP_DECISIONS, ...HTTP_HEADERS]);

const PROTOCOL_CHECK = "checks servers of another protocol; write the bytes with tcp-check";
const ANSWER = "looks at what servers answer, and Fairlead judges what clients send";

const REFUSED = [
  ...refused(
    `option mysql-check, option pgsql-check, option redis-check, option smtpchk
     option ldap-check, option spop-check`,
    "dlb",
    PROTOCOL_CHECK,
  ),
  ...refused(
    "option ssl-hello-chk",
    "dlb",
    "sends a hello of SSLv3, which brokers refuse; `check-ssl` checks over TLS",
  ),
  ...refused("option external-check, external-check", "dlb", "runs a program for each check"),
  ...refused("healthcheck", "dlb", "takes rules of another section; write them here"),
  ...refused("tcp-response content, tcp-response inspect-delay", "dlb", ANSWER),
  ...refused(
    "option persist, force-persist, ignore-persist, persist",
    "dlb",
    "sends clients to servers that are down, or around the table",
  ),
  ...refused(
    "option transparent, transparent, dispatch",
    "dflb",
    "sends clients where they came to",
  ),
  ...refused("filter, filter-sequence", "flb", "needs a filter of HAProxy"),
  ...refused("hash-preserve-affinity", "dlb", "keeps clients waiting for the server of their hash"),
  ...refused("be-unpublished, force-be-switch", "flb", "hides a backend from `use_backend`"),
  ...refused("unique-id-format", "dflb", "makes an id for each connection out of a format"),
  ...refused("quic-initial", "dfl", "is about QUIC"),
  ...refused("stats http-request", "flb", "decides who sees the page; keep it on loopback"),
  ...refused("monitor-net", "fl", "answers probes by their address; write a tcp-request rule"),
];

const OBSOLETE = [
  ...refused(
    "clitimeout, contimeout, srvtimeout",
    "dflb",
    "is gone since 2.1: timeout client and so on",
  ),
  ...refused(
    "reqallow, reqdeny, reqrep, rsprep, rspdel, block, appsession",
    "dflb",
    "is gone since 2.1",
  ),
  ...noticed("bind-process", "dflb", "is gone since 2.5, with the processes that it placed"),
];

export const PROXY_KEYWORDS: KeywordTable = tableOf([
  ...TIMEOUTS,
  ...BALANCING,
  ...SERVERS,
  ...CLIENTS,
  ...RULES,
  ...LOGGING,
  ...KEEP_ALIVES,
  ...NOTICED,
  ...REFUSED,
  ...OBSOLETE,
]);
