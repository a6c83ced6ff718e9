// Rules about pools and their servers: somebody uses them, somebody in them can be chosen, checks
// make sense, names and addresses are told apart.

import { formatEndpoint, isIpv4Mapped, makeEndpoint } from "../bytes/endpoint.ts";
import { isHostName } from "./address.ts";
import { formatDuration } from "./duration.ts";
import { NAME_EXPECTED, NAME_PATTERN } from "./field.ts";
import { childOf, isEmptyMap, nodeAt } from "./raw-document.ts";
import type { Rule } from "./rule.ts";
import { poolsReached } from "./rule-reach.ts";
import type { PoolDocument } from "./schema.ts";
import { poolsOf } from "./transport-rules.ts";

export const somePool: Rule = ({ written, report }) => {
  if (!isEmptyMap(childOf(written, "pools"))) return;
  report({ path: ["pools"], message: "there is no pool", expected: "at least one" });
};

export const namesAreWellFormed: Rule = ({ written, report }) => {
  for (const holder of ["listeners", "pools", "counters"]) {
    const node = childOf(written, holder);
    if (node?.kind !== "map") continue;
    for (const name of node.entries.keys()) {
      if (NAME_PATTERN.test(name)) continue;
      const message = `${JSON.stringify(name)} is no name that one of ${holder} can have`;
      report({ path: [holder, name], message, expected: NAME_EXPECTED, atKey: true });
    }
  }
};

export const poolIsUsed: Rule = (context) => {
  const { document, isGiven, report, hasPolicy } = context;
  const listeners = Object.entries(document.listeners);
  if (hasPolicy) return;
  // A name that leads nowhere is a mistake of its own and may well mean this pool.
  const unsure = listeners.some(
    ([name, listener]) =>
      !isGiven(["listeners", name, "pool"]) ||
      poolsOf(listener).some((pool) => !Object.hasOwn(document.pools, pool)),
  );
  if (unsure || listeners.length === 0) return;
  const used = new Set(listeners.flatMap(([name]) => poolsReached(name, context).pools));
  for (const name of Object.keys(document.pools)) {
    if (used.has(name)) continue;
    const message = `no listener uses the pool "${name}"`;
    report({ path: ["pools", name], message, expected: null, severity: "warning", atKey: true });
  }
};

export const someServerCanBeChosen: Rule = ({ document, written, report }) => {
  for (const [name, pool] of Object.entries(document.pools)) {
    const path = ["pools", name, "servers"];
    const node = nodeAt(written, path);
    // Servers that were left out for a mistake of their own might have been the ones.
    if (node?.kind !== "list" || node.items.length !== pool.servers.length) continue;
    const message = whyNoneIsChosen(name, pool);
    if (message !== null) {
      report({ path, message, expected: null, severity: "warning", atKey: true });
    }
  }
};

function whyNoneIsChosen(name: string, { servers }: PoolDocument): string | null {
  if (servers.every(({ backup }) => backup))
    return `every server of the pool "${name}" is a backup`;
  if (servers.every(({ weight }) => weight === 0)) {
    return `every server of the pool "${name}" has weight 0, so none gets new connections`;
  }
  return null;
}

export const serverNamesDiffer: Rule = ({ document, report }) => {
  for (const [pool, { servers }] of Object.entries(document.pools)) {
    const taken = new Set<string>();
    for (const [index, { name }] of servers.entries()) {
      if (name === undefined) continue;
      const path = ["pools", pool, "servers", index, "name"];
      const message = `the pool "${pool}" has a server "${name}" already`;
      if (taken.has(name)) report({ path, message, expected: "another name" });
      taken.add(name);
    }
  }
};

export const serverAddressesDiffer: Rule = ({ document, endpointOf, report }) => {
  for (const [pool, { servers }] of Object.entries(document.pools)) {
    const taken = new Map<string, string>();
    for (const [index, { name, address }] of servers.entries()) {
      const endpoint = endpointOf(address);
      if (endpoint === null) continue;
      const key = formatEndpoint(endpoint, 0);
      const other = taken.get(key);
      taken.set(key, other ?? name ?? address.text);
      if (other === undefined) continue;
      const message = `the pool "${pool}" has the server ${address.text} already, as "${other}"`;
      report({
        path: ["pools", pool, "servers", index, "address"],
        message,
        expected: "another address, or a greater weight",
      });
    }
  }
};

export const hostNamesHaveAddresses: Rule = ({ document, hosts, report }) => {
  for (const [pool, { servers }] of Object.entries(document.pools)) {
    for (const [index, { address }] of servers.entries()) {
      const answer = isHostName(address) ? hosts.get(address.host) : undefined;
      if (answer === undefined) continue;
      const path = ["pools", pool, "servers", index, "address"];
      if (answer.addresses === null) {
        const message = `the host "${address.host}" cannot be looked up: ${answer.failure}`;
        const later = "or the key resolver, for a name that has an address only later";
        const expected = `a name that the system's resolver knows, an IP address, ${later}`;
        report({ path, message, expected });
      } else if (sameFamilyCount(answer.addresses) > 1) {
        const [first] = answer.addresses;
        const message = `of the addresses of the host "${address.host}" only ${first} is used`;
        report({ path, message, expected: "one server for each", severity: "warning" });
      }
    }
  }
};

/** How many addresses are of the same family as the first, the one that is used. */
function sameFamilyCount(addresses: readonly string[]): number {
  const isIpv4 = addresses.map((address) => isIpv4Mapped(makeEndpoint(address, 1)!, 0));
  return isIpv4.filter((answer) => answer === isIpv4[0]).length;
}

export const relayTimesAgree: Rule = ({ document, report }) => {
  for (const [name, { timeouts }] of Object.entries(document.pools)) {
    if (timeouts.finish <= timeouts.idle) continue;
    const path = ["pools", name, "timeouts", "finish"];
    const message = `pools.${name}.timeouts.finish is longer than idle and so never comes`;
    report({
      path,
      message,
      expected: `at most ${formatDuration(timeouts.idle)}`,
      severity: "warning",
    });
  }
};

/** A limit that rises has an end above where it starts, and clients who can wait for that. */
export const limitsRise: Rule = ({ document, report }) => {
  for (const [name, pool] of Object.entries(document.pools)) {
    for (const [index, { connections, connectionsFrom }] of pool.servers.entries()) {
      if (connectionsFrom === undefined) continue;
      const path = ["pools", name, "servers", index, "connectionsFrom"];
      if (connectionsFrom > connections) {
        const limit = connections === 0 ? "no limit" : `the limit ${connections}`;
        const message = `connectionsFrom is ${connectionsFrom}, and the server has ${limit}`;
        report({ path, message, expected: "at most connections" });
      } else if (pool.queue === undefined) {
        const message = `the pool "${name}" has no queue: nobody waits until the limit rises`;
        report({ path, message, expected: "a queue", severity: "warning" });
      }
    }
  }
};
