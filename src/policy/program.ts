// A policy that runs: the hooks of one version of the operator's module, called and guarded.
//
// Whatever a hook throws or answers comes back as a value. A hook that never returns is not
// stopped: nothing in a thread can stop code of its own.

import { type Evaluated, evaluate, type ModuleText } from "./evaluate.ts";
import { type Judged, judge, type PolicyNames } from "./judge.ts";
import type { EndedConnection, PolicyClient, PolicyConnect } from "./policy.ts";

const SENTENCE_LENGTH_MAX = 500;

export class PolicyProgram {
  readonly #hooks: Evaluated["hooks"];

  constructor(hooks: Evaluated["hooks"]) {
    this.#hooks = hooks;
  }

  get budgetMs(): number {
    return this.#hooks.hookBudgetMs;
  }

  get decides(): boolean {
    return this.#hooks.onConnect !== undefined;
  }

  get hearsOfEnds(): boolean {
    return this.#hooks.onClose !== undefined;
  }

  /** @param ownPool the name of the pool that the client would go to */
  decide(
    connect: PolicyConnect,
    client: PolicyClient,
    names: PolicyNames,
    ownPool: string,
  ): Judged {
    try {
      return judge(this.#hooks.onConnect?.(connect, client), names, ownPool);
    } catch (error) {
      return { kind: "fault", problem: explain(error) };
    }
  }

  /** @returns what went wrong; null: nothing */
  tellEnd(connection: EndedConnection): string | null {
    try {
      this.#hooks.onClose?.(connection);
      return null;
    } catch (error) {
      return explain(error);
    }
  }
}

/**
 * Never throws: the control plane has run the same text, so a module that fails here depends on
 * where it runs. Then every client is refused, and told about, rather than let in unseen.
 */
export function openProgram(text: ModuleText): PolicyProgram {
  try {
    return new PolicyProgram(evaluate(text).hooks);
  } catch (error) {
    const problem = `the module failed: ${explain(error)}`;
    const onConnect = (): never => {
      throw new Error(problem);
    };
    return new PolicyProgram({ onConnect, hookBudgetMs: 1 });
  }
}

/** Anything can be thrown, and a message can be as long as it likes. */
function explain(error: unknown): string {
  const text = error instanceof Error ? `it threw ${error.name}: ${error.message}` : "it threw";
  return text.length <= SENTENCE_LENGTH_MAX ? text : `${text.slice(0, SENTENCE_LENGTH_MAX)}…`;
}
