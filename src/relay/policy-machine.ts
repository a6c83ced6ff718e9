// What a worker runs the operator's policy with: the views of it, the clock that measures it, and
// the lines that tell of its faults and of calls that took too long.
//
// Bounded by one line of each kind per LINE_EVERY_MS; counters have the rest. A hook that never
// returns stops its worker, and is not watched for.

import { assert } from "../assert.ts";
import { decodeText } from "../bytes/utf8.ts";
import { ConnectView } from "../policy/connect-view.ts";
import type { Judged } from "../policy/judge.ts";
import type { PolicyProgram } from "../policy/program.ts";
import { COUNTER } from "../shm/counters.ts";
import { CALL_BOUNDS_MS, countValue } from "../shm/histogram.ts";
import { ClientView } from "./policy-client.ts";
import { EndView } from "./policy-end.ts";
import type { PolicyRunner } from "./policy-runner.ts";
import type { RelayContext, RelayParts } from "./relay-context.ts";

const LINE_EVERY_MS = 1_000;
/** Bytes of a client id in a line. */
const CLIENT_ID_SHOWN_MAX = 64;
const UNDECIDED: Judged = { kind: "route", pool: null, server: null, changes: null };

export class PolicyMachine implements PolicyRunner {
  readonly #context: RelayContext;
  /** The time now; the reactor's own stands still during a turn. */
  readonly #clock: () => number;
  readonly #faultLines: ScarceLines;
  readonly #slowLines: ScarceLines;
  readonly #connect = new ConnectView();
  readonly #client: ClientView;
  readonly #end: EndView;

  constructor(context: RelayContext, parts: Pick<RelayParts, "clock" | "tellProblem">) {
    this.#context = context;
    this.#clock = parts.clock ?? (() => context.io.now);
    const tell = parts.tellProblem ?? (() => {});
    this.#faultLines = new ScarceLines(tell);
    this.#slowLines = new ScarceLines(tell);
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
    this.#count("onConnect", program, startedAtMs);
    connect.close();
    client.close();
    if (judged.kind === "fault") this.#tellFault("onConnect", this.#refused(judged.problem));
    return judged;
  }

  tellEnd(connection: number): void {
    const { policy } = this.#context.routesOf(connection);
    if (policy === null || !policy.program.hearsOfEnds) return;
    const { program } = policy;
    const end = this.#end.open(connection);
    const startedAtMs = this.#clock();
    const problem = program.tellEnd(end);
    this.#count("onClose", program, startedAtMs);
    end.close();
    if (problem !== null) this.#tellFault("onClose", problem);
  }

  #count(hook: string, { budgetMs }: PolicyProgram, startedAtMs: number): void {
    const { io, row } = this.#context;
    const tookMs = Math.max(0, this.#clock() - startedAtMs);
    countValue(row, COUNTER.policyTimes, CALL_BOUNDS_MS, tookMs);
    if (tookMs <= budgetMs) return;
    row[COUNTER.policyOverBudget]! += 1;
    const took = `The policy's ${hook} took ${tookMs.toFixed(1)} ms`;
    this.#slowLines.say(io.now, `${took}; its budget is ${budgetMs} ms`);
  }

  #refused(problem: string): string {
    const { inspector, io } = this.#context;
    const length = Math.min(inspector.clientIdLength, CLIENT_ID_SHOWN_MAX);
    const clientId = decodeText(io.bytes, inspector.clientIdOffset, length);
    return `${problem}; client ${JSON.stringify(clientId)} is refused`;
  }

  #tellFault(hook: string, problem: string): void {
    const { io, row } = this.#context;
    row[COUNTER.policyFaults]! += 1;
    this.#faultLines.say(io.now, `The policy's ${hook} failed: ${problem}`);
  }
}

/** Says one sentence a second; the next one says how many were left out. */
class ScarceLines {
  readonly #tell: (sentence: string) => void;
  #allowedAtMs = Number.NEGATIVE_INFINITY;
  #unsaidCount = 0;

  constructor(tell: (sentence: string) => void) {
    this.#tell = tell;
  }

  say(nowMs: number, sentence: string): void {
    if (nowMs < this.#allowedAtMs) {
      this.#unsaidCount += 1;
      return;
    }
    this.#allowedAtMs = nowMs + LINE_EVERY_MS;
    const more = this.#unsaidCount === 0 ? "" : `; ${this.#unsaidCount} more since the last line`;
    this.#unsaidCount = 0;
    this.#tell(`${sentence}${more}`);
  }
}
