import { describe, expect, it } from "vitest";
import { KeepAliveWorld } from "./keep-alive-world.ts";

const WORLDS = 2_500;
const CLIENTS = 40;
/** As many failing worlds as are shown. */
const SHOWN_MAX = 3;

describe("keep alives on the simulated reactor", () => {
  it("cut none of 100,000 clients early, and keep none beyond 1.5 times and a tick", () => {
    const failures: string[] = [];
    for (let seed = 1; seed <= WORLDS && failures.length < SHOWN_MAX; seed++) {
      const wrong = new KeepAliveWorld(seed, CLIENTS).run();
      if (wrong.length > 0) failures.push(`seed ${seed}: ${wrong.slice(0, 5).join("; ")}`);
    }
    expect(failures).toEqual([]);
  });
});
