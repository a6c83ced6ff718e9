import { describe, expect, it } from "vitest";
import { withServers } from "../../tests/relay/plan-steps.ts";
import { CONNACK, CONNECT, PINGREQ, Scene } from "../../tests/relay/relay-scene.ts";
import { errno } from "../linux/abi.ts";
import { PLANS_MAX } from "./live-plans.ts";

/** One turn of a worker's loop, some time later. */
function turn(scene: Scene, ms = 0): void {
  scene.io.pass(ms);
  scene.io.run(() => scene.relay.plans.afterTurn());
}

describe("PlanChanges.use", () => {
  it("gives new clients the new plan and leaves open connections as they are", () => {
    const scene = new Scene({ servers: [{}, {}] });
    const first = withServers(scene.plan, [0]);
    scene.relay.usePlan(first);
    const old = scene.accepted();
    scene.relay.usePlan(withServers(first, [1]));
    const fresh = scene.accepted();
    const { server } = scene.context.connections;
    expect([server[old >> 1], server[fresh >> 1]]).toEqual([0, 1]);
    scene.io.bring(old, PINGREQ);
    expect(scene.io.socket(old ^ 1).sent.slice(-2)).toEqual([...PINGREQ]);
  });

  it("sends clients who have no server yet on by the plan that they came under", () => {
    const scene = new Scene({ servers: [{}, {}, {}], pool: { redispatches: 1 } });
    const first = withServers(scene.plan, [0, 1]);
    scene.relay.usePlan(first);
    const slot = scene.client();
    scene.relay.usePlan(withServers(first, [2]));
    scene.io.refuse(slot ^ 1, errno.ECONNREFUSED);
    expect(scene.lastDialled).toBe(1);
  });

  it("keeps an old plan for as long as somebody has no answer, and no longer", () => {
    const scene = new Scene({ servers: [{}, {}] });
    const { plans } = scene.relay;
    const slot = scene.relayed();
    scene.relay.usePlan(withServers(scene.plan, [1]));
    turn(scene, 5_000);
    expect([plans.appliedGeneration, plans.oldestGeneration]).toEqual([2, 1]);
    scene.io.bring(slot ^ 1, CONNACK);
    turn(scene, 5_000);
    expect(plans.oldestGeneration).toBe(2);
    expect(plans.waitMs).toBe(-1);
  });

  it("times out connections by the pool that they came under", () => {
    const scene = new Scene({ pool: { idleTimeoutMs: 60_000 } });
    const slot = scene.accepted();
    const pools = [{ ...scene.plan.pools[0]!, idleTimeoutMs: 1_000 }];
    scene.relay.usePlan({ ...scene.plan, generation: 2, pools });
    scene.io.bring(slot, PINGREQ);
    const due = scene.io.now + 60_000;
    expect(scene.io.socket(slot).deadlineMs).toBe(due);
  });

  it("has those who wait for a place look for one among the servers of the new plan", () => {
    const queue = { timeoutMs: 5_000, lengthMax: 0, perServerMax: 0 };
    const scene = new Scene({ servers: [{ connectionsMax: 1 }, {}], pool: { queue } });
    const first = withServers(scene.plan, [0]);
    scene.relay.usePlan(first);
    scene.accepted();
    const slot = scene.client();
    expect(scene.context.waiting.count).toBe(1);
    scene.relay.usePlan(withServers(first, [0, 1]));
    scene.io.run(() => scene.relay.serveWaiting());
    expect(scene.context.connections.server[slot >> 1]).toBe(1);
    expect(scene.context.waiting.count).toBe(0);
  });

  it("keeps no address twice, however many plans come", () => {
    const scene = new Scene({ servers: [{}, {}] });
    for (let i = 0; i < 100; i++) {
      scene.relay.usePlan(withServers({ ...scene.plan, generation: i + 1 }, [i % 2]));
      turn(scene);
    }
    expect(scene.io.addresses.filter((address) => address !== null)).toHaveLength(2);
  });

  it("lets a plan wait while too many are needed, and the latest one counts", () => {
    const scene = new Scene({ servers: [{}, {}], connectionsMax: 100, slabs: 200 });
    const { plans } = scene.relay;
    const slots: number[] = [];
    for (let generation = 2; generation <= PLANS_MAX + 5; generation++) {
      slots.push(scene.relayed(CONNECT));
      scene.relay.usePlan(withServers({ ...scene.plan, generation: generation - 1 }, [0]));
    }
    expect(plans.appliedGeneration).toBe(PLANS_MAX);
    scene.io.bring(slots[0]! ^ 1, CONNACK);
    turn(scene, 1_000);
    turn(scene);
    expect(plans.appliedGeneration).toBe(PLANS_MAX + 5);
  });
});
