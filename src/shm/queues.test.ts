import { describe, expect, it } from "vitest";
import { AssertionFailure } from "../assert.ts";
import { LOG_RING_SIZE_MIN } from "./layout.ts";
import { ANY_SERVER } from "./queues.ts";
import { createSharedState, openSharedState } from "./shared-state.ts";

function setUp() {
  const control = createSharedState({
    ...{ workersMax: 2, serversMax: 3, listenersMax: 1, poolsMax: 2 },
    logRingSize: LOG_RING_SIZE_MIN,
  });
  const workers = [0, 1].map((worker) => openSharedState(control.buffers, worker).queues);
  return { control, queues: control.queues, workers: workers as [typeof control.queues, never] };
}

describe("Queues", () => {
  it("count each client once, over all workers: for its server, or for any of its pool", () => {
    const { queues, workers } = setUp();
    const [one, two] = workers as [typeof queues, typeof queues];
    one.enter(0, ANY_SERVER);
    two.enter(0, ANY_SERVER);
    one.enter(0, 2);
    for (let i = 0; i < 3; i++) two.enter(1, ANY_SERVER);
    expect([queues.ofPool(0), queues.ofPool(1), queues.ofServer(2), queues.ofServer(0)]).toEqual([
      2, 3, 1, 0,
    ]);
    one.leave(0, 2);
    two.leave(0, ANY_SERVER);
    expect([queues.ofPool(0), queues.ofServer(2)]).toEqual([1, 0]);
    expect([queues.mostOfPool(0), queues.mostOfServer(2)]).toEqual([2, 1]);
  });

  it("begin the most anew with those who wait now", () => {
    const { queues, workers } = setUp();
    for (let i = 0; i < 3; i++) workers[0].enter(0, ANY_SERVER);
    workers[0].leave(0, ANY_SERVER);
    queues.forgetMost();
    expect([queues.ofPool(0), queues.mostOfPool(0)]).toEqual([2, 2]);
  });

  it("lose those of a worker that has died", () => {
    const { control, queues, workers } = setUp();
    workers[0].enter(1, ANY_SERVER);
    workers[0].enter(1, 0);
    control.forgetWorker(0);
    expect([queues.ofPool(1), queues.ofServer(0)]).toEqual([0, 0]);
  });

  it("give no number away for which somebody waits", () => {
    const { queues, workers } = setUp();
    workers[0].enter(0, 1);
    expect(() => queues.forgetServer(1)).toThrow(AssertionFailure);
    workers[0].leave(0, 1);
    queues.forgetServer(1);
    queues.forgetPool(0);
    expect(queues.mostOfServer(1)).toBe(0);
  });
});
