// http blocks, as far as MQTT over WebSocket goes through them: locations that pass requests on
// with an Upgrade header. Settings are read as those of streams, which have the same names but for
// a few; all other directives are about HTTP, and only named.

import type { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";
import type { Directive } from "./directive.ts";
import { STREAM_DIRECTIVES } from "./directives/stream-directives.ts";
import { TLS_DIRECTIVES } from "./directives/tls-directives.ts";
import { UPSTREAM_DIRECTIVES } from "./directives/upstream-directives.ts";
import { anything, type Grammar, time, words } from "./grammar.ts";
import type { Given, Scope } from "./model.ts";

/** What a setting is called in stream blocks, and what may follow it here. */
interface HttpRow {
  readonly as: string;
  readonly grammar: Grammar;
}

const OWN: Readonly<Record<string, HttpRow>> = {
  listen: { as: "listen", grammar: words(1) },
  server_name: { as: "server_name", grammar: anything },
  proxy_pass: { as: "proxy_pass", grammar: words(1, 1) },
  proxy_set_header: { as: "proxy_set_header", grammar: words(2, 2) },
  proxy_read_timeout: { as: "proxy_timeout", grammar: time },
  // `error timeout` and the like: everything but `off` tries another server.
  proxy_next_upstream: {
    as: "proxy_next_upstream",
    grammar: (args) => (args[0]?.text === "off" ? 0 : 1),
  },
  client_header_timeout: { as: "client_header_timeout", grammar: time },
};

const SHARED = [
  "proxy_connect_timeout",
  "proxy_next_upstream_tries",
  "proxy_bind",
  "allow",
  "deny",
];
const SHARED_ROWS = [...SHARED, "set_real_ip_from"].map((name) => STREAM_DIRECTIVES.get(name)!);

const ROWS: ReadonlyMap<string, HttpRow> = new Map([
  ...[...SHARED_ROWS, ...TLS_DIRECTIVES.values()]
    .filter(({ status }) => status.kind === "honoured")
    .map(({ name, grammar }) => [name, { as: name, grammar }] as const),
  ...Object.entries(OWN),
]);

/** What is about the request, which our own takes the place of. */
const PLAIN = ["proxy_http_version", "proxy_buffering", "proxy_send_timeout", "proxy_cache"];

/** @param unread gets the names of directives that are not read */
export function readHttpScope(
  { name, args, block }: Directive,
  parent: Scope | null,
  { report, unread }: { readonly report: Report; readonly unread: Set<string> },
): Scope {
  const scope = makeScope("server", name, parent);
  for (const directive of block ?? []) {
    const row = ROWS.get(directive.name.text);
    if (row !== undefined && directive.block === null) keep(scope, directive, row, report);
    else if (directive.block === null && !PLAIN.includes(directive.name.text)) {
      unread.add(directive.name.text);
    }
  }
  return args.length === 0 ? scope : { ...scope, name: args.at(-1)! };
}

export function readHttpUpstream({ args, block, name }: Directive, report: Report): Scope {
  const scope = makeScope("upstream", args[0] ?? name, null);
  for (const directive of block ?? []) {
    const row = UPSTREAM_DIRECTIVES.get(directive.name.text);
    if (row?.status.kind !== "honoured") {
      const message = `"${directive.name.text}" makes no difference to WebSocket`;
      report.notice(directive.name, message);
    } else keep(scope, directive, { as: row.name, grammar: row.grammar }, report);
  }
  return scope;
}

function keep(scope: Scope, { name, args }: Directive, row: HttpRow, report: Report): void {
  const amount = row.grammar(args, name, report);
  if (amount === null) scope.isBroken = true;
  const given: Given = { name, args, block: [], amount: amount ?? 0, isBroken: amount === null };
  scope.settings.set(row.as, given);
  scope.lists.set(row.as, [...(scope.lists.get(row.as) ?? []), given]);
}

function makeScope(kind: Scope["kind"], name: Word, parent: Scope | null): Scope {
  const settings = new Map<string, Given>();
  return { kind, name, at: name.at, parent, settings, lists: new Map(), isBroken: false };
}
