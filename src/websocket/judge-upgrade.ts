// Judges a request to speak WebSocket (RFC 6455, 4.2; MQTT 3.1.1 and 5.0, 6): upgraded, or refused
// with the HTTP status that says why. Pure; settings are arguments.

import { acceptOf, isKey } from "./accept-key.ts";
import type { UpgradeRequest } from "./upgrade-request.ts";

/** What the operator allows. */
export interface UpgradeRules {
  /** Paths that are upgraded, without a query. */
  readonly paths: readonly string[];
  /** Origins that browsers may come from, in lower case; empty: all. */
  readonly origins: readonly string[];
}

export interface UpgradeVerdict {
  /** 101, or the status of a refusal (upgrade-answer.ts). */
  readonly status: number;
  /** The subprotocol that was agreed on; empty for a client that named none. */
  readonly protocol: string;
  /** Sec-WebSocket-Accept; empty for a refusal. */
  readonly accept: string;
}

const SWITCHING_PROTOCOLS = 101;
const BAD_REQUEST = 400;
const FORBIDDEN = 403;
const NOT_FOUND = 404;
const METHOD_NOT_ALLOWED = 405;
const UPGRADE_REQUIRED = 426;

const VERSION = "13";
/** MQTT's registered name, and the one that clients of MQTT 3.1 know. */
const SUBPROTOCOLS: readonly string[] = ["mqtt", "mqttv3.1"];

/** @returns what to answer: all of 101, or the status of a refusal */
export function judgeUpgrade(request: UpgradeRequest, rules: UpgradeRules): UpgradeVerdict {
  const protocol = chooseProtocol(request.protocols);
  const status = judge(request, rules, protocol);
  if (status !== SWITCHING_PROTOCOLS) return { status, protocol: "", accept: "" };
  return { status, protocol: protocol!, accept: acceptOf(request.key) };
}

function judge(request: UpgradeRequest, rules: UpgradeRules, protocol: string | null): number {
  if (!rules.paths.includes(request.path)) return NOT_FOUND;
  if (request.method !== "GET") return METHOD_NOT_ALLOWED;
  if (!request.isUpgrade || request.version !== VERSION) return UPGRADE_REQUIRED;
  if (!isHost(request.host) || !isKey(request.key)) return BAD_REQUEST;
  if (!mayCome(request.origin, rules.origins)) return FORBIDDEN;
  return protocol === null ? BAD_REQUEST : SWITCHING_PROTOCOLS;
}

// One name: two Host fields, joined by now, are refused (RFC 9112, 3.2).
function isHost(host: string): boolean {
  return host !== "" && !/[\s,]/.test(host);
}

// Only browsers tell where a page is from, and only they are kept out by it.
function mayCome(origin: string, allowed: readonly string[]): boolean {
  return origin === "" || allowed.length === 0 || allowed.includes(origin.toLowerCase());
}

// The first that we speak, "" when none was named, null when all are foreign. Clients must name
// `mqtt` [MQTT-6.0.0-3]; those that name nothing are common and cannot mean anything else here.
function chooseProtocol(named: readonly string[]): string | null {
  if (named.length === 0) return "";
  return named.find((name) => SUBPROTOCOLS.includes(name)) ?? null;
}
