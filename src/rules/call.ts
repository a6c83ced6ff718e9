// A fetch or a converter while it is compiled: its arguments read as what they are, names resolved.
//
// The parser has checked the arguments, so what is wrong here is a name that nobody resolved. Pure.

import { toByteText } from "./byte-text.ts";
import type { RuleNames, TableNames } from "./names.ts";
import type { CallPlan, MapEntry } from "./plan-types.ts";
import type { Subject } from "./subject.ts";
import { cast, type Value } from "./value.ts";

export class Call {
  readonly plan: CallPlan;
  readonly names: RuleNames;

  constructor(plan: CallPlan, names: RuleNames) {
    this.plan = plan;
    this.names = names;
  }

  has(index: number): boolean {
    return (this.plan.args[index] ?? null) !== null;
  }

  /** @returns a byte text; "" when it was left out */
  text(index: number): string {
    return toByteText(this.plan.args[index] ?? "");
  }

  integer(index: number, otherwise: number): number {
    const text = this.plan.args[index] ?? null;
    return text === null || text === "" ? otherwise : Number(text);
  }

  /** The rows of the list that an argument names. */
  entries(): readonly MapEntry[] {
    return this.plan.entries ?? [];
  }

  /** @throws RangeError when no such table is there */
  table(index: number): TableNames {
    const name = this.plan.args[index] ?? this.names.ownTable;
    const table = name === null ? undefined : this.names.tables.get(name);
    if (table !== undefined) return table;
    if (name !== null) throw new RangeError(`Cannot use "${this.plan.name}": no table "${name}"`);
    throw new RangeError(`Cannot use "${this.plan.name}": name a table, there is none here`);
  }

  /** @throws RangeError when no such pool is there */
  pool(index: number): number {
    return this.resolve(this.names.pools, this.plan.args[index] ?? this.names.ownPool, "pool");
  }

  /** @throws RangeError when no such server is there */
  server(index: number): number {
    const name = this.plan.args[index] ?? "";
    const full = name.includes("/") ? name : `${this.names.ownPool ?? ""}/${name}`;
    return this.resolve(this.names.servers, full, "server");
  }

  /** @returns -1 for the listener of the connection. @throws RangeError for an unknown one */
  listener(index: number): number {
    const name = this.plan.args[index] ?? null;
    return name === null ? -1 : this.resolve(this.names.listeners, name, "listener");
  }

  /** A number written out, or the variable that holds it; null when it holds none. */
  number(index: number): (subject: Subject) => bigint | null {
    const text = this.plan.args[index] ?? "0";
    if (/^[+-]?\d/.test(text)) {
      const constant = BigInt(text.replace("+", ""));
      return () => constant;
    }
    return (subject) => {
      const value = variableOf(subject, text);
      const integer = value === null ? null : cast(value, "integer");
      return integer?.type === "integer" ? integer.integer : null;
    };
  }

  private resolve(known: ReadonlyMap<string, number>, name: string | null, kind: string): number {
    const number = name === null ? undefined : known.get(name);
    if (number !== undefined) return number;
    throw new RangeError(`Cannot use "${this.plan.name}": no ${kind} "${name ?? ""}"`);
  }
}

/** @param name with its scope: `proc.` is the worker's, everything else the connection's */
export function variableOf(subject: Subject, name: string): Value | null {
  return variablesFor(subject, name).get(name);
}

export function variablesFor(subject: Subject, name: string): Subject["variables"] {
  return name.startsWith("proc.") ? subject.processVariables : subject.variables;
}
