// What one choice of a server costs, by algorithm and size of the pool, with 100,000 connections
// open: npm run build && node bench/micro/balance.js [part of a name]

import { BALANCE_ROWS, makeChoice } from "../../dist/balance/balance.js";
import { createBalanceMemory, openBalancers } from "../../dist/balance/balancers.js";
import { HASH_TYPE_ROWS } from "../../dist/balance/hash-plan.js";
import { serverIdentity } from "../../dist/balance/server-identity.js";
import { makeEndpoint } from "../../dist/bytes/endpoint.js";
import { Random32 } from "../../dist/bytes/random32.js";
import { createSharedState, openSharedState } from "../../dist/shm/shared-state.js";
import { measure } from "./measure.js";

const OPEN = 100_000;
const KEY_SIZE = 16;

/** @param {object} balancing @param {number} size */
function makePool(balancing, size) {
  const numbers = Array.from({ length: size }, (_, i) => i);
  const list = numbers.map((i) => ({
    ...{ name: `10.0.${i >> 8}.${i & 255}:1883`, id: i + 1, hashKey: "name", weight: 1 },
    ...{ endpoint: makeEndpoint("10.0.0.1", 1883), backup: false },
  }));
  const pool = { hash: null, draws: 2, servers: numbers, ...balancing };
  const plan = { pools: [{ ...pool, backups: { use: "all", when: "none-free" } }], servers: list };
  const places = { serversMax: size, listenersMax: 1, poolsMax: 1 };
  const sizes = { ...places, workersMax: 1, logRingSize: 2 ** 18 };
  const state = createSharedState(sizes);
  for (const [i, { name, weight }] of list.entries()) {
    const identity = serverIdentity(name);
    state.servers.define(i, { weight, connectionsMax: 0, identity, up: true });
  }
  const { servers } = openSharedState(state.buffers, 0);
  const begin = performance.now();
  const memory = createBalanceMemory(/** @type {any} */ (plan));
  const [balancer] = openBalancers(/** @type {any} */ (plan), memory, servers, 0);
  return { servers, balancer, madeMs: performance.now() - begin };
}

/** @param {string} name @param {object} balancing @param {number} size */
function choices(name, balancing, size) {
  const { servers, balancer, madeMs } = makePool(balancing, size);
  const callsPerRound = size > 1000 ? 500 : 20_000;
  const random = new Random32(1);
  const choice = makeChoice(4);
  choice.keyed = true;
  choice.keyBytes = new Uint8Array(KEY_SIZE);
  choice.keyLength = KEY_SIZE;
  const next = () => {
    choice.key = random.next();
    choice.random = random.next();
    new DataView(choice.keyBytes.buffer).setInt32(0, choice.key);
    return balancer.take(choice);
  };
  // One of many, so that each choice comes after a connection that has ended.
  const open = new Int32Array(OPEN);
  const opens = size > 1000 && name.startsWith("smooth") ? OPEN / 10 : OPEN;
  for (let i = 0; i < opens; i++) open[i] = next();
  let oldest = 0;
  measure(`${name}, ${size} servers (made in ${madeMs.toFixed(0)} ms)`, callsPerRound, () => {
    let sum = 0;
    for (let call = 0; call < callsPerRound; call++) {
      const server = next();
      sum += server;
      servers.release(open[oldest]);
      open[oldest] = server;
      oldest = oldest + 1 === opens ? 0 : oldest + 1;
    }
    return sum;
  });
}

/** @type {[string, object][]} */
const kinds = Object.entries(BALANCE_ROWS)
  .filter(([, { key }]) => key === "none")
  .map(([balance]) => [balance, { balance }]);
for (const [type, { function: name, avalanche }] of Object.entries(HASH_TYPE_ROWS)) {
  const hash = { type, function: name, avalanche, loadMaxPercent: 0, whenFull: "next" };
  kinds.push([`hash ${type}`, { balance: "hash", hash }]);
  if (type !== "consistent") continue;
  const bounded = { ...hash, loadMaxPercent: 125 };
  kinds.push([`hash ${type}, bounded`, { balance: "hash", hash: bounded }]);
}
for (const [name, balancing] of kinds) {
  if (!name.includes(process.argv[2] ?? "")) continue;
  for (const size of [3, 100, 20_000]) choices(name, balancing, size);
}
