// Writes the page on nginx.conf from the tables of its directives: what is honoured, what makes no
// difference, what cannot be honoured, each with its reason.
//
// Pure: tables in, text out. tests/golden/nginx/reference.test.ts compares the committed page with
// it; `npx vitest run tests/golden/nginx/reference.test.ts -u` writes it again.

import type { DirectiveTable } from "../src/config/nginx/directive-row.ts";
import { MAIN_DIRECTIVES } from "../src/config/nginx/directives/main-directives.ts";
import { STREAM_DIRECTIVES } from "../src/config/nginx/directives/stream-directives.ts";
import { TLS_DIRECTIVES } from "../src/config/nginx/directives/tls-directives.ts";
import { UPSTREAM_DIRECTIVES } from "../src/config/nginx/directives/upstream-directives.ts";
import type { ParameterTable } from "../src/config/nginx/parameter.ts";
import { LISTEN_PARAMETERS } from "../src/config/nginx/read-listen.ts";
import { SERVER_PARAMETERS } from "../src/config/nginx/read-upstream-server.ts";
import { type Keyword, type KeywordGroup, writeKeywordPage } from "./keyword-tables.ts";

const INTRODUCTION = `# nginx.conf

\`fairlead run nginx.conf\` and \`fairlead check nginx.conf\` take the file as nginx 1.22 to
1.31 and NGINX Plus do: its \`stream\` block with quotes, variables and \`include\`. What a
directive means there it means here, its default and its unit too. \`fairlead convert nginx.conf\`
prints the same as fairlead.yaml, comments included.

A directive is **honoured**; or it **makes no difference** here and is a notice (an error with
\`--strict\`); or it **cannot be honoured** and is an error. One that nginx does not know either
is an error with the nearest name. Nothing is left out in silence.

Worth knowing:

- Where something goes by \`$mqtt_preread_clientid\` or \`$mqtt_preread_username\`, the whole
  CONNECT is waited for, even without \`mqtt_preread on\`. Clients that do not speak MQTT are then
  refused.
- \`worker_processes\` counts for \`worker_connections\` alone; how many threads relay says
  \`workers\`, one a core by itself.
- \`proxy_timeout\` counts silence, whatever keep alive a client has told: 10m where nothing is
  said.
- \`max_fails\` and \`fail_timeout\` count for an upstream as a whole, over all workers: the
  greatest of its servers' values.
- An upstream that two servers pass to with different \`proxy_\` directives becomes two pools,
  which count their connections each for itself.
- \`map\` and \`geo\` of a variable of the client become rules. \`split_clients\` keeps the
  shares, of other clients; in \`proxy_bind\` it becomes addresses that take turns.
- A \`map\` of \`$ssl_preread_server_name\` in \`proxy_pass\` becomes \`serverNames\`: whole names
  and ends of names. Without a default, other names lead to a pool whose only server takes nobody.
- \`ip_hash\`, which nginx has in http blocks alone, hashes the client's whole address.
- \`http\` blocks are left out but for two things. A \`location\` that passes WebSocket on
  (\`proxy_set_header Upgrade\` and \`proxy_pass\`) becomes a listener with \`websocket\`: MQTT is
  read there, and rules and hashes work as they do without WebSocket. A server with
  \`stub_status\` or \`api\` becomes the admin address.
- \`ssl_session_ticket_key\` counts for all servers with TLS, so all that have it name the same
  files. They hold 80 bytes; those of 48, for AES-128, are an error.
- \`$ssl_client_s_dn\` is written as \`/C=FR/CN=a\` in rules, where nginx writes \`CN=a,C=FR\`.
- Relative paths of certificates and of \`include\` start at the folder of nginx.conf;
  certificates that are not there are looked for in the working directory. That is where files of
  \`access_log\` start.
`;

const GROUPS: readonly KeywordGroup[] = [
  ["Outside of blocks, and events", rowsOf(MAIN_DIRECTIVES)],
  ["stream and server", rowsOf(STREAM_DIRECTIVES)],
  ["TLS", rowsOf(TLS_DIRECTIVES)],
  ["upstream", rowsOf(UPSTREAM_DIRECTIVES)],
  ["Behind listen", parametersOf(LISTEN_PARAMETERS)],
  ["Behind server, in an upstream", parametersOf(SERVER_PARAMETERS)],
];

function rowsOf(table: DirectiveTable): readonly Keyword[] {
  return [...table.values()];
}

function parametersOf(table: ParameterTable): readonly Keyword[] {
  return Object.entries(table).map(([name, { hasValue, status, reason }]) => {
    return { name: hasValue ? `${name}=` : name, status: { kind: status, reason, harmless: null } };
  });
}

export function nginxReference(): string {
  return writeKeywordPage(INTRODUCTION, GROUPS);
}
