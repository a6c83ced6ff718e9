// Every directive of stream and server blocks, of nginx 1.22 to 1.31 and NGINX Plus, but for those
// of TLS and of upstream blocks, which have tables of their own.

import { type DirectiveTable, honoured, noticed, refused, tableOf } from "../directive-row.ts";
import { count, flag, nothing, oneOf, size, time, words } from "../grammar.ts";

const BUFFERS = "is about nginx's buffers; Fairlead has its own";
const HASHES = "is about the size of nginx's tables";
const UDP = "is about UDP";
const SCRIPTS = "runs a script";
const PEERS = "shares memory with other machines";
const PLACES = "goes by a database of where addresses are";
const STORES = "goes by a store that nginx's API changes";

const CORE = [
  honoured("server", "s", nothing, { isList: true, hasBlock: true }),
  honoured("upstream", "s", words(1, 1), { isList: true, hasBlock: true }),
  honoured("listen", "v", words(1), { isList: true }),
  honoured("server_name", "v", words(1), { isList: true }),
  honoured("preread_buffer_size", "sv", size),
  honoured("preread_timeout", "sv", time),
  honoured("proxy_protocol_timeout", "sv", time),
  honoured("resolver", "svu", words(1)),
  ...noticed("resolver_timeout", "svu", "is about one question; see retry of a resolver"),
  ...noticed("tcp_nodelay", "sv", "is what Fairlead does wherever it helps"),
  ...noticed("variables_hash_max_size variables_hash_bucket_size", "s", HASHES),
  ...noticed("server_names_hash_max_size server_names_hash_bucket_size", "s", HASHES),
  ...noticed("map_hash_max_size map_hash_bucket_size", "s", HASHES),
];

const PROXY = [
  honoured("proxy_pass", "v", words(1, 1)),
  honoured("proxy_bind", "sv", words(1, 2)),
  honoured("proxy_connect_timeout", "sv", time),
  honoured("proxy_timeout", "sv", time),
  honoured("proxy_next_upstream", "sv", flag),
  honoured("proxy_next_upstream_tries", "sv", count),
  honoured("proxy_protocol", "sv", oneOf("off", "on", "v2")),
  honoured("proxy_half_close", "sv", flag),
  honoured("proxy_session_drop", "sv", flag),
  honoured("proxy_socket_keepalive", "sv", flag),
  ...refused(
    "proxy_next_upstream_timeout",
    "sv",
    "limits the time of all tries; proxy_next_upstream_tries and proxy_connect_timeout limit each",
    { harmless: "0" },
  ),
  ...refused("proxy_upload_rate proxy_download_rate", "sv", "limits the bytes in a second", {
    harmless: "0",
  }),
  ...noticed("proxy_buffer_size proxy_downstream_buffer proxy_upstream_buffer", "sv", BUFFERS),
  ...noticed("proxy_socket_rcvbuf proxy_socket_sndbuf", "sv", BUFFERS),
  ...noticed("proxy_requests proxy_responses", "sv", UDP),
  ...refused("return", "v", "answers clients with a text of its own"),
  ...refused("pass", "v", "hands clients to another listener"),
];

const RULES = [
  honoured("allow", "sv", words(1, 1), { isList: true }),
  honoured("deny", "sv", words(1, 1), { isList: true }),
  honoured("limit_conn_zone", "s", words(2, 2), { isList: true }),
  honoured("limit_conn", "sv", words(2, 2), { isList: true }),
  ...noticed("limit_conn_log_level", "sv", "is about nginx's log lines"),
  ...refused("limit_conn_dry_run", "sv", "counts without limiting", { harmless: "off" }),
  honoured("set_real_ip_from", "sv", words(1, 1), { isList: true }),
  honoured("ssl_preread", "sv", flag),
  honoured("map", "s", words(2, 2), { isList: true, hasBlock: true }),
  honoured("geo", "s", words(1, 2), { isList: true, hasBlock: true }),
  honoured("split_clients", "s", words(2, 2), { isList: true, hasBlock: true }),
  honoured("set", "v", words(2, 2), { isList: true }),
  ...refused("num_map", "s", "looks numbers up by conditions", { hasBlock: true }),
  ...refused("geoip_country geoip_city geoip_org geoip2", "s", PLACES, { hasBlock: true }),
  ...refused("keyval keyval_zone", "s", STORES),
];

const PLUS = [
  honoured("mqtt", "sv", flag),
  honoured("mqtt_preread", "sv", flag),
  honoured("mqtt_set_connect", "v", words(2, 2), { isList: true }),
  ...noticed("mqtt_buffers mqtt_rewrite_buffer_size", "sv", BUFFERS),
  honoured("health_check", "v", words(0)),
  honoured("health_check_timeout", "sv", time),
  honoured("match", "s", words(1, 1), { isList: true, hasBlock: true }),
  honoured("status_zone", "v", words(1, 1)),
  ...refused(
    `zone_sync zone_sync_buffers zone_sync_connect_retry_interval zone_sync_connect_timeout
     zone_sync_interval zone_sync_recv_buffer_size zone_sync_server zone_sync_ssl
     zone_sync_ssl_certificate zone_sync_ssl_certificate_key zone_sync_ssl_ciphers
     zone_sync_ssl_conf_command zone_sync_ssl_crl zone_sync_ssl_name zone_sync_ssl_password_file
     zone_sync_ssl_protocols zone_sync_ssl_server_name zone_sync_ssl_trusted_certificate
     zone_sync_ssl_verify zone_sync_ssl_verify_depth zone_sync_timeout`,
    "sv",
    PEERS,
  ),
  ...refused(
    "js_import js_include js_set js_access js_preread js_filter js_periodic",
    "sv",
    SCRIPTS,
  ),
  ...refused("js_path js_preload_object js_shared_dict_zone js_var js_engine", "sv", SCRIPTS),
  ...refused(
    `js_context_reuse js_context_reuse_max_size js_load_stream_native_module
     js_fetch_buffer_size js_fetch_ciphers js_fetch_max_response_buffer_size js_fetch_protocols
     js_fetch_proxy js_fetch_timeout js_fetch_trusted_certificate js_fetch_verify
     js_fetch_verify_depth js_fetch_keepalive js_fetch_keepalive_requests
     js_fetch_keepalive_time js_fetch_keepalive_timeout`,
    "sv",
    SCRIPTS,
  ),
  ...refused("content_by_lua_block preread_by_lua_block log_by_lua_block", "sv", SCRIPTS, {
    hasBlock: true,
  }),
];

const LOGGING = [
  honoured("access_log", "sv", words(1), { isList: true }),
  honoured("log_format", "s", words(2), { isList: true }),
  ...noticed("error_log", "msv", "says where nginx's own lines go; see log.level for Fairlead's"),
  ...noticed("open_log_file_cache", "sv", "is about nginx's log files"),
];

export const STREAM_DIRECTIVES: DirectiveTable = tableOf([
  ...CORE,
  ...PROXY,
  ...RULES,
  ...PLUS,
  ...LOGGING,
]);
