// Every directive of upstream blocks, those that only http blocks have included: documentation
// shows some of them for streams. `server` has parameters of its own.

import { type DirectiveTable, honoured, noticed, refused, tableOf } from "../directive-row.ts";
import { nothing, words } from "../grammar.ts";

const HTTP = "belongs to http blocks";

export const UPSTREAM_DIRECTIVES: DirectiveTable = tableOf([
  honoured("server", "u", words(1), { isList: true }),
  honoured("hash", "u", words(1, 2)),
  honoured("least_conn", "u", nothing),
  honoured("random", "u", words(0, 2)),
  honoured("ip_hash", "u", nothing),
  honoured("resolver", "u", words(1)),
  ...noticed("resolver_timeout", "u", "is about one question; see retry of a resolver"),
  ...refused("least_time", "u", "goes by how fast servers answer"),
  ...noticed("zone", "u", "is what Fairlead does anyway: workers share what they know of servers"),
  ...refused("state", "u", "keeps servers that nginx's API has added"),
  ...noticed("keepalive keepalive_requests keepalive_time keepalive_timeout", "u", HTTP),
  ...refused("sticky sticky_cookie_insert queue ntlm", "u", HTTP),
]);
