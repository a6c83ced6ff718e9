// Runs worlds of the simulator: one seed with a line for everything that happens, or many.
//
//   npm run sim -- 4711                   seed 4711 alone, traced
//   npm run sim -- --first 1 --count 50   fifty seeds
//
// Keeps nothing. Ends with 1 when a promise of the relay was broken.

import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { first: { type: "string" }, count: { type: "string" } },
});

const settings = {
  FAIRLEAD_SIM_SEED: positionals[0],
  FAIRLEAD_SIM_FIRST: values.first,
  FAIRLEAD_SIM_COUNT: values.count,
};
const given = Object.entries(settings).filter(([, value]) => value !== undefined);
for (const [name, value] of given) {
  if (!/^\d+$/.test(value ?? "")) {
    console.error(`Cannot run the simulator: ${name} is ${JSON.stringify(value)}, not a number`);
    process.exit(1);
  }
}

const { status } = spawnSync("npx", ["vitest", "run", "tests/simulation/relay.sim.test.ts"], {
  stdio: "inherit",
  env: { ...process.env, ...Object.fromEntries(given) },
});
process.exit(status ?? 1);
