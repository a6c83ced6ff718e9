import { expect, test } from "vitest";
import { documentSchema } from "./schema.ts";

function parse(pool: object) {
  const pools = { p: { ...pool, servers: ["10.0.0.1:1"] } };
  return documentSchema.safeParse({ listeners: {}, pools });
}

const poolOf = (pool: object) => parse(pool).data?.pools["p"];

test("nobody waits for a place unless there is a queue, which time alone bounds", () => {
  expect(poolOf({})?.queue).toBeUndefined();
  const queue = { timeout: 5_000, length: 0, perServer: 0, sticky: "next" };
  expect(poolOf({ queue: {} })?.queue).toEqual(queue);
});

test("attempts and silence end by themselves, silence only where it may", () => {
  const pool = poolOf({ timeouts: { idle: "never" } });
  expect(pool?.dial).toEqual({ timeout: 5_000, retries: 1, redispatches: 3 });
  expect(pool?.timeouts).toMatchObject({ followKeepAlive: true, finish: 10_000 });
  expect(pool?.timeouts.idle).toBe(poolOf({ timeouts: { finish: "never" } })?.timeouts.finish);
});

test.each([
  { queue: { timeout: "never" } },
  { queue: { timeout: "50ms" } },
  { queue: { sticky: "wait-for-ever" } },
  { fullAt: 0 },
  { dial: { timeout: "6m" } },
  { dial: { retries: -1 } },
  { timeouts: { idle: "500ms" } },
  { timeouts: { finish: 0 } },
])("what is out of bounds is refused: %j", (pool) => {
  expect(parse(pool).success).toBe(false);
});
