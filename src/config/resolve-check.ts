// From checked documents to settings of checks: what a server takes from its pool, where its checks
// go, and what kinds and keys leave unsaid.

import { assert } from "../assert.ts";
import { type Endpoint, endpointPort, formatAddress, makeEndpoint } from "../bytes/endpoint.ts";
import type { HostPort } from "./address.ts";
import { brokerEndpoint } from "./broker-endpoints.ts";
import type {
  AgentCheckSettings,
  CheckSettings,
  CheckTransportSettings,
  HttpCheckSettings,
  HttpExpectation,
  ObserveSettings,
  ScriptStep,
  StateChangeSettings,
} from "./check-settings.ts";
import type { OwnTarget } from "./discovery-settings.ts";
import type { PoolDocument, ServerDocument } from "./schema.ts";

const FAST_INTERVAL_MS = 500;
const CHECK_TIMEOUT_MS = 2_000;
const HTTP_PORT = 80;
const GOOD_STATUSES = "200-399";

type CheckDocument = PoolDocument["check"];
type HttpDocument = CheckDocument["http"];
type StepDocument = NonNullable<CheckDocument["script"]>[number];

/** Where one server is checked. */
export interface CheckTarget {
  readonly checkEndpoint: Endpoint;
  /** Null: the server is not checked. */
  readonly check: CheckSettings | null;
}

/** @param endpoint where clients are sent to */
export function resolveCheck(
  { check }: PoolDocument,
  server: ServerDocument,
  endpoint: Endpoint,
): CheckTarget {
  const own = server.check;
  const { address, port } = ownCheckTarget(check, server);
  const checkEndpoint = moveEndpoint(endpoint, address, port);
  const isOff = check.type === "none" || own?.enabled === false || server.track !== undefined;
  if (isOff) return { checkEndpoint, check: null };
  const transport = resolveTransport(check, port !== null || address !== null);
  const http = resolveHttp(check, { endpoint, checkEndpoint, address: server.address });
  return {
    checkEndpoint,
    check: { ...resolveProbing({ ...check, ...given(own) }), transport, http },
  };
}

/** The address and port of checks, where they are not those of the server. */
export function ownCheckTarget(check: CheckDocument, { check: own }: ServerDocument): OwnTarget {
  const broker = brokerEndpoint(check.type);
  return {
    address: own?.address ?? check.address ?? null,
    port: own?.port ?? check.port ?? broker?.port ?? null,
  };
}

/** What a server has of its own, without what it leaves to its pool. */
function given(own: ServerDocument["check"]): Partial<CheckDocument> {
  if (own === undefined) return {};
  const { interval, fastInterval, downInterval, rise, fall } = own;
  const entries = Object.entries({ interval, fastInterval, downInterval, rise, fall });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function resolveProbing(check: CheckDocument): Omit<CheckSettings, "transport" | "http"> {
  assert(check.type !== "none", "A server that is checked has a kind of check");
  return {
    type: check.type,
    intervalMs: check.interval,
    fastIntervalMs: check.fastInterval ?? Math.min(FAST_INTERVAL_MS, check.interval),
    downIntervalMs: check.downInterval ?? check.interval,
    spreadPercent: check.spread,
    timeoutMs: check.timeout ?? Math.min(CHECK_TIMEOUT_MS, check.interval),
    rise: check.rise,
    fall: check.fall,
    initial: check.initial,
    version: check.version,
    clientIdPrefix: check.clientIdPrefix,
    userName: check.userName ?? null,
    password: check.password ?? null,
    message: {
      topicPrefix: check.topicPrefix,
      qos: check.qos === 0 ? 0 : 1,
      across: check.across,
    },
    script: (check.script ?? []).map(resolveStep),
  };
}

function resolveTransport(check: CheckDocument, hasOwnTarget: boolean): CheckTransportSettings {
  const own = <Choice extends string>(choice: Choice) =>
    choice === "inherit" && hasOwnTarget ? "off" : choice;
  return {
    tls: own(check.tls),
    verify: check.verify,
    serverName: check.serverName ?? null,
    alpn: check.alpn ?? [],
    proxyProtocol: own(check.proxyProtocol),
    proxyCommand: check.proxyCommand,
    websocket: own(check.websocket),
  };
}

function resolveHttp(
  { type, http }: CheckDocument,
  at: { readonly endpoint: Endpoint; readonly checkEndpoint: Endpoint; readonly address: HostPort },
): HttpCheckSettings {
  const broker = brokerEndpoint(type);
  const port = endpointPort(at.checkEndpoint, 0);
  const { host } = at.address;
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    method: http.method,
    path: http.path ?? broker?.path(endpointPort(at.endpoint, 0)) ?? "/",
    version: http.version,
    headers: http.headers,
    body: http.body ?? null,
    host: port === HTTP_PORT ? name : `${name}:${port}`,
    expect: resolveExpectations(http),
    drainStatus: http.drainStatus ?? broker?.drainStatus ?? null,
  };
}

function resolveExpectations({ expect }: HttpDocument): readonly HttpExpectation[] {
  const standard = { on: "status", value: GOOD_STATUSES, header: "", not: false } as const;
  return expect === undefined ? [standard] : expect.map(resolveExpectation);
}

function resolveExpectation(
  expected: NonNullable<HttpDocument["expect"]>[number],
): HttpExpectation {
  const { status, statusPattern, body, bodyPattern, header, not } = expected;
  const [name = "", ...value] = header?.split(":") ?? [];
  const rows: Record<HttpExpectation["on"], string | undefined> = {
    status,
    "status-pattern": statusPattern,
    body,
    "body-pattern": bodyPattern,
    header: header === undefined ? undefined : value.join(":").trim(),
  };
  const [on, text] = theOne(rows);
  return { on, value: text, header: on === "header" ? name.toLowerCase() : "", not };
}

function resolveStep(step: StepDocument): ScriptStep {
  const { connect, send, sendBinary, expect, comment = "" } = step;
  if (connect !== undefined) {
    const { port = null, tls = null, proxyProtocol = null } = connect;
    return { do: "connect", port, tls, proxyProtocol, comment };
  }
  if (send !== undefined) return { do: "send", bytes: Buffer.from(send), comment };
  if (sendBinary !== undefined) {
    return { do: "send", bytes: Buffer.from(sendBinary, "hex"), comment };
  }
  assert(expect !== undefined, "A step says one thing once the rules have passed");
  const [on, value] = theOne({
    string: expect.string,
    "string-pattern": expect.pattern,
    binary: expect.binary,
    "binary-pattern": expect.binaryPattern,
  });
  const { not, bytesMin = null, onSuccess = "", onError = "" } = expect;
  return { do: "expect", expect: { on, value, not, bytesMin, onSuccess, onError }, comment };
}

/** The key of several that was written; the rules have seen to it that there is one. */
function theOne<Name extends string>(rows: Record<Name, string | undefined>): [Name, string] {
  for (const name of Object.keys(rows) as Name[]) {
    const value = rows[name];
    if (value !== undefined) return [name, value];
  }
  throw new Error("Cannot resolve an expectation: it expects nothing");
}

export function resolveAgentCheck(
  { agentCheck: agent, source: ofPool }: PoolDocument,
  { source = ofPool }: ServerDocument,
  endpoint: Endpoint,
): AgentCheckSettings | null {
  if (agent === undefined) return null;
  return {
    endpoint: moveEndpoint(endpoint, agent.address ?? null, agent.port),
    source: source?.kind === "addresses" ? source.endpoints[0]! : null,
    intervalMs: agent.interval,
    timeoutMs: agent.timeout ?? agent.interval,
    send: agent.send ?? "",
  };
}

export function resolveObserve(observe: PoolDocument["observe"]): ObserveSettings {
  const { mode, errorLimit, onError, maxFails, failTimeout } = observe;
  if (mode === "connections") return { mode, errorLimit, onError };
  if (mode === "max-fails") return { mode, maxFails, failTimeoutMs: failTimeout };
  return { mode };
}

export function resolveStateChanges(
  pool: PoolDocument,
  server: ServerDocument,
): StateChangeSettings {
  return {
    slowStartMs: server.slowStart ?? pool.slowStart,
    onMarkedDown: server.onMarkedDown ?? pool.onMarkedDown,
    onMarkedUp: server.onMarkedUp ?? pool.onMarkedUp,
  };
}

/** @returns `endpoint` with what is not null in place of its own */
export function moveEndpoint(
  endpoint: Endpoint,
  address: string | null,
  port: number | null,
): Endpoint {
  if (address === null && port === null) return endpoint;
  const host = address?.replaceAll(/[[\]]/g, "") ?? formatAddress(endpoint, 0);
  const moved = makeEndpoint(host, port ?? endpointPort(endpoint, 0));
  assert(moved !== null, "An address of a check has been checked");
  return moved;
}
