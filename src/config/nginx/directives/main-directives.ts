// Every directive that stands outside of stream blocks: main and events, of nginx 1.22 to 1.31.

import { type DirectiveTable, honoured, noticed, refused, tableOf } from "../directive-row.ts";
import { count, nothing, time, words } from "../grammar.ts";

const OWN_PROCESS = "is about nginx's process; whoever starts Fairlead says such things";
const OWN_LOOP = "is about nginx's event loop";
const SHAPE =
  "is about nginx's workers; `workers` says how many Fairlead has, one a core by itself";

export const MAIN_DIRECTIVES: DirectiveTable = tableOf([
  honoured("events", "m", nothing, { hasBlock: true }),
  honoured("stream", "m", nothing, { hasBlock: true }),
  honoured("http", "m", nothing, { hasBlock: true }),
  honoured("worker_processes", "m", words(1, 1)),
  honoured("worker_connections", "e", count),
  honoured("worker_shutdown_timeout", "m", time),
  ...noticed("load_module", "m", "adds what is built in here"),
  ...noticed("daemon master_process pid lock_file user env working_directory", "m", OWN_PROCESS),
  ...noticed("worker_priority worker_rlimit_core worker_cpu_affinity", "m", SHAPE),
  ...noticed("debug_points timer_resolution thread_pool pcre_jit quic_bpf", "m", OWN_PROCESS),
  ...noticed("google_perftools_profiles ssl_object_cache_inheritable", "m", OWN_PROCESS),
  ...noticed(
    "worker_rlimit_nofile",
    "m",
    "raises nginx's limit of open files; `ulimit -n` or LimitNOFILE= is Fairlead's",
  ),
  ...noticed("ssl_engine", "m", "is about nginx's OpenSSL; Fairlead uses the one in Node.js"),
  ...noticed("mail", "m", "is about mail, and left out", { hasBlock: true }),
  ...noticed("mgmt", "m", "is about NGINX Plus and its licence", { hasBlock: true }),
  ...noticed("otel_exporter", "m", "is about tracing HTTP", { hasBlock: true }),
  ...noticed("use multi_accept accept_mutex accept_mutex_delay debug_connection", "e", OWN_LOOP),
  ...noticed("epoll_events worker_aio_requests devpoll_changes devpoll_events", "e", OWN_LOOP),
  ...noticed("eventport_events iocp_threads post_acceptex acceptex_read", "e", OWN_LOOP),
  ...noticed("kqueue_changes kqueue_events", "e", OWN_LOOP),
  ...refused("rtmp", "m", "is about video", { hasBlock: true }),
]);
