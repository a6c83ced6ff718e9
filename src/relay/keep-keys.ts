// Keys that the operator has written as an expression: what a pool's sticky tables or hash know its
// clients by, and which of its rules are about them; asked once a connection, when its CONNECT is
// there.
//
// A client for whom the expression says nothing has no key. Bounded by LENGTH_MAX of the key store.

import type { Evaluator } from "../rules/catalogue-row.ts";
import { HOLDS } from "../rules/compile-condition.ts";
import { keyOf } from "../rules/key.ts";
import { ABSENT } from "../rules/value.ts";
import type { ExpressionKeys } from "./expression-keys.ts";
import { type KeyStore, LENGTH_MAX } from "./key-store.ts";
import type { RelayContext } from "./relay-context.ts";

/** The subject of the worker's rules points at this connection and its CONNECT. */
export function keepExpressionKeys(
  context: RelayContext,
  connection: number,
  keys: ExpressionKeys,
): void {
  const { connections, rules } = context;
  for (let rule = 0; rule < keys.stick.length; rule++) {
    const { condition, key } = keys.stick[rule]!;
    // What cannot be told now does not hold.
    const isAbout = condition === null || condition(rules.subject) === HOLDS;
    if (isAbout) connections.stickRules[connection]! |= 1 << rule;
    else connections.stickRules[connection]! &= ~(1 << rule);
    if (isAbout && key !== null) keep(context, connection, key, connections.stickKeys.of(rule));
  }
  if (keys.hash !== null) keep(context, connection, keys.hash, connections.hashKeys);
}

function keep(
  context: RelayContext,
  connection: number,
  evaluate: Evaluator,
  store: KeyStore,
): void {
  const answer = evaluate(context.rules.subject);
  if (answer === ABSENT || answer.type === "not-yet") return;
  const key = keyOf(answer, "binary");
  if (key === null || key.length === 0) return;
  store.clear(connection);
  store.set(connection, key.bytes, key.offset, Math.min(key.length, LENGTH_MAX));
}
