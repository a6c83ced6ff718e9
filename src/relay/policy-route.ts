// The policy of a plan, opened for a worker: its program, and the plan's names as numbers.
//
// A plan that brings the same version takes over the program that runs, so that what the module
// remembers lives until the operator loads it again.

import { assert } from "../assert.ts";
import type { PolicyNames } from "../policy/judge.ts";
import { openProgram, type PolicyProgram } from "../policy/program.ts";
import type { Plan } from "../shm/plan.ts";

export interface PolicyRoute {
  readonly program: PolicyProgram;
  readonly version: string;
  readonly names: PolicyNames;
}

/** @param previous that of the plan before; null: there was none */
export function openPolicyRoute(plan: Plan, previous: PolicyRoute | null): PolicyRoute | null {
  const { policy } = plan;
  if (policy === null || policy === undefined) return null;
  assert(policy.version !== "", "a policy is told from the one before it");
  const isKnown = previous !== null && previous.version === policy.version;
  const program = isKnown ? previous.program : openProgram(policy);
  return { program, version: policy.version, names: namesOf(plan) };
}

function namesOf({ pools, servers }: Plan): PolicyNames {
  const places = pools.flatMap(({ name, servers: numbers }, pool) =>
    numbers.map((server) => [`${name}/${servers[server]!.name}`, { pool, server }] as const),
  );
  return { pools: new Map(pools.map(({ name }, pool) => [name, pool])), servers: new Map(places) };
}
