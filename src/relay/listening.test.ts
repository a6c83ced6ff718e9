import { describe, expect, it } from "vitest";
import { withListeners, withServers } from "../../tests/relay/plan-steps.ts";
import { Scene } from "../../tests/relay/relay-scene.ts";
import { NO_FD } from "../shm/plan.ts";

/** One turn of a worker's loop, some time later. */
function turn(scene: Scene, ms = 0): void {
  scene.io.pass(ms);
  scene.io.run(() => scene.relay.plans.afterTurn());
}

describe("Listening", () => {
  it("leaves a listener alone whose socket stays", () => {
    const scene = new Scene();
    const { io, relay, plan } = scene;
    io.accepting.clear();
    relay.usePlan(withListeners(plan, [{ connectDeadlineMs: 1 }]));
    expect([...io.started]).toEqual([0]);
    expect(io.accepting.size).toBe(0);
  });

  it("opens new listeners and closes removed ones once a turn has brought nobody", () => {
    const scene = new Scene();
    const { io, relay, plan } = scene;
    relay.usePlan(withListeners(plan, [{ fd: NO_FD }, { fd: 4 }]));
    expect([...io.started]).toEqual([0, 1]);
    expect([relay.plans.waitMs, relay.plans.appliedGeneration]).toEqual([0, 1]);
    turn(scene);
    scene.client();
    turn(scene);
    expect(io.started.has(0)).toBe(true);
    turn(scene);
    expect([...io.started]).toEqual([1]);
    expect(relay.plans.appliedGeneration).toBe(2);
  });

  it("serves those who waited at a removed listener as if they had come before", () => {
    const scene = new Scene({ servers: [{}, {}] });
    const next = withServers(withListeners(scene.plan, [{ fd: NO_FD }]), [1]);
    const emptied = { ...next, pools: [{ ...next.pools[0]!, servers: [] }] };
    scene.relay.usePlan(emptied);
    const slot = scene.relayed();
    expect(scene.context.connections.server[slot >> 1]).toBe(0);
  });

  it("closes a removed listener in the end, even if clients never cease to come", () => {
    const scene = new Scene({ connectionsMax: 100 });
    scene.relay.usePlan(withListeners(scene.plan, [{ fd: NO_FD }]));
    for (let i = 0; i < 20 && scene.io.started.has(0); i++) {
      scene.client();
      turn(scene, 100);
    }
    expect(scene.io.started.size).toBe(0);
  });

  it("takes a listener up again that returns before it has closed", () => {
    const scene = new Scene();
    scene.relay.usePlan(withListeners(scene.plan, [{ fd: NO_FD }]));
    scene.relay.usePlan({ ...withListeners(scene.plan, [{ fd: 9 }]), generation: 3 });
    for (let i = 0; i < 3; i++) turn(scene);
    expect([...scene.io.accepting]).toEqual([0]);
  });
});
