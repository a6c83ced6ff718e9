import { expect, it } from "vitest";
import { ask, makeSubject, NO_NAMES, QUIET_POOLS } from "../../../tests/fixtures/rule-subject.ts";
import { POOL_FETCHES } from "./pools.ts";

const names = {
  ...NO_NAMES,
  pools: new Map([
    ["blue", 0],
    ["red", 1],
  ]),
  ownPool: "red",
  servers: new Map([["blue/a", 3]]),
  listeners: new Map([["other", 9]]),
};
const pools = {
  ...QUIET_POOLS,
  poolQueue: () => 5,
  listenerConnections: (listener: number) => listener,
};

it.each([
  ["nbsrv(blue)", 2n],
  ["nbsrv", 0n],
  ["connslots(blue)", -1n],
  ["be_conn(blue)", 0n],
  ["be_conn_free(blue)", -1n],
  ["be_sess_rate(blue)", 0n],
  ["queue(blue)", 5n],
  ["avg_queue(blue)", 3n],
  ["avg_queue(red)", 10n],
  ["srv_conn(blue/a)", 30n],
  ["srv_queue(blue/a)", 0n],
  ["srv_weight(blue/a)", 1n],
  ["srv_is_up(blue/a)", false],
  ["fe_conn", 4n],
  ["fe_conn(other)", 9n],
  ["fe_sess_rate", 1n],
])("%s", (text, answer) => {
  expect(ask(text, makeSubject({ pools, listener: 4 }), { names })).toBe(answer);
});

it("POOL_FETCHES are known from the start", () => {
  expect(POOL_FETCHES.every(({ stage }) => stage === "accept")).toBe(true);
});
