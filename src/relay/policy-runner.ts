// What stages ask for when the operator's policy is to be run; policy-machine.ts is one.
//
// Types only, so that the context of the stages need not know how a policy sees a connection.

import type { Judged } from "../policy/judge.ts";

export interface PolicyRunner {
  /** The inspector has just been over the connection's CONNECT. */
  decide(connection: number): Judged;
  /** The connection has ended; its row is still its own. */
  tellEnd(connection: number): void;
}
