// Of the plan: how pools know returning clients, and the tables that say where those were.
//
// Plain data, as all of plan.ts. Types only; the tables themselves are in stick/.

import type { ClientKey } from "../rules/client-key.ts";
import type { ConditionPlan, ExpressionPlan } from "../rules/plan-types.ts";

/** One way in which a pool knows its clients again. */
export interface StickPlan {
  readonly by: ClientKey["kind"];
  /** What gives the key where `by` is `expression`; else null, or left out. */
  readonly expression?: ExpressionPlan | null;
  /** Whom it is about; null, or left out: every client. */
  readonly condition?: ConditionPlan | null;
  /** Whether it asks the table; left out: it does. */
  readonly matches?: boolean;
  /** Whether it has the table remember the client; left out: it does. */
  readonly stores?: boolean;
  /** Entries live as long as their client is connected and its session can live after that. */
  readonly followsSession?: boolean;
  /** Index into `Plan.stickTables`. */
  readonly table: number;
  /** Other pools may have stored there: a server of theirs means ours of its name, or its id. */
  readonly isShared?: boolean;
}

/** The memory of a table (`StickTableBuffers` of stick/stick-table.ts). */
export interface StickTablePlan {
  readonly settings: {
    readonly entriesMax: number;
    readonly expirySeconds: number;
    readonly seed: number;
  };
  readonly memory: SharedArrayBuffer;
}

/** A table that rules name. */
export interface NamedStickTablePlan extends StickTablePlan {
  /** Its own, or that of the pool which has it to itself. */
  readonly name: string;
  /** What its clients are known by, in words. */
  readonly keys: readonly string[];
  readonly followsSession: boolean;
}
