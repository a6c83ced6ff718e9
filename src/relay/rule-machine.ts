// What a worker runs rules with: one subject, one outcome, the keys that its connections track.
//
// Made once; pointed at one connection after the other. Gives back what a connection tracked when
// it has ended.

import { counterNumber } from "../rules/counter-fields.ts";
import { RuleOutcome } from "../rules/rule-outcome.ts";
import { SLOTS_MAX, TrackedSlots } from "../rules/tracked-slots.ts";
import { clientSlot, serverSlot } from "./connections.ts";
import { LivePoolFacts } from "./pool-facts.ts";
import type { RelayContext } from "./relay-context.ts";
import type { RuleRunner } from "./rule-runner.ts";
import { RuleSubject } from "./rule-subject.ts";

const BYTES_IN = counterNumber("bytes_in_cnt");
const BYTES_OUT = counterNumber("bytes_out_cnt");

export class RuleMachine implements RuleRunner {
  readonly subject: RuleSubject;
  readonly outcome = new RuleOutcome();
  readonly rates: LivePoolFacts;
  readonly #context: RelayContext;
  readonly #tracked: TrackedSlots;

  constructor(context: RelayContext, tracked: SharedArrayBuffer, workerCount: number) {
    this.#context = context;
    this.#tracked = new TrackedSlots(tracked);
    this.rates = new LivePoolFacts(context, workerCount);
    this.subject = new RuleSubject(context, this.#tracked, this.rates);
  }

  /** The connection has ended: its keys are let go, with what it has moved. */
  release(connection: number): void {
    this.subject.forget(connection);
    const { connections, helloNames, io, refusalReferences, refusalTexts } = this.#context;
    refusalTexts.delete(connection);
    refusalReferences.delete(connection);
    helloNames.delete(connection);
    const tracked = this.#tracked.point(connection);
    for (let slot = 0; slot < SLOTS_MAX; slot++) {
      const handle = tracked.handleOf(slot);
      if (handle === 0) continue;
      const table = this.#context.counterTables[tracked.tableOf(slot)]!;
      table.addTracked(handle, BYTES_IN, connections.bytes[clientSlot(connection)]!, io.now);
      table.addTracked(handle, BYTES_OUT, connections.bytes[serverSlot(connection)]!, io.now);
      table.release(handle, io.now);
      tracked.clear(slot);
    }
  }
}
