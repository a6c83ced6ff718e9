import { describe, expect, it } from "vitest";
import { assertSizes, LOG_RING_SIZE_MIN, tallyOffsets, tallyWords } from "./layout.ts";

const sizes = {
  workersMax: 3,
  serversMax: 5,
  listenersMax: 2,
  poolsMax: 4,
  logRingSize: LOG_RING_SIZE_MIN,
};

describe("tallyOffsets", () => {
  it("places the tallies one after the other, none over another", () => {
    const { servers, listeners, process, queues, end } = tallyOffsets(sizes);
    expect(servers).toBe(0);
    expect(listeners - servers).toBe(tallyWords(5, 3));
    expect(process - listeners).toBe(tallyWords(2, 3));
    expect(queues - process).toBe(tallyWords(1, 3));
    expect(end - queues).toBe(tallyWords(5 + 4, 3));
  });
});

describe("assertSizes", () => {
  it("accepts sizes that make sense and no others", () => {
    assertSizes(sizes);
    for (const wrong of [
      { workersMax: 0 },
      { serversMax: 0 },
      { listenersMax: 0 },
      { logRingSize: LOG_RING_SIZE_MIN / 2 },
      { logRingSize: LOG_RING_SIZE_MIN + 8 },
    ]) {
      expect(() => assertSizes({ ...sizes, ...wrong })).toThrow();
    }
  });
});
