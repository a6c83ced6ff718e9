// A garbage collection on demand: what only an address refers to must survive it.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let i = 0; i < 3; i++) collect();
  // What was freed is written over, so that who still reads it reads something else.
  const filler = Array.from({ length: 2_000 }, () => new Uint8Array(8).fill(0));
  if (filler.length === 0) throw new Error("Cannot fill memory");
}
