// Rules about DNS discovery: resolvers exist and are asked at addresses, names are looked up and
// not addresses, the names of servers differ when their slots are counted.

import { isHostName } from "./address.ts";
import type { Rule } from "./rule.ts";
import type { ServerDocument } from "./schema.ts";

export const resolversExist: Rule = ({ document, report }) => {
  const names = Object.keys(document.resolvers);
  for (const [pool, { servers }] of Object.entries(document.pools)) {
    for (const [index, server] of servers.entries()) {
      const path = ["pools", pool, "servers", index];
      const { resolver, address } = server;
      if (resolver === undefined) {
        if (server.slots === undefined) continue;
        const message = "slots are filled by a resolver, and there is none";
        report({ path: [...path, "slots"], message, expected: "a resolver as well" });
      } else if (!names.includes(resolver)) {
        const expected = names.length === 0 ? "one under resolvers" : `one of ${names.join(", ")}`;
        report({
          path: [...path, "resolver"],
          message: `there is no resolver "${resolver}"`,
          expected,
        });
      } else if (!isHostName(address)) {
        const message = `"${address.host}" is an address already, and looked up by nobody`;
        report({ path: [...path, "address"], message, expected: "a host name" });
      }
    }
  }
};

export const nameServersAreAddresses: Rule = ({ document, report }) => {
  for (const [name, { nameServers = [] }] of Object.entries(document.resolvers)) {
    for (const [index, nameServer] of nameServers.entries()) {
      if (!isHostName(nameServer)) continue;
      const path = ["resolvers", name, "nameServers", index];
      const message = `the name server "${nameServer.host}" is a host name itself`;
      report({ path, message, expected: "an IP address and a port such as 10.0.0.53:53" });
    }
  }
};

export const slotNamesDiffer: Rule = ({ document, report }) => {
  for (const [pool, { servers }] of Object.entries(document.pools)) {
    /** By name: whether it was counted from slots; plain names are told apart by another rule. */
    const taken = new Map<string, boolean>();
    for (const [index, server] of servers.entries()) {
      const isCounted = server.slots !== undefined;
      const names = slotNames(server);
      const clash = names.find((name) => taken.get(name) || (isCounted && taken.has(name)));
      for (const name of names) taken.set(name, isCounted);
      if (clash === undefined) continue;
      const path = ["pools", pool, "servers", index];
      const message = `the pool "${pool}" has a server "${clash}" already, counted from slots`;
      report({ path, message, expected: "another name" });
    }
  }
};

/** What the servers that are made of one item are called. */
export function slotNames({ name, address, slots }: ServerDocument): readonly string[] {
  if (slots === undefined) return [name ?? address.text];
  const prefix = name ?? `${address.text}/`;
  return Array.from({ length: slots }, (_, slot) => `${prefix}${slot + 1}`);
}
