// Rules about what lies between TCP and MQTT: layers that fit the protocol above them, pools by
// server name that exist, PROXY headers that can be believed, source addresses of one family.

import { isIpv4Mapped } from "../bytes/endpoint.ts";
import { nearest } from "./explain.ts";
import type { Path } from "./raw-document.ts";
import type { Rule, RuleContext } from "./rule.ts";
import type { ListenerDocument, PoolDocument } from "./schema.ts";
import { SERVER_NAME_PATTERN, type SourceAddress } from "./transport-field.ts";

/** The names of the pools that a listener sends clients to. */
export function poolsOf({ pool, serverNames }: ListenerDocument): readonly string[] {
  return [...new Set([pool, ...Object.values(serverNames)])];
}

export const layersFitProtocol: Rule = ({ document, report }) => {
  for (const [name, listener] of Object.entries(document.listeners)) {
    const { protocol, tls, websocket, serverNames } = listener;
    const path = ["listeners", name];
    if (protocol === "tls" && tls !== undefined) {
      const message = `listeners.${name} passes TLS on as it is, so it cannot end here`;
      const expected = "protocol: mqtt, or no tls section";
      report({ path: [...path, "tls"], message, expected, atKey: true });
    }
    if (protocol !== "mqtt" && websocket !== undefined) {
      const message = `listeners.${name} relays bytes as they come, so it reads no WebSocket`;
      const expected = "protocol: mqtt, or no websocket section";
      report({ path: [...path, "websocket"], message, expected, atKey: true });
    }
    const seesNames = protocol === "tls" || tls !== undefined;
    if (!seesNames && Object.keys(serverNames).length > 0) {
      const message = `listeners.${name} sees no TLS, so it knows no server names`;
      const expected = "protocol: tls, or a tls section";
      report({ path: [...path, "serverNames"], message, expected, atKey: true });
    }
  }
};

export const serverNamesLeadSomewhere: Rule = ({ document, report }) => {
  const pools = Object.keys(document.pools);
  for (const [listener, { serverNames }] of Object.entries(document.listeners)) {
    const seen = new Set<string>();
    for (const [name, pool] of Object.entries(serverNames)) {
      const path = ["listeners", listener, "serverNames", name];
      if (!SERVER_NAME_PATTERN.test(name)) {
        const expected = "a.example, or *.a.example for one label more";
        report({ path, message: `"${name}" is no server name`, expected, atKey: true });
      } else if (seen.has(name.toLowerCase())) {
        const message = `"${name}" is there already, in other letters`;
        report({ path, message, expected: "each name once", atKey: true });
      }
      seen.add(name.toLowerCase());
      if (pools.includes(pool) || pools.length === 0) continue;
      const near = nearest(pool, pools);
      const message = `listeners.${listener}.serverNames names "${pool}", which is no pool`;
      report({
        path,
        message,
        expected: near === null ? `one of ${pools.join(", ")}` : `"${near}"`,
      });
    }
  }
};

/** Whoever may send a header may say that it is anyone. */
export const proxyHeadersAreBelievable: Rule = ({ document, report }) => {
  for (const [name, { proxyProtocol }] of Object.entries(document.listeners)) {
    if (proxyProtocol === undefined || proxyProtocol.from.length > 0) continue;
    const message = `listeners.${name} believes the PROXY header of anyone who can reach it`;
    const expected = "from: the addresses of the balancers in front";
    const path = ["listeners", name, "proxyProtocol"];
    report({ path, message, expected, severity: "warning", atKey: true });
  }
};

export const tlvsHaveVersionTwo: Rule = (context) => {
  for (const { path, pool, server } of servers(context)) {
    const header = (server === null ? pool.proxyProtocol : server.proxyProtocol) || null;
    if (header?.version !== "v1" || header.tlvs.length === 0) continue;
    const message = "a PROXY header of version 1 has no TLVs";
    context.report({ path: [...path, "proxyProtocol", "tlvs"], message, expected: "version: v2" });
  }
};

/** Layers on the server side that want to know where packets begin, or would wrap TLS in TLS. */
export const serverLayersFitListeners: Rule = (context) => {
  const { report } = context;
  const bytewise = bytewiseListeners(context);
  for (const { path, poolName, pool, server } of servers(context)) {
    const websocket = server === null ? pool.websocket : server.websocket;
    const tls = server === null ? pool.tls : server.tls;
    for (const { name, protocol } of bytewise.get(poolName) ?? []) {
      if (websocket) {
        const message = `listeners.${name} relays bytes as they come, so they cannot go in frames`;
        const expected = "protocol: mqtt there";
        report({ path: [...path, "websocket"], message, expected, atKey: true });
      }
      if (tls && protocol === "tls") {
        const message = `listeners.${name} passes TLS on as it is; it would be TLS in TLS`;
        report({ path: [...path, "tls"], message, expected: "no tls section", atKey: true });
      }
    }
  }
};

interface BytewiseListener {
  readonly name: string;
  readonly protocol: ListenerDocument["protocol"];
}

/** The listeners that read no MQTT, by the pools that they send clients to. */
function bytewiseListeners({ document }: RuleContext): Map<string, BytewiseListener[]> {
  const found = new Map<string, BytewiseListener[]>();
  for (const [name, listener] of Object.entries(document.listeners)) {
    const { protocol } = listener;
    for (const pool of protocol === "mqtt" ? [] : poolsOf(listener)) {
      const present = found.get(pool);
      if (present === undefined) found.set(pool, [{ name, protocol }]);
      else present.push({ name, protocol });
    }
  }
  return found;
}

/** A connection has one family: that of where it comes from must be that of where it goes to. */
export const sourcesFitServers: Rule = (context) => {
  const { document, report } = context;
  for (const [poolName, pool] of Object.entries(document.pools)) {
    const shared = pool.source === undefined ? [] : sourcesOf(context, poolName, pool.source);
    for (const [index, server] of pool.servers.entries()) {
      if (server.source === undefined && pool.source === undefined) continue;
      const endpoint = context.endpointOf(server.address);
      if (endpoint === null) continue;
      const isIpv4 = isIpv4Mapped(endpoint, 0);
      const sources = server.source ? sourcesOf(context, poolName, server.source) : shared;
      const other = sources.find((each) => each.isIpv4 !== isIpv4);
      if (other === undefined) continue;
      const [from, to] = isIpv4 ? ["IPv6", "IPv4"] : ["IPv4", "IPv6"];
      const message = `${other.what} ${from}, but the server ${server.address.text} has ${to}`;
      const base = ["pools", poolName];
      const path = server.source ? [...base, "servers", index, "source"] : [...base, "source"];
      report({ path, message, expected: "addresses of one family" });
    }
  }
};

interface SourceFamily {
  readonly isIpv4: boolean;
  readonly what: string;
}

function sourcesOf(
  { document }: RuleContext,
  poolName: string,
  source: SourceAddress,
): readonly SourceFamily[] {
  if (source.kind === "addresses") {
    return source.endpoints.map((endpoint) => {
      return { isIpv4: isIpv4Mapped(endpoint, 0), what: "connections come from" };
    });
  }
  const listeners = Object.entries(document.listeners);
  return listeners.flatMap(([name, listener]) =>
    poolsOf(listener).includes(poolName)
      ? listener.listen.map(({ endpoint }) => {
          const what = `clients of listeners.${name} come from`;
          return { isIpv4: isIpv4Mapped(endpoint, 0), what };
        })
      : [],
  );
}

interface Holder {
  readonly path: Path;
  readonly poolName: string;
  readonly pool: PoolDocument;
  /** Null for the pool itself. */
  readonly server: PoolDocument["servers"][number] | null;
}

/** Every pool, and every server of it. */
function* servers({ document }: RuleContext): Iterable<Holder> {
  for (const [poolName, pool] of Object.entries(document.pools)) {
    const path = ["pools", poolName];
    yield { path, poolName, pool, server: null };
    for (const [index, server] of pool.servers.entries()) {
      yield { path: [...path, "servers", index], poolName, pool, server };
    }
  }
}
