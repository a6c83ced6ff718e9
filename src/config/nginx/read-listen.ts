// `listen` of stream and http servers: addresses, ports and what is said of them.
//
// Bounded by ADDRESSES_MAX addresses a directive, port ranges included. Pure: nothing is looked up.

import { makeEndpoint } from "../../bytes/endpoint.ts";
import { ADDRESSES_MAX } from "../import/address-bound.ts";
import { isIpv6Wildcard } from "../import/ipv6-wildcard.ts";
import type { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";
import type { Given } from "./model.ts";
import {
  honouredParameters,
  noticedParameters,
  type Parameters,
  type ParameterTable,
  readParameters,
  refusedParameters,
} from "./parameter.ts";

export interface Listen {
  readonly given: Given;
  /** As our document writes them: `0.0.0.0:1883`. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly parameters: Parameters;
  /** Whether IPv4 is kept away, as it is unless `ipv6only=off`; null: no address of all IPv6. */
  readonly ipv6Only: boolean | null;
}

const SOCKETS = "is about sockets, and Fairlead does it wherever it helps";
export const LISTEN_PARAMETERS: ParameterTable = {
  ...honouredParameters(
    "ssl proxy_protocol default_server default backlog= ipv6only= so_keepalive=",
  ),
  ...noticedParameters("reuseport bind deferred multipath fastopen= rcvbuf= sndbuf=", SOCKETS),
  ...noticedParameters("accept_filter=", SOCKETS),
  ...refusedParameters("udp quic", "is about UDP"),
  ...refusedParameters("setfib=", "chooses a routing table"),
};
/** Further ones in http blocks. */
const HTTP_TABLE = {
  ...LISTEN_PARAMETERS,
  ...noticedParameters("http2 spdy http3", "makes no difference: WebSocket comes over HTTP/1.1"),
};

const EXPECTED = "an IP address and a port, such as 1883, 10.0.0.1:1883 or [::]:1883";
const HTTP_PORT = 80;

/** @returns null after what is wrong was reported */
export function readListen(given: Given, report: Report, isHttp = false): Listen | null {
  const [word, ...rest] = given.args as [Word, ...Word[]];
  const of = "listen";
  const parameters = readParameters(rest, isHttp ? HTTP_TABLE : LISTEN_PARAMETERS, { of, report });
  const parsed = parseAddress(word.text, isHttp ? HTTP_PORT : null);
  if (typeof parsed === "string") {
    report.error(word, parsed, EXPECTED);
    return null;
  }
  const { host, first, last } = parsed;
  const count = last - first + 1;
  const addresses = Array.from({ length: count }, (_, i) => `${host}:${first + i}`);
  const ipv6Only = isIpv6Wildcard(addresses[0]!) ? isOnlyIpv6(parameters, report) : null;
  return { given, addresses, port: first, parameters, ipv6Only };
}

interface Address {
  /** With brackets where it is IPv6. */
  readonly host: string;
  readonly first: number;
  readonly last: number;
}

/** @returns what is wrong, as a sentence, where something is */
function parseAddress(text: string, portDefault: number | null): Address | string {
  if (text.startsWith("unix:")) return `"${text}" is a Unix socket`;
  const match = /^(?:(\[[^\]]*\]|[^:[\]]*):)?(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const isHostAlone = match === null && portDefault !== null;
  if (match === null && !isHostAlone) return `"${text}" has no port`;
  const [, hostText = isHostAlone ? text : "*", firstText, lastText = firstText] = match ?? [];
  const first = Number(firstText ?? portDefault);
  const last = Number(lastText ?? portDefault);
  if (first < 1 || last > 65_535 || first > last) return `"${text}" has no port from 1 to 65535`;
  if (last - first >= ADDRESSES_MAX) return `"${text}" is more than ${ADDRESSES_MAX} ports`;
  const host = hostOf(hostText);
  return host === null ? `"${hostText}" is no IP address` : { host, first, last };
}

function hostOf(written: string): string | null {
  const host = written.replace(/^\[(.*)\]$/, "$1");
  if (host === "*") return "0.0.0.0";
  if (host === "localhost") return "127.0.0.1";
  if (makeEndpoint(host, 0) === null) return null;
  return host.includes(":") ? `[${host}]` : host;
}

function isOnlyIpv6(parameters: Parameters, report: Report): boolean {
  const value = parameters.get("ipv6only")?.value;
  if (value === undefined || value.text === "on") return true;
  if (value.text !== "off") report.error(value, `ipv6only is "${value.text}"`, "on or off");
  return false;
}
