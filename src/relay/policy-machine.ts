// What a worker runs the operator's policy with: the views of it, the clock that measures it, and
// the lines that tell of its faults.
//
// Bounded by one line per FAULT_LINE_EVERY_MS; counters have the rest. A hook that never returns
// stops its worker, and is not watched for.

import { assert } from "../assert.ts";
import { ConnectView } from "../policy/connect-view.ts";
import type { Judged } from "../policy/judge.ts";
import type { PolicyProgram } from "../policy/program.ts";
import { COUNTER } from "../shm/counters.ts";
import { ClientView } from "./policy-client.ts";
import { EndView } from "./policy-end.ts";
import type { PolicyRunner } from "./policy-runner.ts";
import type { RelayContext, RelayParts } from "./relay-context.ts";

const FAULT_LINE_EVERY_MS = 1_000;
const UNDECIDED: Judged = { kind: "route", pool: null, server: null, changes: null };

export class PolicyMachine implements PolicyRunner {
  readonly #context: RelayContext;
  /** The time now; the reactor's own stands still during a turn. */
  readonly #clock: () => number;
  readonly #tellProblem: (message: string) => void;
  readonly #connect = new ConnectView();
  readonly #client: ClientView;
  readonly #end: EndView;
  #lineAllowedAtMs = Number.NEGATIVE_INFINITY;
  #unsaidCount = 0;

  constructor(context: RelayContext, parts: Pick<RelayParts, "clock" | "tellProblem">) {
    this.#context = context;
    this.#clock = parts.clock ?? (() => context.io.now);
    this.#tellProblem = parts.tellProblem ?? (() => {});
    this.#client = new ClientView(context);
    this.#end = new EndView(context);
  }

  decide(connection: number): Judged {
    const { inspector, io } = this.#context;
    const { policy } = this.#context.routesOf(connection);
    if (policy === null || !policy.program.decides) return UNDECIDED;
    assert(inspector.level !== 0, "a policy is shown a good CONNECT");
    const { program, names } = policy;
    const connect = this.#connect.open(inspector, io.bytes);
    const client = this.#client.open(connection);
    const startedAtMs = this.#clock();
    const judged = program.decide(connect, client, names, this.#context.poolOf(connection).name);
    this.#count(program, startedAtMs);
    connect.close();
    client.close();
    if (judged.kind === "fault") this.#tellFault("onConnect", judged.problem);
    return judged;
  }

  tellEnd(connection: number): void {
    const { policy } = this.#context.routesOf(connection);
    if (policy === null || !policy.program.hearsOfEnds) return;
    const { program } = policy;
    const end = this.#end.open(connection);
    const startedAtMs = this.#clock();
    const problem = program.tellEnd(end);
    this.#count(program, startedAtMs);
    end.close();
    if (problem !== null) this.#tellFault("onClose", problem);
  }

  #count(program: PolicyProgram, startedAtMs: number): void {
    const { row } = this.#context;
    const tookMs = Math.max(0, this.#clock() - startedAtMs);
    row[COUNTER.policyRuns]! += 1;
    row[COUNTER.policyMilliseconds]! += tookMs;
    if (tookMs > program.budgetMs) row[COUNTER.policyOverBudget]! += 1;
  }

  #tellFault(hook: string, problem: string): void {
    const { io, row } = this.#context;
    row[COUNTER.policyFaults]! += 1;
    if (io.now < this.#lineAllowedAtMs) {
      this.#unsaidCount += 1;
      return;
    }
    this.#lineAllowedAtMs = io.now + FAULT_LINE_EVERY_MS;
    const more = this.#unsaidCount === 0 ? "" : `; ${this.#unsaidCount} more since the last line`;
    this.#unsaidCount = 0;
    this.#tellProblem(`The policy's ${hook} failed: ${problem}${more}`);
  }
}
