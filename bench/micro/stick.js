// What the stick table costs per client, and the memory set aside for it:
// npm run build && node bench/micro/stick.js

import { Random32 } from "../../dist/bytes/random32.js";
import { makeStickKey } from "../../dist/stick/stick-key.js";
import { createStickTable, StickTable } from "../../dist/stick/stick-table.js";
import { measure } from "./measure.js";

const CALLS = 50_000;

/** @param {string} name @param {number} entriesMax @param {number} padding */
function clients(name, entriesMax, padding) {
  const buffers = createStickTable({ entriesMax, expirySeconds: 1800, seed: 1 });
  const table = new StickTable(buffers, 0);
  const key = makeStickKey();
  const bytes = new TextEncoder().encode(`device-${"0".repeat(padding)}00000000`);
  key.bytes = bytes;
  key.length = bytes.length;
  const value = { server: 1, identity: 1 };
  const random = new Random32(1);
  /** @param {number} client */
  const name8 = (client) => {
    for (let i = bytes.length - 1, rest = client; i >= bytes.length - 8; i--) {
      bytes[i] = 48 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  };
  for (let client = 0; client < entriesMax; client++) {
    name8(client);
    table.store(key, value, 0);
  }
  const size = buffers.memory.byteLength / entriesMax;
  console.log(`${name}: ${table.count()} entries, ${size.toFixed(0)} bytes each`);
  for (const [what, from] of /** @type {const} */ ([
    ["hit", 0],
    ["miss", entriesMax],
  ])) {
    measure(`  lookup, ${what}`, CALLS, () => {
      let hits = 0;
      for (let call = 0; call < CALLS; call++) {
        name8(from + random.below(entriesMax));
        if (table.lookup(key, 1)) hits++;
      }
      return hits;
    });
  }
  let fresh = entriesMax;
  measure("  store, the oldest makes room", CALLS, () => {
    for (let call = 0; call < CALLS; call++) {
      name8(fresh++);
      table.store(key, value, 2);
    }
    return table.evicted;
  });
}

clients("ids of 20 bytes, a thousand", 1000, 5);
clients("ids of 20 bytes, a million", 1_000_000, 5);
clients("ids of 80 bytes, a million", 1_000_000, 65);
