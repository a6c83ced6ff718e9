// Texts with variables as the expressions and templates of rules/: `$mqtt_preread_clientid` is
// `mqtt.client_id`, and `$tenant/$remote_addr` is `%[var(txn.tenant)]/%[src]` where rules write
// fields. What `map` and its like look up is kept in a variable of rules/ of the same name.

import { parseExpression } from "../../rules/parse-expression.ts";
import type { ValueType } from "../../rules/value.ts";
import type { Word } from "../import/word.ts";
import type { Emission } from "./emission.ts";
import type { Scope } from "./model.ts";
import { type Expanded, Variables } from "./variables.ts";

export interface Expression {
  /** As rules write it. */
  readonly text: string;
  readonly type: ValueType;
  /** nginx's name of the variable; null for a constant. */
  readonly variable: string | null;
}

/** A name in a certificate as RFC 2253 writes it; with slashes where rules know no other way. */
const RFC2253 = "(,0,rfc2253)";
const KNOWS_RFC2253 = parseExpression(`ssl_c_s_dn${RFC2253}`).plan !== null;

/**
 * One value: a variable alone, or a constant.
 * @returns null after errors were reported
 */
export function toExpression(emission: Emission, word: Word, server: Scope): Expression | null {
  const parts = expand(emission, word, server);
  if (parts === null) return null;
  const [first, second] = parts;
  if (second !== undefined && parts.some(({ kind }) => kind === "value")) {
    const message = `"${word.text}" cannot be honoured here: it joins several values`;
    emission.report.error(word, message, "one variable");
    return null;
  }
  if (first?.kind === "value") return expressionOf(emission, first, word, server);
  const text = parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
  return { text: `str('${text.replaceAll("'", "")}')`, type: "text", variable: null };
}

/** The same as a text, for comparisons and hashes: nginx knows nothing else. */
export function asText({ text, type, variable }: Expression): string {
  const isText = type === "text" || variable === "binary_remote_addr" || variable === null;
  return isText || type === "any" ? text : `${text},lower`;
}

/**
 * A text that rules put together.
 * @returns null after errors were reported
 */
export function toTemplate(emission: Emission, word: Word, server: Scope): string | null {
  const parts = expand(emission, word, server);
  if (parts === null) return null;
  let template = "";
  for (const part of parts) {
    if (part.kind === "text") template += part.text.replaceAll("%", "%%");
    else template += `%[${expressionOf(emission, part, word, server).text}]`;
  }
  return template;
}

/** @returns the parts of a text, those of `set` replaced; null after errors were reported */
export function expand(
  { model, report }: Emission,
  word: Word,
  server: Scope,
): readonly Expanded[] | null {
  return new Variables(model, report).expand(word, server);
}

function expressionOf(
  { report, lookedUp }: Emission,
  { name, definition }: Expanded & { readonly kind: "value" },
  word: Word,
  server: Scope,
): Expression {
  if (definition.kind !== "expression") {
    lookedUp.ask(server, { name, kind: definition.kind, given: definition.given });
    return { text: `var(txn.${name})`, type: "any", variable: name };
  }
  const { text } = definition;
  const known = KNOWS_RFC2253 ? text : text.replace(RFC2253, "");
  if (known !== text) {
    const message = `"$${name}" is written /C=FR/CN=a here, where nginx writes CN=a,C=FR`;
    report.notice(word, message);
  }
  return { text: known, type: parseExpression(known).plan?.type ?? "text", variable: name };
}
