// Rules about listeners: their pools exist and suit them, and no two want the same address.

import { formatEndpoint } from "../bytes/endpoint.ts";
import { nearest } from "./explain.ts";
import { childOf, formatPath, isEmptyMap, type Path } from "./raw-document.ts";
import type { Rule, RuleContext } from "./rule.ts";
import { asksConnect, poolsReached } from "./rule-reach.ts";
import type { ListenerDocument } from "./schema.ts";
import type { ListenAddress } from "./settings.ts";
import { clientKeysOf, poolsOf } from "./transport-rules.ts";

export const someListener: Rule = ({ written, report }) => {
  if (!isEmptyMap(childOf(written, "listeners"))) return;
  report({ path: ["listeners"], message: "there is no listener", expected: "at least one" });
};

export const poolOfListenerExists: Rule = ({ document, written, report }) => {
  const pools = childOf(written, "pools");
  const names = pools?.kind === "map" ? [...pools.entries.keys()] : [];
  if (names.length === 0) return;
  for (const [name, listener] of Object.entries(document.listeners)) {
    if (names.includes(listener.pool)) continue;
    const near = nearest(listener.pool, names);
    const message = `listeners.${name}.pool names "${listener.pool}", which is no pool`;
    const expected = near === null ? `one of ${names.join(", ")}` : `"${near}"`;
    report({ path: ["listeners", name, "pool"], message, expected });
  }
};

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
  return needed?.what ?? null;
}

export const tcpListenerHasNoConnect: Rule = ({ document, isGiven, report }) => {
  for (const [name, listener] of Object.entries(document.listeners)) {
    const { protocol } = listener;
    if (protocol === "mqtt") continue;
    // A `tls` listener gives clients this time for their ClientHello.
    for (const key of protocol === "tls" ? ["connectSize"] : ["connectSize", "connectDeadline"]) {
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

interface Binding {
  readonly path: Path;
  readonly owner: string;
  readonly address: ListenAddress;
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

/** Brokers on this machine must not be ourselves. */
export const serversAreNotListeners: Rule = (context) => {
  const { document, endpointOf, report } = context;
  const own = bindings(context);
  for (const [name, pool] of Object.entries(document.pools)) {
    for (const [index, { address }] of pool.servers.entries()) {
      const endpoint = endpointOf(address);
      const text = endpoint === null ? "" : formatEndpoint(endpoint, 0);
      const self = own.find((binding) => reaches(binding.address, text));
      if (self === undefined) continue;
      const path = ["pools", name, "servers", index, "address"];
      const message = `the server ${address.text} is Fairlead itself (${self.owner})`;
      report({ path, message, expected: "the address of a broker" });
    }
  }
};

function reaches(listen: ListenAddress, server: string): boolean {
  if (formatEndpoint(listen.endpoint, 0) === server) return true;
  const { port, host } = listen;
  if (host === "0.0.0.0") return server.startsWith("127.") && server.endsWith(`:${port}`);
  return formatEndpoint(listen.endpoint, 0) === `[::]:${port}` && server === `[::1]:${port}`;
}

// Admin comes first: it has a default that a listener can collide with.
function bindings({ document, isGiven }: RuleContext): readonly Binding[] {
  const found: Binding[] = [];
  if (document.admin !== false) {
    const { listen, haproxySocket } = document.admin;
    found.push({ path: ["admin", "listen"], owner: "admin", address: listen });
    if (haproxySocket?.listen.kind === "tcp") {
      const path = ["admin", "haproxySocket", "listen"];
      found.push({ path, owner: "admin.haproxySocket", address: haproxySocket.listen.listen });
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
  }));
}
