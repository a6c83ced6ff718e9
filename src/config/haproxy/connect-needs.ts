// Which pools want their clients' CONNECT read, and what follows from it. Goes by what was written
// into the document: names of keys, and expressions of rules/.

import { DraftMap } from "../import/draft.ts";
import { signatureOf } from "../import/hoist.ts";

/** Keys and expressions that wait for CONNECT. */
const ASKS = /client-id|user-name|mqtt[._]|req\.payload|req\.len/;

/** @returns why listeners in front of these pools must read CONNECT; null: they need not */
export function connectReason(pools: readonly DraftMap[]): string | null {
  for (const pool of pools) {
    if (asks(drafted(pool, "stick"), "by") || stickRulesAsk(pool)) return "stick asks";
    if (asks(drafted(pool, "hash"), "key")) return "balance asks";
    const rules = drafted(pool, "rules");
    if (rules !== null && /mqtt[._]/.test(signatureOf(pool))) return "a rule asks";
  }
  return null;
}

function asks(draft: DraftMap | null, key: string): boolean {
  const node = draft?.entries.get(key)?.node;
  return node?.kind === "scalar" && ASKS.test(String(node.value));
}

function stickRulesAsk(pool: DraftMap): boolean {
  const rules = pool.entries.get("stickRules")?.node;
  if (rules?.kind !== "list") return false;
  return rules.items.some((rule) => {
    return (
      rule instanceof DraftMap && (asks(rule, "by") || asks(rule, "if") || asksAcl(pool, rule))
    );
  });
}

// Which acl a condition names is not looked at: one that asks will do.
function asksAcl(pool: DraftMap, rule: DraftMap): boolean {
  const acls = drafted(pool, "acls");
  return rule.has("if") && acls !== null && ASKS.test(signatureOf(acls));
}

export function readsConnect(listener: DraftMap): boolean {
  const protocol = listener.entries.get("protocol")?.node;
  return protocol?.kind === "scalar" && protocol.value === "mqtt";
}

/** HAProxy's timeouts count silence, whatever keep alive a client has told. */
export function countSilenceAlone(pool: DraftMap): void {
  const timeouts = drafted(pool, "timeouts");
  timeouts?.put("followKeepAlive", false, timeouts);
}

function drafted(map: DraftMap, key: string): DraftMap | null {
  const node = map.entries.get(key)?.node;
  return node instanceof DraftMap ? node : null;
}
