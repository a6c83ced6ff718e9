// Rules about clients that move: a rate has something to count, and somebody to hold back.

import { nodeAt } from "./raw-document.ts";
import type { Rule } from "./rule.ts";

export const admissionHasRate: Rule = ({ document, written, report }) => {
  for (const [name, { admission }] of Object.entries(document.pools)) {
    const path = ["pools", name, "admission"];
    // A rate that was written and is not there was a mistake of its own.
    const isWritten = ["rate", "perServer"].some((key) => nodeAt(written, [...path, key]));
    if (admission === undefined || isWritten) continue;
    const message = `pools.${name}.admission has no rate`;
    report({ path, message, expected: "rate, perServer or both, such as { rate: 200/s }" });
  }
};

export const movedServersHaveNames: Rule = ({ document, report }) => {
  for (const [name, { drain, servers }] of Object.entries(document.pools)) {
    if (drain.reason !== "server-moved") continue;
    if (servers.some(({ publicName }) => publicName !== undefined)) continue;
    const message = `pools.${name} says that a server has moved, but none has a name to move to`;
    const path = ["pools", name, "drain", "reason"];
    report({ path, message, expected: "publicName of servers", severity: "warning" });
  }
};

export const handshakesNeedTls: Rule = ({ document, report }) => {
  for (const [name, { handshakes, tls }] of Object.entries(document.listeners)) {
    if (handshakes === undefined || tls !== undefined) continue;
    const message = `listeners.${name}.handshakes has no effect without tls`;
    const path = ["listeners", name, "handshakes"];
    report({ path, message, expected: null, severity: "warning" });
  }
};

export const tlsAcceptsNeedTls: Rule = ({ document, report }) => {
  if (document.limits.tlsAccepts === undefined) return;
  if (Object.values(document.listeners).some(({ tls }) => tls !== undefined)) return;
  const message = "limits.tlsAccepts has no effect: no listener has tls";
  report({ path: ["limits", "tlsAccepts"], message, expected: null, severity: "warning" });
};

export const rebalancedPoolsMoveClients: Rule = ({ document, isGiven, report }) => {
  for (const [name, { balance, rebalance }] of Object.entries(document.pools)) {
    const path = ["pools", name, "rebalance", "mode"];
    if (!isGiven(path) || rebalance.mode === "off" || !/hash$|^first$/.test(balance)) continue;
    const how = balance === "first" ? "fills its first server" : "chooses by a hash";
    const message = `pools.${name} ${how}, so its clients would come back`;
    report({ path, message, expected: "off, or another balance", severity: "warning" });
  }
};
