// Every fetch and every converter of the rule language, by name. A new one is a row in its file.
//
// Names that HAProxy knows and MQTT over TCP has no use for are known here too, with the reason, so
// that an error says more than that there is no such name. Pure.

import type { ConverterRow, FetchRow } from "./catalogue-row.ts";
import { ARITHMETIC_CONVERTERS } from "./converters/arithmetic.ts";
import { ENCODING_CONVERTERS } from "./converters/encoding.ts";
import { LOOKUP_CONVERTERS } from "./converters/lookups.ts";
import { MQTT_CONVERTERS } from "./converters/mqtt.ts";
import { TEXT_CONVERTERS } from "./converters/text.ts";
import { CONNECTION_FETCHES } from "./fetches/connection.ts";
import { CONSTANT_FETCHES } from "./fetches/constants.ts";
import { COUNTER_FETCHES } from "./fetches/counters.ts";
import { MQTT_FETCHES } from "./fetches/mqtt.ts";
import { PAYLOAD_FETCHES } from "./fetches/payload.ts";
import { POOL_FETCHES } from "./fetches/pools.ts";
import { TLS_FETCHES } from "./fetches/tls.ts";
import { suggestion } from "./nearest-name.ts";

export const FETCHES: ReadonlyMap<string, FetchRow> = byName([
  ...CONNECTION_FETCHES,
  ...CONSTANT_FETCHES,
  ...TLS_FETCHES,
  ...PAYLOAD_FETCHES,
  ...MQTT_FETCHES,
  ...COUNTER_FETCHES,
  ...POOL_FETCHES,
]);

export const CONVERTERS: ReadonlyMap<string, ConverterRow> = byName([
  ...TEXT_CONVERTERS,
  ...ARITHMETIC_CONVERTERS,
  ...ENCODING_CONVERTERS,
  ...LOOKUP_CONVERTERS,
  ...MQTT_CONVERTERS,
]);

const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [
    /^(req\.|res\.)?(hdr|fhdr|cook|scook|body|hdrs|ver|proto_http|method)([._].*)?$/,
    "it reads HTTP, and what passes here is MQTT",
  ],
  [/^(path|url|base|method|query|http_|capture\.|set-cookie|unique-id|status$)/, "it reads HTTP"],
  [/^(lua|51d|da-csv|deviceatlas|wurfl)/, "it needs an extension of HAProxy"],
  [/^(table_|sc\d?_|src_)http_/, "it counts HTTP requests, of which there are none"],
  [/^(rdp_cookie|req_rdp|req\.rdp|distcc|fix_)/, "it reads another protocol than MQTT"],
  [/^(jwt_|aes_|protobuf|ungrpc|json|hmac|digest|secure_memcmp|xxh3)/, "it is not built in"],
];

/** @returns the end of an error about a name that is not in a catalogue */
export function explainUnknown(name: string, known: ReadonlyMap<string, unknown>): string {
  const reason = reasonElsewhere(name);
  return reason === null ? suggestion(name, known.keys()) : `: ${reason}`;
}

/** @returns why a fetch of HAProxy's is none here; null: it is one, or HAProxy has none either */
export function reasonElsewhere(name: string): string | null {
  if (FETCHES.has(name)) return null;
  return ELSEWHERE.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

function byName<Row extends { readonly name: string }>(
  rows: readonly Row[],
): ReadonlyMap<string, Row> {
  return new Map(rows.map((row) => [row.name, row]));
}
