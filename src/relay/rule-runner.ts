// What stages ask for when rules are to be run; rule-machine.ts is one.
//
// Types only, so that the context of the stages need not know how rules see a connection.

import type { RuleOutcome } from "../rules/rule-outcome.ts";
import type { Subject } from "../rules/subject.ts";
import type { RateMeter } from "./rate-meter.ts";

/** A subject that is pointed at one connection after the other. */
export interface PointedSubject extends Subject {
  /** From here on everything is asked about this connection; its payload is empty. */
  point(connection: number): this;
  payload: Subject["payload"];
  payloadAt: number;
  payloadLength: number;
  connect: Subject["connect"];
}

export interface RuleRunner {
  readonly subject: PointedSubject;
  readonly outcome: RuleOutcome;
  /** New connections a second, by number. */
  readonly rates: { readonly listeners: RateMeter; readonly pools: RateMeter };
  /** The connection has ended: its keys are let go, with what it has moved. */
  release(connection: number): void;
}
