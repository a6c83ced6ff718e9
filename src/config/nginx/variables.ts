// nginx's variables as expressions of rules/: those of its modules in a table, and those that a
// file defines with `set`, `map`, `geo` and `split_clients`.

import { nearest } from "../explain.ts";
import type { Report } from "../import/report.ts";
import type { Place, Word } from "../import/word.ts";
import { type Given, listOf, type Model, type Scope } from "./model.ts";
import { type Part, readTemplate } from "./template.ts";

/** An expression, or why there is none. */
type Row = { readonly expression: string } | { readonly reason: string };

const is = (expression: string): Row => ({ expression });
const isNot = (reason: string): Row => ({ reason });

const TIMES = isNot("differs from moment to moment");
const END = isNot("is known when a connection ends");
const DETAILS = isNot("is a detail of TLS that Fairlead does not keep");
const MAKER = isNot("comes from a cloud in a PROXY header");

const ROWS: Readonly<Record<string, Row>> = {
  remote_addr: is("src"),
  binary_remote_addr: is("src"),
  remote_port: is("src_port"),
  realip_remote_addr: isNot("is what stands before the PROXY header"),
  realip_remote_port: isNot("is what stands before the PROXY header"),
  server_addr: is("dst"),
  server_port: is("dst_port"),
  proxy_protocol_addr: is("src"),
  proxy_protocol_port: is("src_port"),
  proxy_protocol_server_addr: is("dst"),
  proxy_protocol_server_port: is("dst_port"),
  hostname: is("hostname"),
  protocol: is("str(TCP)"),
  ssl_preread_server_name: isNot("is known where proxy_pass goes by it, in whole names"),
  ssl_preread_protocol: DETAILS,
  ssl_preread_alpn_protocols: DETAILS,
  ssl_server_name: is("ssl_fc_sni"),
  ssl_protocol: is("ssl_fc_protocol"),
  ssl_cipher: is("ssl_fc_cipher"),
  ssl_alpn_protocol: is("ssl_fc_alpn"),
  ssl_client_s_dn: is("ssl_c_s_dn(,0,rfc2253)"),
  ssl_client_s_dn_legacy: is("ssl_c_s_dn"),
  ssl_client_i_dn: is("ssl_c_i_dn(,0,rfc2253)"),
  ssl_client_i_dn_legacy: is("ssl_c_i_dn"),
  ssl_client_serial: is("ssl_c_serial,hex"),
  ssl_client_fingerprint: is("ssl_c_sha1,hex,lower"),
  ssl_client_verify: DETAILS,
  ssl_client_v_start: DETAILS,
  ssl_client_v_end: DETAILS,
  ssl_client_v_remain: TIMES,
  ssl_client_cert: DETAILS,
  ssl_client_raw_cert: DETAILS,
  ssl_client_escaped_cert: DETAILS,
  ssl_client_sigalg: DETAILS,
  ssl_ciphers: DETAILS,
  ssl_curve: DETAILS,
  ssl_curves: DETAILS,
  ssl_sigalg: DETAILS,
  ssl_sigalgs: DETAILS,
  ssl_session_id: DETAILS,
  ssl_session_reused: DETAILS,
  ssl_ech_status: DETAILS,
  mqtt_preread_clientid: is("mqtt.client_id"),
  mqtt_preread_username: is("mqtt.user_name"),
  connection: TIMES,
  connections_active: TIMES,
  msec: TIMES,
  time_iso8601: TIMES,
  time_local: TIMES,
  pid: isNot("is the number of a process"),
  nginx_version: isNot("is nginx's version"),
  limit_conn_status: END,
  bytes_received: END,
  bytes_sent: END,
  session_time: END,
  status: END,
  upstream_addr: END,
  upstream_bytes_sent: END,
  upstream_bytes_received: END,
  upstream_connect_time: END,
  upstream_first_byte_time: END,
  upstream_session_time: END,
};

const FAMILIES: readonly (readonly [RegExp, Row])[] = [
  [/^proxy_protocol_tlv_/, isNot("is part of a PROXY header that Fairlead passes over")],
  [/^geoip2?_/, isNot("goes by a database of where addresses are")],
  [/^proxy_protocol_tlv_(aws|azure|gcp)_/, MAKER],
  [/^env_|^arg_|^http_|^cookie_|^sent_/, isNot("belongs to http blocks")],
];

/** What a file says of a variable. */
export type Definition =
  | { readonly kind: "expression"; readonly text: string }
  /** `set`: another text with variables. */
  | { readonly kind: "text"; readonly word: Word }
  | { readonly kind: "map" | "geo" | "split_clients"; readonly given: Given };

/** Definitions of the whole file, and of one server. */
export class Variables {
  private readonly model: Model;
  private readonly report: Report;

  constructor(model: Model, report: Report) {
    this.model = model;
    this.report = report;
  }

  /** @returns null after it has reported why the variable cannot be used */
  find(name: string, at: Place, server: Scope): Definition | null {
    const own = listOf(server, "set").findLast(({ args }) => nameOf(args[0]!) === name);
    if (own !== undefined) return { kind: "text", word: own.args[1]! };
    const shared = this.sharedDefinition(name);
    if (shared !== null) return shared;
    const known = Object.hasOwn(ROWS, name) ? ROWS[name] : undefined;
    const row = known ?? FAMILIES.find(([pattern]) => pattern.test(name))?.[1];
    if (row === undefined) this.tellUnknown(name, at, server);
    else if ("reason" in row) {
      this.report.error(at, `"$${name}" cannot be used here: it ${row.reason}`);
    } else return { kind: "expression", text: row.expression };
    return null;
  }

  /** `map`, `geo` and `split_clients` of the stream block. */
  private sharedDefinition(name: string): Definition | null {
    const { stream } = this.model;
    if (stream === null) return null;
    for (const kind of ["map", "geo", "split_clients"] as const) {
      const given = listOf(stream, kind).find(({ args }) => nameOf(args.at(-1)!) === name);
      if (given !== undefined) return { kind, given };
    }
    return null;
  }

  private tellUnknown(name: string, at: Place, server: Scope): void {
    const { stream } = this.model;
    const defined = ["map", "geo", "split_clients"].flatMap((kind) => {
      return stream === null ? [] : listOf(stream, kind).map(({ args }) => nameOf(args.at(-1)!));
    });
    const set = listOf(server, "set").map(({ args }) => nameOf(args[0]!));
    const near = nearest(name, [...Object.keys(ROWS), ...defined, ...set]);
    const expected = near === null ? "one that nginx's stream modules have" : `"$${near}"`;
    this.report.error(at, `there is no variable "$${name}"`, expected);
  }

  /**
   * A text with variables, those of `set` replaced by what they hold.
   * @returns null after errors were reported
   */
  expand(word: Word, server: Scope, depth = 0): readonly Expanded[] | null {
    const found: Expanded[] = [];
    let isGood = true;
    for (const part of readTemplate(word)) {
      if (part.kind === "text") {
        found.push(part);
        continue;
      }
      const definition = this.find(part.name, part.at, server);
      const expanded = definition === null ? null : this.inside(definition, part, server, depth);
      if (expanded === null) isGood = false;
      else found.push(...expanded);
    }
    return isGood ? found : null;
  }

  private inside(
    definition: Definition,
    part: Part & { readonly kind: "variable" },
    server: Scope,
    depth: number,
  ): readonly Expanded[] | null {
    if (definition.kind !== "text") return [{ kind: "value", name: part.name, definition }];
    if (depth < SET_DEPTH_MAX) return this.expand(definition.word, server, depth + 1);
    this.report.error(part.at, `"$${part.name}" is made of itself`, "another variable");
    return null;
  }
}

/** `set` may refer to variables of other `set`s. */
const SET_DEPTH_MAX = 16;

/** A part of a text without variables of `set`. */
export type Expanded =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "value";
      readonly name: string;
      readonly definition: Exclude<Definition, { readonly kind: "text" }>;
    };

/** @returns the name of the variable that a directive defines, without `$` */
function nameOf(word: Word): string {
  return word.text.replace(/^\$/, "");
}
