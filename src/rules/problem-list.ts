// Collects what parsers have to say, each at its place. Pure.

import type { Parsed, Problem } from "./problem.ts";

export class ProblemList {
  readonly problems: Problem[] = [];

  error(at: number, length: number, message: string): void {
    this.problems.push({ severity: "error", at, length: Math.max(1, length), message });
  }

  notice(at: number, length: number, message: string): void {
    this.problems.push({ severity: "notice", at, length: Math.max(1, length), message });
  }

  addAll(problems: readonly Problem[]): void {
    this.problems.push(...problems);
  }

  get hasErrors(): boolean {
    return this.problems.some(({ severity }) => severity === "error");
  }

  /** @returns the plan, unless there are errors */
  finish<Plan>(plan: Plan | null): Parsed<Plan> {
    return { plan: this.hasErrors ? null : plan, problems: this.problems };
  }
}
