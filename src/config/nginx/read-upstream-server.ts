// `server` of upstream blocks: an address with a port and what is said of it.

import { makeEndpoint } from "../../bytes/endpoint.ts";
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

export interface Target {
  /** Without brackets. */
  readonly host: string;
  /** Null where none is written. */
  readonly port: number | null;
}

export interface UpstreamServer {
  readonly given: Given;
  readonly address: Word;
  /** Null: it was wrong, and reported. */
  readonly target: Target | null;
  readonly parameters: Parameters;
}

export const SERVER_PARAMETERS: ParameterTable = {
  ...honouredParameters("weight= max_conns= max_fails= fail_timeout= backup down"),
  ...honouredParameters("resolve service= slow_start="),
  ...noticedParameters("drain", "comes from nginx's API, and counts for nothing in a file"),
  ...refusedParameters("route=", "is about sessions of HTTP"),
};

const EXPECTED = "an address and a port, such as 10.0.0.1:1883 or broker.example:1883";

/** @param portDefault what counts where no port is written; null: there has to be one */
export function readUpstreamServer(
  given: Given,
  report: Report,
  portDefault: number | null,
): UpstreamServer {
  const [address, ...rest] = given.args as [Word, ...Word[]];
  const parameters = readParameters(rest, SERVER_PARAMETERS, { of: "server", report });
  const needsPort = !parameters.has("service");
  const target = readTarget(address, report, { portDefault, needsPort });
  return { given, address, target, parameters };
}

/** @returns null after what is wrong was reported */
export function readTarget(
  address: Word,
  report: Report,
  {
    portDefault = null,
    needsPort = true,
  }: {
    readonly portDefault?: number | null;
    readonly needsPort?: boolean;
  } = {},
): Target | null {
  const { text } = address;
  if (text.startsWith("unix:")) {
    report.error(address, `"${text}" is a Unix socket`, EXPECTED);
    return null;
  }
  const match = /^(\[[^\]]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1]?.replace(/^\[(.*)\]$/, "$1") ?? "";
  if (match === null || !isHost(host)) {
    report.error(address, `"${text}" is no address`, EXPECTED);
    return null;
  }
  const port = match[2] === undefined ? portDefault : Number(match[2]);
  const isGood = port === null ? !needsPort : port >= 1 && port <= 65_535;
  if (isGood) return { host, port };
  report.error(address, `"${text}" has no port`, EXPECTED);
  return null;
}

function isHost(host: string): boolean {
  if (host.includes(":") || /^[\d.]+$/.test(host)) return makeEndpoint(host, 0) !== null;
  return /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})$/.test(host);
}

/** @returns `10.0.0.1:1883`, `[2001:db8::1]:1883` */
export function joinTarget(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
