// Who has failed too often is turned away for a time: addresses and networks before they are heard,
// client ids with an answer. Failures and bans are in tables of counters, for all workers.
//
// A ban is the second in which it ends, beside the counts of its key and the number of the close
// reason that was its last failure. Bounded by those tables: where one is full, the key not seen
// for longest makes room, banned or not. Who is there, stays.

import { assert } from "../assert.ts";
import { ADDRESS_SIZE, ENDPOINT_SIZE, formatAddress, isIpv4Mapped } from "../bytes/endpoint.ts";
import { decodeText } from "../bytes/utf8.ts";
import { ReasonCode, ReturnCode } from "../mqtt/connack.ts";
import { counterNumber } from "../rules/counter-fields.ts";
import { REASON } from "../shm/close-reason.ts";
import { COUNTER } from "../shm/counters.ts";
import type { BanPlan } from "../shm/plan.ts";
import type { StickKey } from "../stick/stick-key.ts";
import type { BanRoute } from "./ban-route.ts";
import type { RelayContext } from "./relay-context.ts";

const FAILURES = counterNumber("gpc0");
const FAILURE_RATE = counterNumber("gpc0_rate");
const CAUSE = counterNumber("gpc1");
const BANNED_UNTIL = counterNumber("gpt0");

/** Bits of an IPv4 address that are not its own, in the form that is mapped into IPv6. */
const MAPPED_BITS = 96;
/** Of a client id, in the log. */
const TEXT_LENGTH_MAX = 256;

/** Ends that are the client's fault, and that somebody who tries doors comes to. */
const FAILURE_REASONS: ReadonlySet<number> = new Set([
  REASON["not-tls"],
  REASON["tls-hello-malformed"],
  REASON["tls-name-unknown"],
  REASON["tls-version-unsupported"],
  REASON["tls-no-shared-cipher"],
  REASON["tls-certificate-required"],
  REASON["tls-certificate-expired"],
  REASON["tls-certificate-not-yet-valid"],
  REASON["tls-certificate-revoked"],
  REASON["tls-certificate-unknown-authority"],
  REASON["tls-certificate-invalid"],
  REASON["tls-alert"],
  REASON["tls-failed"],
  REASON["tls-deadline"],
  REASON["http-refused"],
  REASON["upgrade-deadline"],
  REASON["websocket-violation"],
  REASON["websocket-too-large"],
  REASON["connect-deadline"],
  REASON["connect-too-large"],
  REASON["connect-malformed"],
  REASON["not-mqtt"],
  REASON["tls-on-plain-port"],
  REASON["http-on-mqtt-port"],
  REASON["early-data-too-large"],
  REASON["malformed-from-client"],
]);

const REFUSALS: ReadonlySet<number> = new Set([
  REASON["refused-by-rule"],
  REASON["refused-by-policy"],
]);

/** An address is certain: whether it or its network is banned. */
export function isAddressBanned(context: RelayContext, connection: number): boolean {
  return isAnyBanned(context, connection, false);
}

/** A CONNECT is as its server will see it: whether its client id is banned. */
export function isClientBanned(context: RelayContext, connection: number): boolean {
  return isAnyBanned(context, connection, true);
}

/**
 * A connection is about to end: counts that against its keys where it was a failure.
 * @returns who is banned for it, in words for the log; null: nobody
 */
export function noteFailure(
  context: RelayContext,
  connection: number,
  reason: number,
): string | null {
  const routes = routesOf(context, connection);
  if (routes.length === 0 || !isFailure(context, connection, reason)) return null;
  context.row[COUNTER.bannableFailures]! += 1;
  return punish(context, connection, routes, reason);
}

function punish(
  context: RelayContext,
  connection: number,
  routes: readonly BanRoute[],
  reason: number,
): string | null {
  const banned = routes.filter((route) => countFailure(context, connection, route, reason));
  context.row[COUNTER.bans]! += banned.length;
  if (banned.length === 0) return null;
  return banned.map(({ plan }) => describe(context, connection, plan)).join(", ");
}

/** For listeners that have come or gone with a plan of which this is not the newest. */
const NOBODY: readonly BanRoute[] = [];

// The newest plan's: numbers stay with their owners, and the one that routed it may be gone.
function routesOf({ connections, routes }: RelayContext, connection: number): readonly BanRoute[] {
  return routes!.rules.bans[connections.listener[connection]!] ?? NOBODY;
}

function isFailure({ connections }: RelayContext, connection: number, reason: number): boolean {
  if (FAILURE_REASONS.has(reason)) return true;
  if (reason === REASON["server-refused"]) {
    return isCredentialCode(connections.serverCode[connection]!, connections.level[connection]!);
  }
  return REFUSALS.has(reason) && isCredentialCode(connections.refusalCode[connection]!, 5);
}

function isCredentialCode(code: number, level: number): boolean {
  if (level === 5) {
    return code === ReasonCode.badUserNameOrPassword || code === ReasonCode.notAuthorized;
  }
  return code === ReturnCode.badUserNameOrPassword || code === ReturnCode.notAuthorized;
}

// Asked twice of every connection: a loop, as a closure would be made for each.
function isAnyBanned(context: RelayContext, connection: number, isById: boolean): boolean {
  const routes = routesOf(context, connection);
  for (let i = 0; i < routes.length; i++) {
    const route = routes[i]!;
    const isAsked = (route.plan.by === "client-id") === isById;
    if (isAsked && isBanned(context, connection, route)) return true;
  }
  return false;
}

function isBanned(context: RelayContext, connection: number, { plan, table }: BanRoute): boolean {
  const key = keyOf(context, connection, plan);
  if (key.length === 0) return false;
  const { now } = context.io;
  return table.read(key, BANNED_UNTIL, now) > now / 1_000;
}

// @returns whether its key is banned from now on, and was not before
function countFailure(
  context: RelayContext,
  connection: number,
  route: BanRoute,
  reason: number,
): boolean {
  const { plan, table } = route;
  const { now } = context.io;
  const key = keyOf(context, connection, plan);
  if (key.length === 0) return false;
  table.add(key, FAILURES, 1, now);
  if (table.read(key, FAILURE_RATE, now) < plan.failuresMax) return false;
  table.set(key, CAUSE, reason, now);
  const before = table.set(key, BANNED_UNTIL, Math.ceil((now + plan.banMs) / 1_000), now);
  return before <= now / 1_000;
}

const KEY: { bytes: Uint8Array; offset: number; length: number } = {
  bytes: new Uint8Array(0),
  offset: 0,
  length: 0,
};
const NETWORK = new Uint8Array(ADDRESS_SIZE);

// Valid until it is called again; of no length where there is no such key.
function keyOf({ connections }: RelayContext, connection: number, plan: BanPlan): StickKey {
  if (plan.by === "client-id") {
    const { clientIds } = connections;
    KEY.bytes = clientIds.bytesOf(connection);
    KEY.offset = clientIds.offsetOf(connection);
    KEY.length = clientIds.lengthOf(connection);
    return KEY;
  }
  writeNetwork(connections.endpoints, connection * ENDPOINT_SIZE, plan);
  KEY.bytes = NETWORK;
  KEY.offset = 0;
  KEY.length = ADDRESS_SIZE;
  return KEY;
}

function writeNetwork(endpoints: Uint8Array, at: number, { ipv4Bits, ipv6Bits }: BanPlan): void {
  const bits = isIpv4Mapped(endpoints, at) ? MAPPED_BITS + ipv4Bits : ipv6Bits;
  assert(bits <= 8 * ADDRESS_SIZE, "a prefix is no longer than its address");
  for (let i = 0; i < ADDRESS_SIZE; i++) {
    const kept = Math.max(0, Math.min(8, bits - 8 * i));
    NETWORK[i] = endpoints[at + i]! & (0xff00 >> kept);
  }
}

function describe(context: RelayContext, connection: number, plan: BanPlan): string {
  const { bytes, offset, length } = keyOf(context, connection, plan);
  const name =
    plan.by === "client-id"
      ? decodeText(bytes, offset, Math.min(length, TEXT_LENGTH_MAX))
      : formatAddress(bytes, offset);
  return `${plan.by} ${name} for ${Math.round(plan.banMs / 1_000)} s`;
}
