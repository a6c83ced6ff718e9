import { ioContract } from "../contract/io.contract.ts";
import { simHarness } from "../contract/sim-harness.ts";
import { NO_FAULTS } from "./faults.ts";

ioContract("SimIo without faults", simHarness(1, NO_FAULTS));

/** Faults that no promise of the contract depends on. */
const ALLOWED = {
  ...NO_FAULTS,
  latencyMaxMs: 2,
  splitSegments: 0.3,
  shortReads: 0.3,
  shortWrites: 0,
  lateCompletions: 0.4,
  reordering: 0.5,
  lateCloses: 0.5,
  closeDelayMaxMs: 0,
  deadlineLatenessMs: 16,
};

for (const seed of [2, 3, 4]) {
  ioContract(
    `SimIo with completions late, short and in any order, seed ${seed}`,
    simHarness(seed, ALLOWED),
  );
}
