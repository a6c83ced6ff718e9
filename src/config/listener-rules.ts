// Rules about listeners: their pools exist and suit them, and no two want the same address.

import { type Endpoint, formatAddress, formatEndpoint, isIpv4Mapped } from "../bytes/endpoint.ts";
import { clientKeysOf, stickConditionsOf } from "./client-keys.ts";
import { nearest } from "./explain.ts";
import { isIpv6Wildcard } from "./import/ipv6-wildcard.ts";
import { childOf, formatPath, isEmptyMap, type Path } from "./raw-document.ts";
import type { Rule, RuleContext } from "./rule.ts";
import { asksConnect, conditionAsksConnect, poolsReached } from "./rule-reach.ts";
import type { ListenerDocument } from "./schema.ts";
import type { ListenAddress } from "./settings.ts";
import { poolsOf } from "./transport-rules.ts";

export const someListener: Rule = ({ written, report }) => {
  if (!isEmptyMap(childOf(written, "listeners"))) return;
  report({ path: ["listeners"], message: "there is no listener", expected: "at least one" });
};

export const poolOfListenerExists: Rule = ({ document, written, report, isGiven }) => {
  const pools = childOf(written, "pools");
  if (pools?.kind !== "map" || pools.placeholder) return;
  const names = [...pools.entries.keys()];
  for (const [name, listener] of Object.entries(document.listeners)) {
    const path = ["listeners", name, "pool"];
    if (names.includes(listener.pool) || !isGiven(path)) continue;
    const message = `listeners.${name}.pool names "${listener.pool}", which is no pool`;
    report({ path, message, expected: expectedPool(listener.pool, names) });
  }
};

function expectedPool(pool: string, names: readonly string[]): string {
  if (names.length === 0) return "a pool of that name";
  const near = nearest(pool, names);
  return near === null ? `one of ${names.join(", ")}` : `"${near}"`;
}

/** Without protocol `mqtt` no CONNECT is read, so neither client id nor user name is known. */
export const tcpPoolNeedsNoConnect: Rule = (context) => {
  const { document, report } = context;
  for (const [name, listener] of Object.entries(document.listeners)) {
    if (listener.protocol === "mqtt") continue;
    for (const poolName of poolsReached(name, context).pools) {
      const needs = needOf(poolName, context);
      if (needs === null) continue;
      const key = keyOfPool(poolName, listener);
      const message = `listeners.${name} reads no CONNECT, but the pool "${poolName}" ${needs}`;
      const expected = "protocol: mqtt, or a pool that goes by the source address";
      report({ path: ["listeners", name, key], message, expected });
    }
  }
};

function keyOfPool(name: string, listener: ListenerDocument): string {
  if (name === listener.pool) return "pool";
  return poolsOf(listener).includes(name) ? "serverNames" : "rules";
}

/** @returns what the pool does with a CONNECT, or null */
function needOf(name: string, { document, rules }: RuleContext): string | null {
  const needed = clientKeysOf(document.pools[name]!).find(({ key, path }) => {
    const expression = rules.expressions.get(formatPath(["pools", name, ...path]));
    const asks = expression !== undefined && asksConnect(expression);
    return asks || key === "client-id" || key === "user-name";
  });
  if (needed !== undefined) return needed.what;
  const isAsked = stickConditionsOf(document.pools[name]!).some(({ path }) => {
    const condition = rules.conditions.get(formatPath(["pools", name, ...path]));
    return condition !== undefined && conditionAsksConnect(condition);
  });
  return isAsked ? "sticks by a condition on it" : null;
}

export const tcpListenerHasNoConnect: Rule = ({ document, isGiven, report }) => {
  for (const [name, listener] of Object.entries(document.listeners)) {
    const { protocol } = listener;
    if (protocol === "mqtt") continue;
    // A `tls` listener gives clients this time for their ClientHello.
    const always = ["connectSize", "packetSize", "allow"];
    for (const key of protocol === "tls" ? always : [...always, "connectDeadline"]) {
      const path = ["listeners", name, key];
      if (!isGiven(path)) continue;
      const message = `listeners.${name}.${key} has no effect on a ${protocol} listener`;
      report({ path, message, expected: null, severity: "warning", atKey: true });
    }
  }
};

export const listenerWithinLimits: Rule = ({ document, report }) => {
  const { connections: limit } = document.limits;
  if (limit === "auto") return;
  for (const [name, { connections }] of Object.entries(document.listeners)) {
    if (connections <= limit) continue;
    const path = ["listeners", name, "connections"];
    const message = `listeners.${name}.connections is ${connections}, above limits.connections`;
    report({ path, message, expected: `at most ${limit}`, severity: "warning" });
  }
};

export const ipv6OnlyHasEffect: Rule = ({ document, report }) => {
  for (const [name, { ipv6Only, listen }] of Object.entries(document.listeners)) {
    if (!ipv6Only) continue;
    if (listen.some(({ endpoint }) => isIpv6Wildcard(formatEndpoint(endpoint, 0)))) continue;
    const path = ["listeners", name, "ipv6Only"];
    const message = `none of the addresses of listeners.${name} stands for all of IPv6`;
    report({ path, message, expected: "[::] among them", severity: "warning" });
  }
};

interface Binding {
  readonly path: Path;
  readonly owner: string;
  readonly address: ListenAddress;
  /** Whether IPv4 is kept away from `[::]`. */
  readonly ipv6Only: boolean;
  /** The network interface; null: any. */
  readonly device: string | null;
}

export const listenAddressesDiffer: Rule = (context) => {
  const { report, isGiven } = context;
  const taken = new Map<string, string>();
  for (const { path, owner, address } of bindings(context)) {
    const key = formatEndpoint(address.endpoint, 0);
    const other = taken.get(key);
    if (other !== undefined) {
      const message = `${owner} listens on ${address.text}, which ${other} has already`;
      report({ path, message, expected: "another address or port" });
    } else if (isGiven(path) || owner === "admin") taken.set(key, owner);
  }
};

/** Listeners share a port by their addresses; what speaks to operators shares none. */
export const adminPortsAreItsOwn: Rule = (context) => {
  const all = bindings(context);
  for (const admin of all.filter(({ owner }) => owner.startsWith("admin"))) {
    for (const other of all) {
      if (other.owner === admin.owner || other.address.port !== admin.address.port) continue;
      if (!standsFor(other, admin.address.endpoint) && !standsFor(admin, other.address.endpoint))
        continue;
      const where = `where ${admin.owner} has ${admin.address.text}`;
      const message = `${other.owner} listens on ${other.address.text}, ${where}`;
      context.report({ path: other.path, message, expected: "another port" });
    }
  }
};

/** Whether it is a wildcard, another address, that takes in this one; `[::]` may take in IPv4. */
function standsFor({ address, ipv6Only }: Binding, endpoint: Endpoint): boolean {
  const wildcard = formatEndpoint(address.endpoint, 0);
  // The same address twice is another mistake.
  if (wildcard === formatEndpoint(endpoint, 0)) return false;
  const isIpv4 = isIpv4Mapped(endpoint, 0);
  return isIpv6Wildcard(wildcard) ? !(isIpv4 && ipv6Only) : isIpv4 && isIpv4Wildcard(wildcard);
}

function isIpv4Wildcard(address: string): boolean {
  return address.startsWith("0.0.0.0:");
}

/** Brokers on this machine must not be ourselves: a client would go round until no room is left. */
export const serversAreNotListeners: Rule = (context) => {
  const { document, endpointOf, ownAddresses, report } = context;
  const ours = byPort(bindings(context));
  for (const [name, pool] of Object.entries(document.pools)) {
    for (const [index, { address }] of pool.servers.entries()) {
      const listening = ours.get(address.port) ?? [];
      const endpoint = listening.length > 0 ? endpointOf(address) : null;
      if (endpoint === null) continue;
      const reached = listening.find((binding) => reaches(endpoint, binding, ownAddresses));
      if (reached === undefined) continue;
      const path = ["pools", name, "servers", index, "address"];
      const message = `the server ${address.text} is Fairlead itself (${reached.owner})`;
      report({ path, message, expected: "the address of a broker" });
    }
  }
};

function byPort(all: readonly Binding[]): ReadonlyMap<number, readonly Binding[]> {
  const ports = new Map<number, Binding[]>();
  for (const binding of all) {
    const { port } = binding.address;
    ports.set(port, [...(ports.get(port) ?? []), binding]);
  }
  return ports;
}

// On this address, or on all of them where it is one of this machine's.
function reaches(endpoint: Endpoint, binding: Binding, own: ReadonlySet<string>): boolean {
  if (formatEndpoint(endpoint, 0) === formatEndpoint(binding.address.endpoint, 0)) return true;
  // What this machine sends to itself comes by no network interface that could be named.
  if (binding.device !== null || !standsFor(binding, endpoint)) return false;
  const host = formatAddress(endpoint, 0);
  return host.startsWith("127.") || host === "::1" || own.has(host);
}

const ANYWHERE = { ipv6Only: false, device: null } as const;

// Admin comes first: it has a default that a listener can collide with.
function bindings({ document, isGiven }: RuleContext): readonly Binding[] {
  const found: Binding[] = [];
  if (document.admin !== false) {
    const { listen, haproxySocket } = document.admin;
    found.push({ path: ["admin", "listen"], owner: "admin", address: listen, ...ANYWHERE });
    if (haproxySocket?.listen.kind === "tcp") {
      const path = ["admin", "haproxySocket", "listen"];
      const { listen: address } = haproxySocket.listen;
      found.push({ path, owner: "admin.haproxySocket", address, ...ANYWHERE });
    }
  }
  for (const [name, listener] of Object.entries(document.listeners)) {
    found.push(...listenerBindings(name, listener, isGiven(["listeners", name, "listen", 0])));
  }
  return found;
}

function listenerBindings(
  name: string,
  listener: ListenerDocument,
  isList: boolean,
): readonly Binding[] {
  return listener.listen.map((address, index) => ({
    path: ["listeners", name, "listen", ...(isList ? [index] : [])],
    owner: `listeners.${name}`,
    address,
    ipv6Only: listener.ipv6Only,
    device: listener.interface ?? null,
  }));
}
