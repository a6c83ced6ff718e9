import { expect, it } from "vitest";
import { Scene } from "../../tests/relay/relay-scene.ts";
import { IS_DUE, PAYS } from "./paced-clients.ts";

it("PacedClients counts who holds, and gives back what waited", () => {
  const { context } = new Scene();
  const { io, paced } = context;
  expect(paced.holds(1)).toBe(false);
  paced.begin(1);
  paced.queues.append(1, 0, 100);
  paced.paid[1] = 10;
  paced.flags[1]! |= IS_DUE | PAYS;
  expect([paced.count, paced.holds(1), paced.isDue(1), paced.isPaying(1)]).toEqual([
    1,
    true,
    true,
    true,
  ]);
  paced.end(1);
  paced.end(1);
  expect([paced.count, paced.holds(1), paced.isDue(1), paced.isPaying(1)]).toEqual([
    0,
    false,
    false,
    false,
  ]);
  expect([paced.paid[1], io.pool.used]).toEqual([0, 0]);
});
