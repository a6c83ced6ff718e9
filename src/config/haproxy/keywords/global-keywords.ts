// Every keyword of the global section, of HAProxy 2.6 to 3.5, and what becomes of it here.

import { count, oneOf, time, words } from "../grammar.ts";
import { honoured, type KeywordTable, noticed, refused, tableOf } from "../keyword-row.ts";

const HONOURED = [
  honoured("ca-base", "g", words(1, 1)),
  honoured("crt-base", "g", words(1, 1)),
  honoured("default-path", "g", words(1, 2)),
  honoured("hard-stop-after", "g", time),
  honoured("log", "g", words(1), { isList: true, canNegate: true }),
  honoured("log-send-hostname", "g", words(0, 1)),
  honoured("log-tag", "g", words(1, 1)),
  honoured("maxconn", "g", count),
  honoured("maxconnrate", "g", count),
  honoured("maxsessrate", "g", count),
  honoured("maxsslrate", "g", count),
  honoured("presetenv", "g", words(2, 2), { isList: true }),
  honoured("resetenv", "g", words(0), { isList: true }),
  honoured("setenv", "g", words(2, 2), { isList: true }),
  honoured("spread-checks", "g", count),
  honoured("ssl-default-bind-ciphers", "g", words(1, 1)),
  honoured("ssl-default-bind-ciphersuites", "g", words(1, 1)),
  honoured("ssl-default-bind-curves", "g", words(1, 1)),
  honoured("ssl-default-bind-options", "g", words(1)),
  honoured("ssl-default-server-ciphers", "g", words(1, 1)),
  honoured("ssl-default-server-ciphersuites", "g", words(1, 1)),
  honoured("ssl-default-server-options", "g", words(1)),
  honoured("ssl-server-verify", "g", oneOf("none", "required")),
  honoured("stats socket", "g", words(1), { isList: true }),
  honoured("unsetenv", "g", words(1), { isList: true }),
];

const OWN_SHAPE = "is left to Fairlead, which has a shape of its own";
const SERVICE_MANAGER = "is left to the service manager, which starts Fairlead as it should run";
const BUFFERS = "sizes HAProxy's memory, and Fairlead shares out limits.bufferMemory by itself";
const HTTP = "is about HTTP, and Fairlead relays MQTT";
const HTTP3 = "is about QUIC, and Fairlead relays MQTT over TCP";
const HARDWARE = "recognizes browsers, and Fairlead relays MQTT";
const DEBUGGING = "is for debugging HAProxy itself";
const TLS_MEMORY = "sizes HAProxy's TLS, and OpenSSL takes what it needs here";
const KERNEL = "chooses how HAProxy waits for the kernel; the key reactor does that here";

const NOTICED = [
  ...noticed("daemon, master-worker, pidfile, uid, gid, user, group, chroot", "g", SERVICE_MANAGER),
  ...noticed("ulimit-n, fd-hard-limit, strict-limits, set-dumpable", "g", SERVICE_MANAGER),
  ...noticed("grace, mworker-max-reloads, prealloc-fd, shm-stats-file", "g", SERVICE_MANAGER),
  ...noticed("shm-stats-file-max-objects, stats-file, unix-bind, localpeer", "g", OWN_SHAPE),
  ...noticed(
    `nbthread, nbproc, cpu-map, cpu-affinity, cpu-policy, cpu-set, thread-group, thread-groups
     thread-hard-limit, max-threads-per-group, numa-cpu-mapping
     tune.takeover-other-tg-connections`,
    "g",
    "places HAProxy's threads; the key workers says how many Fairlead starts, one a core by itself",
  ),
  ...noticed("busy-polling, noepoll, noevports, nokqueue, nopoll", "g", KERNEL),
  ...noticed("nogetaddrinfo, nosplice, noktls, noreuseport, dns-accept-family", "g", OWN_SHAPE),
  ...noticed("maxpipes, max-spread-checks, tune.max-checks-per-thread", "g", OWN_SHAPE),
  ...noticed("description, node", "g", "names the process, and says nothing about what it does"),
  ...noticed(
    "server-state-base, server-state-file",
    "g",
    "keeps the states of servers over a restart, which Fairlead does at every reload",
  ),
  ...noticed("stats timeout, stats maxconn, stats bind-process", "g", OWN_SHAPE),
  ...noticed("cluster-secret, external-check, insecure-fork-wanted", "g", OWN_SHAPE),
  ...noticed("insecure-setuid-wanted, profiling.memory, profiling.tasks", "g", OWN_SHAPE),
  ...noticed(
    "ssl-dh-param-file, ssl-mode-async, ssl-engine, tune.ssl.default-dh-param",
    "g",
    TLS_MEMORY,
  ),
  ...noticed(
    "issuers-chain-path, ssl-skip-self-issued-ca, ssl-load-extra-del-ext",
    "g",
    TLS_MEMORY,
  ),
  ...noticed(
    "ssl-load-extra-files, ssl-propquery, ssl-provider, ssl-provider-path",
    "g",
    TLS_MEMORY,
  ),
  ...noticed(
    `maxzlibmem, maxcompcpuusage, maxcomprate, h1-accept-payload-with-any-method, h1-case-adjust
     h1-case-adjust-file, h1-do-not-close-on-insecure-transfer-encoding
     h2-workaround-bogus-websocket-clients, jwt.decrypt_alg_list, jwt.decrypt_enc_list
     tune.comp.maxlevel, tune.http.cookielen, tune.http.logurilen, tune.http.maxhdr
     tune.h1.zero-copy-fwd-recv, tune.h1.zero-copy-fwd-send, tune.h1.be.glitches-threshold
     tune.h1.fe.glitches-threshold, tune.h2.be.glitches-threshold, tune.h2.be.initial-window-size
     tune.h2.be.max-concurrent-streams, tune.h2.be.max-frames-at-once, tune.h2.be.rxbuf
     tune.h2.fe.glitches-threshold, tune.h2.fe.initial-window-size
     tune.h2.fe.max-concurrent-streams, tune.h2.fe.max-frames-at-once, tune.h2.fe.max-rst-at-once
     tune.h2.fe.max-total-streams, tune.h2.fe.rxbuf, tune.h2.header-table-size
     tune.h2.initial-window-size, tune.h2.max-concurrent-streams, tune.h2.max-frame-size
     tune.h2.zero-copy-fwd-send, tune.zlib.memlevel, tune.zlib.windowsize
     httpclient.resolvers.disabled, httpclient.resolvers.id, httpclient.resolvers.prefer
     httpclient.retries, httpclient.ssl.ca-file, httpclient.ssl.verify, httpclient.timeout.connect
     close-spread-time`,
    "g",
    HTTP,
  ),
  ...noticed(
    `limited-quic, no-quic, harden.reject-privileged-ports.quic, tune.quic.be.cc.cubic-min-losses
     tune.quic.be.cc.hystart, tune.quic.be.cc.max-frame-loss, tune.quic.be.cc.max-win-size
     tune.quic.be.cc.reorder-ratio, tune.quic.be.max-idle-timeout
     tune.quic.be.sec.glitches-threshold, tune.quic.be.stream.data-ratio
     tune.quic.be.stream.max-concurrent, tune.quic.be.stream.rxbuf, tune.quic.be.tx.pacing
     tune.quic.be.tx.udp-gso, tune.quic.cc-hystart, tune.quic.cc.cubic.min-losses
     tune.quic.fe.cc.cubic-min-losses, tune.quic.fe.cc.hystart, tune.quic.fe.cc.max-frame-loss
     tune.quic.fe.cc.max-win-size, tune.quic.fe.cc.reorder-ratio, tune.quic.fe.max-idle-timeout
     tune.quic.fe.sec.glitches-threshold, tune.quic.fe.sec.retry-threshold
     tune.quic.fe.sock-per-conn, tune.quic.fe.stream.data-ratio, tune.quic.fe.stream.max-concurrent
     tune.quic.fe.stream.max-total, tune.quic.fe.stream.rxbuf, tune.quic.fe.tx.pacing
     tune.quic.fe.tx.udp-gso, tune.quic.frontend.conn-tx-buffers.limit
     tune.quic.frontend.glitches-threshold, tune.quic.frontend.max-idle-timeout
     tune.quic.frontend.max-streams-bidi, tune.quic.frontend.max-tx-mem, tune.quic.listen
     tune.quic.max-frame-loss, tune.quic.mem.tx-max, tune.quic.reorder-ratio
     tune.quic.retry-threshold, tune.quic.socket-owner, tune.quic.zero-copy-fwd-send`,
    "g",
    HTTP3,
  ),
  ...noticed(
    `51degrees-allow-unmatched, 51degrees-cache-size, 51degrees-data-file, 51degrees-difference
     51degrees-drift, 51degrees-property-name-list, 51degrees-property-separator
     51degrees-use-performance-graph, 51degrees-use-predictive-graph, deviceatlas-json-file
     deviceatlas-log-level, deviceatlas-properties-cookie, deviceatlas-separator, wurfl-cache-size
     wurfl-data-file, wurfl-information-list, wurfl-information-list-separator, wurfl-engine-mode
     wurfl-patch-file, wurfl-useragent-priority`,
    "g",
    HARDWARE,
  ),
  ...noticed(
    `no-memory-trimming, tune.applet.zero-copy-forwarding, tune.buffers.limit
     tune.buffers.reserve, tune.bufsize, tune.bufsize.large, tune.bufsize.small
     tune.cli.max-payload-size, tune.defaults.purge, tune.disable-fast-forward
     tune.disable-zero-copy-forwarding, tune.epoll.mask-events, tune.events.max-events-at-once
     tune.fail-alloc, tune.fd.edge-triggered, tune.fd.tables, tune.glitches.kill.cpu-usage
     tune.idle-pool.shared, tune.idletimer, tune.listener.default-shards
     tune.listener.multi-queue, tune.max-rules-at-once, tune.maxaccept, tune.maxpollevents
     tune.maxrewrite, tune.memory.hot-size, tune.notsent-lowat.client, tune.notsent-lowat.server
     tune.pattern.cache-size, tune.peers.max-updates-at-once, tune.pipesize
     tune.pool-high-fd-ratio, tune.pool-low-fd-ratio, tune.pt.zero-copy-forwarding
     tune.rcvbuf.backend, tune.rcvbuf.client, tune.rcvbuf.frontend, tune.rcvbuf.server
     tune.recv_enough, tune.renice.runtime, tune.renice.startup, tune.ring.queues
     tune.runqueue-depth, tune.sched.low-latency, tune.sndbuf.backend, tune.sndbuf.client
     tune.sndbuf.frontend, tune.sndbuf.server, tune.stick-counters, tune.streams-elasticity
     tune.vars.check-max-size, tune.vars.global-max-size, tune.vars.proc-max-size
     tune.vars.reqres-max-size, tune.vars.sess-max-size, tune.vars.txn-max-size`,
    "g",
    BUFFERS,
  ),
  ...noticed(
    `tune.ssl.cachesize, tune.ssl.capture-buffer-size, tune.ssl.capture-cipherlist-size
     tune.ssl.certificate-compression, tune.ssl.force-private-cache, tune.ssl.hard-maxrecord
     tune.ssl.keyupdate-rate-limit, tune.ssl.lifetime, tune.ssl.maxrecord
     tune.ssl.ssl-ctx-cache-size`,
    "g",
    TLS_MEMORY,
  ),
  ...noticed(
    `anonkey, debug.counters, force-cfg-parser-pause, quiet, zero-warning
     warn-blocked-traffic-after, expose-deprecated-directives, expose-experimental-directives`,
    "g",
    DEBUGGING,
  ),
  ...noticed("harden.reject-privileged-ports.tcp, pp2-never-send-local", "g", OWN_SHAPE),
];

const LUA = "runs Lua, which Fairlead does not; rules and conditions say the same in the file";
const OCSP = "fetches OCSP responses; give the response as a file beside the certificate";

const REFUSED = [
  ...refused("lua-load, lua-load-per-thread, lua-prepend-path", "g", LUA),
  ...noticed(
    `tune.lua.bool-sample-conversion, tune.lua.burst-timeout, tune.lua.forced-yield
     tune.lua.log.loggers, tune.lua.log.stderr, tune.lua.maxmem, tune.lua.openlibs
     tune.lua.service-timeout, tune.lua.session-timeout, tune.lua.task-timeout`,
    "g",
    "is about Lua, which Fairlead does not run",
  ),
  ...refused("maxsslconn", "g", "limits TLS alone; the key limits.connections counts every kind"),
  ...refused(
    `ocsp-update.disable, ocsp-update.maxdelay, ocsp-update.mindelay, ocsp-update.httpproxy
     ocsp-update.mode, tune.ssl.ocsp-update.maxdelay, tune.ssl.ocsp-update.mindelay`,
    "g",
    OCSP,
  ),
  ...refused(
    "set-var, set-var-fmt",
    "g",
    "sets a variable of the process, which rules cannot read",
  ),
  ...refused("key-base", "g", "parts keys from certificates; write the whole path instead"),
  ...refused("ssl-security-level", "g", "sets OpenSSL's level; name the ciphers instead"),
  ...refused(
    `ssl-default-bind-client-sigalgs, ssl-default-bind-sigalgs, ssl-default-server-client-sigalgs
     ssl-default-server-curves, ssl-default-server-sigalgs`,
    "g",
    "restricts signatures or curves, for which there is no key",
  ),
  ...refused(
    "tune.ssl.keylog",
    "g",
    "writes the keys of connections down, which Fairlead does not",
  ),
];

export const GLOBAL_KEYWORDS: KeywordTable = tableOf([...HONOURED, ...NOTICED, ...REFUSED]);
