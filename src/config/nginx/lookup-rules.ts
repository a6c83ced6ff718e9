// The rules that give variables of `map` and its like their values: the last case first, so that
// the first one that is true has the last word.

import { parseExpression } from "../../rules/parse-expression.ts";
import type { RuleSet } from "../../rules/rule.ts";
import { isKnownAt } from "../../rules/stage.ts";
import type { Emission } from "./emission.ts";
import { asText, toExpression } from "./expressions.ts";
import type { LookedUp } from "./looked-up.ts";
import { quote, readLookup, toConditions } from "./lookups.ts";
import type { Scope } from "./model.ts";
import type { WrittenRule } from "./written-rule.ts";

/** @param early the first rules that know a client's address */
export function lookupRules(
  emission: Emission,
  server: Scope,
  early: RuleSet,
): readonly WrittenRule[] {
  const written = new Map<string, readonly WrittenRule[]>();
  for (;;) {
    const next = emission.lookedUp.askedBy(server).find(({ name }) => !written.has(name));
    // What others are looked up by was asked for later, and has to be set before.
    if (next === undefined) return [...written.values()].reverse().flat();
    written.set(next.name, []);
    written.set(next.name, rulesOf(emission, next, { server, early }));
  }
}

function rulesOf(
  emission: Emission,
  { name, kind, given }: LookedUp,
  { server, early }: { readonly server: Scope; readonly early: RuleSet },
): readonly WrittenRule[] {
  const lookup = readLookup(emission, given, kind);
  if (lookup === null) return [];
  const source = toExpression(emission, lookup.source, server);
  if (source === null) return [];
  const sample = kind === "geo" ? source.text : asText(source);
  const set = setOf(source.text, early);
  const action = `set-var(txn.${name})`;
  const cases = [...toConditions(lookup, sample)].reverse();
  const standard = lookup.standard === null ? [] : [{ text: null, value: lookup.standard }];
  return [...standard, ...cases].flatMap(({ text, value }) => {
    const expression = toExpression(emission, value, server);
    if (expression === null) return [];
    const condition = text === null ? "" : ` if ${text}`;
    const written = `${action} ${quoteCall(expression.text)}${condition}`;
    return [{ set, text: written, at: value.at, directive: given.name }];
  });
}

/** Quotes stay inside of calls, where they are part of an argument. */
function quoteCall(text: string): string {
  return text.includes(" ") ? quote(text) : text;
}

/** As early as it is known what is looked up. */
function setOf(expression: string, early: RuleSet): RuleSet {
  const stage = parseExpression(expression).plan?.stage ?? "connect";
  if (expression.startsWith("var(")) return "content";
  if (isKnownAt(stage, "accept")) return early;
  return isKnownAt(stage, "tls") ? "session" : "content";
}
