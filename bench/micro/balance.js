// What one choice of a server costs, by algorithm and size of the pool, with 100,000 connections
// open: npm run build && node bench/micro/balance.js

import { BALANCE_ROWS, makeChoice } from "../../dist/balance/balance.js";
import { createBalanceMemory, openBalancers } from "../../dist/balance/balancers.js";
import { serverIdentity } from "../../dist/balance/server-identity.js";
import { Random32 } from "../../dist/bytes/random32.js";
import { createSharedState, openSharedState } from "../../dist/shm/shared-state.js";
import { measure } from "./measure.js";

/** @param {string} balance @param {number} size */
function makePool(balance, size) {
  const numbers = Array.from({ length: size }, (_, i) => i);
  const list = numbers.map((i) => ({ name: `broker-${i}`, weight: 100, backup: false }));
  const plan = { pools: [{ balance, servers: numbers }], servers: list };
  const sizes = { workersMax: 1, serversMax: size, listenersMax: 1, logRingSize: 2 ** 18 };
  const state = createSharedState(sizes);
  for (const [i, { name, weight }] of list.entries()) {
    const identity = serverIdentity(name);
    state.servers.define(i, { weight, connectionsMax: 0, identity, up: true });
  }
  const { servers } = openSharedState(state.buffers, 0);
  return { servers, balancer: openBalancers(plan, createBalanceMemory(plan), servers, 0)[0] };
}

/** @param {string} balance @param {number} size @param {number} callsPerRound */
function choices(balance, size, callsPerRound) {
  const { servers, balancer } = makePool(balance, size);
  const random = new Random32(1);
  const choice = makeChoice(4);
  const next = () => {
    choice.key = random.next();
    choice.random = random.next();
    return balancer.take(choice);
  };
  for (let open = 0; open < 100_000; open++) next();
  measure(`${balance}, ${size} servers`, callsPerRound, () => {
    let sum = 0;
    for (let call = 0; call < callsPerRound; call++) {
      const server = next();
      sum += server;
      servers.release(server);
    }
    return sum;
  });
}

for (const balance of Object.keys(BALANCE_ROWS)) {
  if (balance === "source-hash") continue; // the same code as client-id-hash
  for (const size of [3, 20, 500, 20_000]) choices(balance, size, size > 100 ? 500 : 20_000);
}
