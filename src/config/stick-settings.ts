// How pools know returning clients, checked and resolved. Types only.

import type { ClientKey } from "../rules/client-key.ts";
import type { ConditionPlan, ExpressionPlan } from "../rules/plan-types.ts";

/** One way in which a pool knows its clients again. */
export interface StickSettings {
  readonly by: ClientKey["kind"];
  /** What clients are known by where `by` is `expression`; else null. */
  readonly expression: ExpressionPlan | null;
  /** Whom it is about; null: every client. */
  readonly condition: ConditionPlan | null;
  /** Whether clients are looked up by it. */
  readonly matches: boolean;
  /** Whether clients are remembered by it. */
  readonly stores: boolean;
  /** Index into `Settings.stickTables`. */
  readonly table: number;
}

export interface StickTableSettings {
  /** Its own, or that of the pool which has it to itself. */
  readonly name: string;
  /** It has a name of its own, by which any pool may use it. */
  readonly isShared: boolean;
  /** Entries of the table; the oldest makes room for a new one. */
  readonly sizeMax: number;
  /** How long an entry lives after it was last used; with `followsSession`, at most. */
  readonly expireMs: number;
  /** An entry lives as long as its client is connected and its session can live after that. */
  readonly followsSession: boolean;
}
