// What a client is known by, in sticky tables and for hashes: a name, or else an expression.
//
// Types, one table and one bound; relay/ finds the key of a connection, config/ reads what is said.

import type { ExpressionPlan } from "./plan-types.ts";

/** What needs no expression. */
export const CLIENT_KEY_NAMES = [
  "client-id",
  "source",
  "user-name",
  "certificate-name",
  "certificate-subject",
] as const;

export type ClientKeyName = (typeof CLIENT_KEY_NAMES)[number];

export function isClientKeyName(text: string): text is ClientKeyName {
  return CLIENT_KEY_NAMES.some((name) => name === text);
}

/** A key, with what gives it where it is no name: the result of the expression, as bytes. */
export type ClientKey =
  | { readonly kind: ClientKeyName }
  | { readonly kind: "expression"; readonly expression: ExpressionPlan };

/** The ways in which one pool may know its clients again: as many as a byte has bits for. */
export const STICK_RULES_MAX = 8;
