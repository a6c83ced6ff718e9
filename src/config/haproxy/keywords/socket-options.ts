// Every option of `stats socket`, and what becomes of it here.

import { type OptionTable, optionTable, takes, takesNotice, takesRefused } from "../option-row.ts";

const OWNER = "gives the socket away; it belongs to who runs Fairlead, and mode says who else may";

export const SOCKET_OPTIONS: OptionTable = optionTable(
  ...takes(1, "level, mode"),
  ...takesNotice(1, "user, group, uid, gid", OWNER),
  ...takesNotice(
    1,
    "expose-fd, severity-output, process, thread, shards",
    "is about HAProxy itself",
  ),
  ...takesNotice(
    1,
    "backlog, maxconn, name, id, nice, guid-prefix, label",
    "is about HAProxy itself",
  ),
  ...takesNotice(0, "defer-accept, tfo, v4v6, v6only", "is about HAProxy itself"),
  ...takesRefused(0, "ssl", "serves commands over TLS"),
  ...takesRefused(1, "crt, ca-file, verify", "serves commands over TLS"),
);
