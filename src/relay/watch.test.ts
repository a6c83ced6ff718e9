import { expect, it } from "vitest";
import { FORBIDS_RETAIN, qosMaxOf, WATCH_PACKETS, watchFor } from "./watch.ts";

it("what a client may do fits the bits of its watch", () => {
  for (const qosMax of [0, 1, 2]) {
    for (const retain of [true, false]) {
      const watch = watchFor({ levels: [4], qosMax, retain });
      expect(qosMaxOf(watch)).toBe(qosMax);
      expect((watch & FORBIDS_RETAIN) === 0).toBe(retain);
      expect(watch === WATCH_PACKETS).toBe(qosMax === 2 && retain);
    }
  }
});
