// Rules about balancing: a hash has a key, bounds make sense, ids are told apart, and no key is
// written that its pool has no use for.

import { BALANCE_ROWS } from "../balance/balance.ts";
import type { Rule } from "./rule.ts";
import type { PoolDocument } from "./schema.ts";

export const hashHasKey: Rule = ({ document, isGiven, report }) => {
  for (const [name, { balance, hash }] of Object.entries(document.pools)) {
    const path = ["pools", name, "hash", "key"];
    const implied = BALANCE_ROWS[balance].key;
    if (implied === "configured" && hash?.key === undefined) {
      // A key that was written and left out for a mistake of its own has been reported.
      if (isGiven(path)) continue;
      const message = `pools.${name} balances by a hash of nothing`;
      const expected = "hash: { key: client-id } or the like";
      report({ path: ["pools", name, "balance"], message, expected });
    } else if (implied !== "configured" && implied !== "none" && hash?.key !== undefined) {
      const message = `pools.${name}.hash.key has no effect: ${balance} names its key`;
      report({ path, message, expected: "balance: hash", severity: "warning", atKey: true });
    }
  }
};

export const hashLoadIsAboveShare: Rule = ({ document, report }) => {
  for (const [name, { hash }] of Object.entries(document.pools)) {
    if (hash === undefined || hash.loadMax === 0) continue;
    const path = ["pools", name, "hash", "loadMax"];
    if (hash.loadMax <= 100) {
      const message = `pools.${name}.hash.loadMax leaves less than a fair share to each server`;
      report({ path, message, expected: "more than 100, or 0 for no bound" });
    } else if (!hash.type.startsWith("consistent")) {
      const message = `pools.${name}.hash.loadMax has no effect on the type ${hash.type}`;
      report({ path, message, expected: null, severity: "warning", atKey: true });
    }
  }
};

export const balanceKeysHaveEffect: Rule = ({ document, isGiven, report }) => {
  for (const [name, pool] of Object.entries(document.pools)) {
    for (const key of idleKeys(pool)) {
      const path = ["pools", name, key];
      if (!isGiven(path)) continue;
      const message = `pools.${name}.${key} has no effect on balance: ${pool.balance}`;
      report({ path, message, expected: null, severity: "warning", atKey: true });
    }
  }
};

function idleKeys({ balance, servers }: PoolDocument): readonly string[] {
  return [
    ...(BALANCE_ROWS[balance].key === "none" ? ["hash"] : []),
    ...(balance === "random" ? [] : ["draws"]),
    ...(servers.some(({ backup }) => backup) ? [] : ["backups"]),
  ];
}

export const serverIdsDiffer: Rule = ({ document, report }) => {
  for (const [pool, { servers }] of Object.entries(document.pools)) {
    const taken = new Map<number, string>();
    for (const [index, { id, name, address }] of servers.entries()) {
      if (id === undefined) continue;
      const other = taken.get(id);
      taken.set(id, other ?? name ?? address.text);
      if (other === undefined) continue;
      const path = ["pools", pool, "servers", index, "id"];
      const message = `the pool "${pool}" has the id ${id} already, as "${other}"`;
      report({ path, message, expected: "another id" });
    }
  }
};
