// Keywords of the sections that are neither global nor proxies: resolvers, peers and userlist, of
// HAProxy 2.6 to 3.5, and what becomes of them here.

import { count, nothing, size, time, words } from "../grammar.ts";
import { honoured, type KeywordTable, noticed, tableOf } from "../keyword-row.ts";

const RESOLVERS = tableOf([
  honoured("nameserver", "g", words(2, 2), { isList: true }),
  honoured("parse-resolv-conf", "g", nothing),
  honoured("accepted_payload_size", "g", size),
  honoured("resolve_retries", "g", count),
  honoured("timeout resolve", "g", time),
  honoured("timeout retry", "g", time),
  honoured("hold valid", "g", time),
  honoured("hold obsolete", "g", time),
  honoured("hold nx", "g", time),
  honoured("hold refused", "g", time),
  honoured("hold timeout", "g", time),
  honoured("hold other", "g", time),
]);

const REPLICATION = "shares tables with other balancers, which Fairlead does not yet";

const PEERS = tableOf([
  honoured("table", "g", words(5), { isList: true }),
  ...noticed("peer, server, bind, default-bind, default-server", "g", REPLICATION),
  ...noticed("log, shards, disabled, enabled", "g", REPLICATION),
]);

const PASSWORDS = tableOf(
  noticed("group, user", "g", "is for HTTP clients, and Fairlead relays MQTT"),
);

export const OTHER_KEYWORDS: Readonly<Record<string, KeywordTable>> = {
  resolvers: RESOLVERS,
  peers: PEERS,
  userlist: PASSWORDS,
};
