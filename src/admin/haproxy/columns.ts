// The columns of HAProxy's statistics, in HAProxy's order; tools find them by name or by place.
//
// Those that mean nothing here (HTTP, caches, compression) stay empty. Constants only.

export const COLUMNS = [
  ...["pxname", "svname", "qcur", "qmax", "scur", "smax", "slim", "stot", "bin", "bout"],
  ...["dreq", "dresp", "ereq", "econ", "eresp", "wretr", "wredis", "status", "weight", "act"],
  ...["bck", "chkfail", "chkdown", "lastchg", "downtime", "qlimit", "pid", "iid", "sid"],
  ...["throttle", "lbtot", "tracked", "type", "rate", "rate_lim", "rate_max", "check_status"],
  ...["check_code", "check_duration", "hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx"],
  ...["hrsp_5xx", "hrsp_other", "hanafail", "req_rate", "req_rate_max", "req_tot", "cli_abrt"],
  ...["srv_abrt", "comp_in", "comp_out", "comp_byp", "comp_rsp", "lastsess", "last_chk"],
  ...["last_agt", "qtime", "ctime", "rtime", "ttime", "agent_status", "agent_code"],
  ...["agent_duration", "check_desc", "agent_desc", "check_rise", "check_fall", "check_health"],
  ...["agent_rise", "agent_fall", "agent_health", "addr", "cookie", "mode", "algo"],
  ...["conn_rate", "conn_rate_max", "conn_tot", "intercepted", "dcon", "dses", "wrew"],
  ...["connect", "reuse", "cache_lookups", "cache_hits", "srv_icur", "src_ilim", "qtime_max"],
  ...["ctime_max", "rtime_max", "ttime_max", "eint", "idle_conn_cur", "safe_conn_cur"],
  ...["used_conn_cur", "need_conn_est", "uweight", "agg_server_status"],
  ...["agg_server_check_status", "agg_check_status", "srid", "sess_other", "h1_sess"],
  ...["h2_sess", "h3_sess", "req_other", "h1req", "h2req", "h3req", "proto"],
  ...["priv_idle_cur", "reqbin", "reqbout", "resbin", "resbout", "cache_hint_hits"],
] as const;

export type Column = (typeof COLUMNS)[number];

/** One object; what is not in it is empty. */
export type StatRow = Readonly<Partial<Record<Column, string | number>>>;

/** What `type` says. */
export const TYPE = { frontend: 0, backend: 1, server: 2 } as const;

/** HAProxy's names of our choices; those of ours alone keep their own. */
export const ALGORITHMS: Readonly<Record<string, string>> = {
  "round-robin": "roundrobin",
  "static-round-robin": "static-rr",
  "least-connections": "leastconn",
  "source-hash": "source",
};
