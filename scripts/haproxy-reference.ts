// Writes the page on haproxy.cfg from the tables of its keywords: what is honoured, what makes no
// difference, what cannot be honoured, each with its reason.
//
// Pure: tables in, text out. tests/golden/haproxy/reference.test.ts compares the committed page
// with it; `npx vitest run tests/golden/haproxy/reference.test.ts -u` writes it again.

import { BIND_OPTIONS } from "../src/config/haproxy/keywords/bind-options.ts";
import { GLOBAL_KEYWORDS } from "../src/config/haproxy/keywords/global-keywords.ts";
import { OTHER_KEYWORDS } from "../src/config/haproxy/keywords/other-keywords.ts";
import { PROXY_KEYWORDS } from "../src/config/haproxy/keywords/proxy-keywords.ts";
import { SERVER_OPTIONS } from "../src/config/haproxy/keywords/server-options.ts";
import { SECTION_KINDS } from "../src/config/haproxy/section-kinds.ts";
import { type Keyword, type KeywordGroup, writeKeywordPage } from "./keyword-tables.ts";

const INTRODUCTION = `# haproxy.cfg

\`fairlead run haproxy.cfg\` and \`fairlead check haproxy.cfg\` take the file as HAProxy 2.6
to 3.5 does: its sections and defaults, quotes and escapes, variables, \`.if\` blocks, several
files (\`-c\` more than once) or a directory of them. What a directive means there it means here,
its default too. \`fairlead convert haproxy.cfg\` prints the same as fairlead.yaml, comments
included.

A keyword is **honoured**; or it **makes no difference** here and is a notice (an error with
\`--strict\`); or it **cannot be honoured** and is an error. One that HAProxy does not know either
is an error with the nearest name. Nothing is left out in silence.

Worth knowing:

- \`balance\`, where it is missing, is roundrobin, as in HAProxy up to 3.2. With
  \`--haproxy-version 3.3\`, or a comment \`# haproxy-version: 3.3\`, it is random.
- Where something goes by a field of CONNECT, the whole CONNECT is waited for, even without
  \`tcp-request inspect-delay\`. Clients that do not speak MQTT are then refused.
- A blank or a full-width comma inside \`mqtt_field_value(...)\`, which HAProxy refuses, is a
  notice.
- \`mode http\` passes through as bytes, so that the pages of brokers may stay in the file; what
  decides by HTTP there (\`http-request\`, \`redirect\`, \`cookie\`) is an error, a header that
  servers do not get (\`option forwardfor\`) a warning. An \`acl\` over HTTP is left out, with a
  notice, where no rule uses it. A section with \`stats enable\` and
  nothing else becomes the admin address.
- One \`stick on\` is \`stick\` of the pool; several lines, or one with a condition, are
  \`stickRules\`. A table that is named, in a backend of its own or in \`peers\`, stands in
  \`stickTables\`: of a server that another backend has stored there, the one of the same name
  counts, or else of the same \`id\`. \`stick match\` of a table where nobody stores, and
  \`stick store-request\` where nobody asks, have no effect; \`stick store-response\` is
  honoured for the \`assigned_client_identifier\` of CONNACK alone.
- Clients wait where \`maxconn\` says so, those of a hash and those that stick for their own
  server, of which \`maxqueue\` limits the number; beyond it \`option redispatch\` sends sticky
  clients elsewhere. It has to be the same for all servers of a backend.
- Where the server of a \`use-server\` is full, HAProxy has the client wait for it; here, as for
  one that is down, the next way to choose counts: \`stick\`, then \`balance\`.
- \`src_is_local\` and \`dst_is_local\` go by the addresses that the machine had when the plan
  was made, at the start and at each reload; HAProxy asks the kernel each time.
- \`minconn\` makes the limit of a server rise with the clients of its backend, until there are
  \`fullconn\` (\`connectionsFrom\` and \`fullAt\`); where it is not below \`maxconn\` it takes its
  place. As others make the limit rise, those who wait go on at once; HAProxy looks at its line
  only when a client of that server goes. \`slowstart\` holds limits back as it does weights.
- \`rate-limit sessions\`, \`maxsessrate\` and \`maxconnrate\` are \`accepts\`, of listeners and
  of \`limits\`, \`maxsslrate\` is \`limits.tlsAccepts\`: clients wait in the backlog, as there.
  Those whom \`tcp-request connection\` refuses do not count; \`maxconnrate\` counts them in
  HAProxy. Of a second's worth a twentieth may come at once, where HAProxy takes all of it.
- Where frontends of one backend differ in \`timeout client\`, each has its own.
- Ports behind \`source\` are left to the kernel, which has its range anew for each server.
- Addresses are TCP over IPv4 or IPv6: Unix sockets, UDP, QUIC, Multipath TCP and descriptors of
  other processes cannot be honoured, neither behind \`bind\` nor behind \`server\`.
- \`%[var(txn.x)]\` in a \`log-format\` is what the one rule says that sets it, where that has no
  condition and log lines know it, such as the client id; lines of clients that a rule before
  that one refuses have it, too. Where nothing sets it, it is empty, and a notice; else an error.
- \`tls-ticket-keys\` counts for all addresses with TLS, so all that have it name the same file.
  It holds keys of 80 bytes; those of 48, for AES-128, are an error.
- Relative paths of certificates start at the working directory, or at \`crt-base\` and \`ca-base\`.
`;

const GROUPS: readonly KeywordGroup[] = [
  ["Sections", sections()],
  ["The global section", [...GLOBAL_KEYWORDS.values()]],
  ["defaults, frontend, listen and backend", [...PROXY_KEYWORDS.values()]],
  ["Behind bind", named(BIND_OPTIONS)],
  ["Behind server and default-server", named(SERVER_OPTIONS)],
  ...Object.entries(OTHER_KEYWORDS).map(
    ([kind, table]) => [`The section ${kind}`, [...table.values()]] as const,
  ),
];

function sections(): readonly Keyword[] {
  return Object.entries(SECTION_KINDS).map(([name, { left }]) => {
    if (left === null) return { name, status: { kind: "honoured" } };
    const kind = left.severity === "notice" ? "notice" : "refused";
    return { name, status: { kind, reason: left.reason } };
  });
}

/** Options with the ones that take them back. */
function named(table: typeof BIND_OPTIONS): readonly Keyword[] {
  return [...table.values()];
}

export function haproxyReference(): string {
  return writeKeywordPage(INTRODUCTION, GROUPS);
}
