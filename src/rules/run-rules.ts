// Runs a list of compiled rules over one connection, in order, until one ends it or more bytes are
// needed. What rules decided is in a RuleOutcome; nothing is done to the connection here.
//
// A list that waited goes on where it stopped: no rule runs twice, so nothing is counted twice.
// Bounded by the list. Pure.

import { FAILS, UNDECIDED } from "./compile-condition.ts";
import type { CompiledRule } from "./compiled-rule.ts";
import { counterNumber } from "./counter-fields.ts";
import type { RuleOutcome } from "./rule-outcome.ts";
import type { Subject } from "./subject.ts";
import { TRACKED_MAX } from "./tracked-slots.ts";

/**
 * @param outcome of this connection; `resetList` it before the first run of each list
 * @returns `outcome.verdict`: `wait` wants another call, when more has come or
 *   `payloadMayGrow` has become false; then every list ends
 */
export function runRules(
  rules: readonly CompiledRule[],
  subject: Subject,
  outcome: RuleOutcome,
): RuleOutcome["verdict"] {
  while (outcome.rule < rules.length) {
    const rule = rules[outcome.rule]!;
    const holding = rule.condition(subject);
    if (holding === UNDECIDED && subject.payloadMayGrow) return outcome.end("wait");
    // Without further bytes, what cannot be told does not hold.
    const ended = holding === FAILS || holding === UNDECIDED ? "" : rule.act(subject, outcome);
    if (ended !== "") return outcome.end(ended);
    outcome.rule++;
  }
  return outcome.end("continue");
}

const SESSIONS = counterNumber("sess_cnt");

/** Counts an accepted connection for each key it tracks: after its `connection` rules let it in. */
export function countSession({ tracked, tables, nowMs }: Subject): void {
  for (let slot = 0; slot < TRACKED_MAX; slot++) {
    const handle = tracked.handleOf(slot);
    if (handle > 0) tables[tracked.tableOf(slot)]?.addTracked(handle, SESSIONS, 1, nowMs);
  }
}
