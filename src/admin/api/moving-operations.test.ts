import { expect, it } from "vitest";
import type { Actions } from "../actions.ts";
import type { ApiParts } from "./api-parts.ts";
import { movingOperations } from "./moving-operations.ts";
import * as schemas from "./schemas.ts";

const STATUS = { state: "running", moved: 3, active: 4, target: 0, kind: "drain" };

function partsWith(actions: Partial<Record<keyof Actions, unknown>>): ApiParts {
  const settings = { pools: [{ name: "brokers", servers: [0] }], servers: [{ name: "b1" }] };
  const supervisor = { roster: { settings, pools: [0] }, settings };
  return { supervisor, actions, cluster: null } as unknown as ApiParts;
}

const CALL = {
  params: { pool: "brokers", server: "b1" },
  query: undefined,
  body: undefined,
  principal: { name: "ops", role: "operator" },
  from: "127.0.0.1",
} as const;

it("empties a server, and stops, in the name of who asks", () => {
  const calls: unknown[] = [];
  const note = (name: string) => (actor: unknown, server: number) => {
    calls.push([name, actor, server]);
    return STATUS;
  };
  const parts = partsWith({ emptyServer: note("empty"), stopEmptying: note("stop") });
  const answers = movingOperations(parts).map(({ run }) => run(CALL));
  const actor = { by: "ops", from: "127.0.0.1" };
  expect(calls).toEqual([
    ["empty", actor, 0],
    ["stop", actor, 0],
  ]);
  for (const answer of answers) {
    expect(schemas.evictions.parse(answer)).toEqual({
      state: "running",
      moved: 3,
      active: 4,
      target: 0,
    });
  }
});

it("says so of a server that nobody was ever sent away from", () => {
  const [, stop] = movingOperations(partsWith({ stopEmptying: () => null }));
  expect(stop!.run(CALL)).toMatchObject({ state: "never", moved: 0 });
});
