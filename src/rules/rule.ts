// Rules as plain data: an action, when it is looked at, and the condition under which it is taken.
// What a reader of a configuration makes, what travels in the plan. Types and tables; pure.

import type { ConditionPlan, ExpressionPlan } from "./plan-types.ts";
import type { RuleStage } from "./stage.ts";

/**
 * When a list of rules runs. `connection`: a client was accepted, before its PROXY header and TLS.
 * `session`: its addresses and its TLS session are there. `content`: its CONNECT is, or bytes of
 * it. `pool`: content rules are through, which pool. `server`: which server of the pool.
 */
export const RULE_SETS = ["connection", "session", "content", "pool", "server"] as const;
export type RuleSet = (typeof RULE_SETS)[number];

/** What is known when a list runs. */
export const KNOWN_AT: Readonly<Record<RuleSet, RuleStage>> = {
  connection: "accept",
  session: "tls",
  content: "connect",
  pool: "connect",
  server: "connect",
};

export interface RulePlan {
  readonly set: RuleSet;
  readonly action: ActionPlan;
  /** null: always. */
  readonly condition: ConditionPlan | null;
  /** As written, for logs and pages. */
  readonly text: string;
}

export type ActionPlan =
  | { readonly kind: "accept" }
  | {
      readonly kind: "reject";
      /** MQTT 5.0 reason code of the CONNACK that refuses; 0: a bare close. */
      readonly reasonCode: number;
      /** Reason String of that CONNACK; null: none. */
      readonly reason: string | null;
      /** Server Reference of that CONNACK, with codes 0x9c and 0x9d only; null: none. */
      readonly reference: string | null;
    }
  /** Forgets the connection without telling the client. */
  | { readonly kind: "drop" }
  | {
      readonly kind: "track";
      readonly slot: number;
      readonly key: ExpressionPlan;
      /** null: the table of the listener or pool. */
      readonly table: string | null;
    }
  | LimitAction
  | { readonly kind: "set-variable"; readonly name: string; readonly value: ExpressionPlan }
  | { readonly kind: "unset-variable"; readonly name: string }
  | { readonly kind: "count"; readonly slot: number; readonly counter: "gpc0" | "gpc1" }
  | { readonly kind: "tag"; readonly slot: number; readonly value: ExpressionPlan }
  | { readonly kind: "set-source"; readonly address: ExpressionPlan }
  | { readonly kind: "set-source-port"; readonly port: ExpressionPlan }
  /** The name of the pool may be computed: `tenant-%[mqtt.user_name]`. */
  | { readonly kind: "use-pool"; readonly pool: ExpressionPlan }
  | { readonly kind: "use-server"; readonly server: string }
  | {
      readonly kind: "set-field";
      readonly field: ConnectFieldName;
      readonly value: ExpressionPlan;
    };

/** Tracks a key and refuses whoever has more than it may. Limits by key are made of it alone. */
export interface LimitAction {
  readonly kind: "limit";
  readonly slot: number;
  readonly key: ExpressionPlan;
  readonly table: string;
  /** Connections at once; null: no limit. */
  readonly connections: number | null;
  /** New connections over the period of the table's `conn_rate`; null: no limit. */
  readonly connects: number | null;
  /** Of what a client has too many, to be read after "connections". */
  readonly whose: string;
}

/** The fields of a CONNECT that rules may write. */
const CONNECT_FIELD_NAMES = ["client-id", "user-name", "password"] as const;
export type ConnectFieldName = (typeof CONNECT_FIELD_NAMES)[number];
