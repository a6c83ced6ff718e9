import { describe, expect, it } from "vitest";
import { withListeners, withServers } from "../../tests/relay/plan-steps.ts";
import { Scene } from "../../tests/relay/relay-scene.ts";
import { errno } from "../linux/abi.ts";
import { parseRule } from "../rules/parse-rule.ts";
import { LISTENER_COUNTER, LISTENER_COUNTERS } from "../shm/counters.ts";
import { NO_FD, type SharedRatePlan } from "../shm/plan.ts";
import { BUCKET_BYTES, bucketShape } from "../shm/token-bucket.ts";

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

function ratePlan(perSecond: number, burst: number): SharedRatePlan {
  return { rate: bucketShape(perSecond, burst), memory: new SharedArrayBuffer(BUCKET_BYTES) };
}

function waits(scene: Scene, listener = 0): number {
  const at = listener * LISTENER_COUNTERS + LISTENER_COUNTER.rateWaits;
  return scene.context.counters.listeners[at]!;
}

describe("Listening at a rate", () => {
  it("lets the burst in, and then one after the other", () => {
    const scene = new Scene({ listener: { accepts: ratePlan(10, 2) } });
    const { io, relay } = scene;
    expect([...io.acceptingFew]).toEqual([0]);
    scene.client();
    expect([io.accepting.has(0), relay.plans.waitMs]).toEqual([true, -1]);
    scene.client();
    expect([io.accepting.has(0), relay.plans.waitMs]).toEqual([false, 100]);
    turn(scene, 99);
    expect([io.accepting.has(0), relay.plans.waitMs]).toEqual([false, 1]);
    turn(scene, 1);
    expect([io.accepting.has(0), relay.plans.waitMs]).toEqual([true, 0]);
    scene.client();
    expect([io.accepting.has(0), waits(scene)]).toEqual([false, 1]);
  });

  it("counts nobody as waiting who comes when the listener accepts again", () => {
    const scene = new Scene({ listener: { accepts: ratePlan(10, 1) } });
    for (let i = 0; i < 3; i++) {
      scene.client();
      turn(scene, 100);
      turn(scene);
      expect(scene.relay.plans.waitMs).toBe(-1);
    }
    expect(waits(scene)).toBe(0);
  });

  it("takes turns with other workers", () => {
    const accepts = ratePlan(10, 1);
    const [one, other] = [0, 1].map(() => new Scene({ listener: { accepts } }));
    one!.client();
    other!.client();
    expect([one, other].map((scene) => scene!.relay.plans.waitMs)).toEqual([100, 300]);
    turn(one!, 100);
    one!.client();
    expect(one!.relay.plans.waitMs).toBe(300);
  });

  it("goes by the rate of the process, too, whichever listener has used it up", () => {
    const scene = new Scene({});
    const accepts = { all: ratePlan(10, 2), tls: null };
    scene.relay.usePlan({ ...withListeners(scene.plan, [{}, { fd: 4 }]), accepts });
    scene.io.accept(0);
    scene.io.accept(1);
    expect([...scene.io.accepting]).toEqual([0]);
    scene.io.accept(0);
    expect([...scene.io.accepting]).toEqual([]);
    turn(scene, 100);
    expect([...scene.io.accepting]).toEqual([1]);
    turn(scene, 200);
    expect([...scene.io.accepting].sort()).toEqual([0, 1]);
  });

  it("does not count those whom rules refuse at accept", () => {
    const rules = [parseRule("reject", "connection").plan!];
    const scene = new Scene({ listener: { accepts: ratePlan(10, 1), rules } });
    for (let i = 0; i < 3; i++) scene.io.accept(0);
    expect(scene.io.accepting.has(0)).toBe(true);
  });

  it("does not go on for want of descriptors before both are there", () => {
    const scene = new Scene({ listener: { accepts: ratePlan(5, 1) } });
    const { io, relay } = scene;
    relay.usePlan(withListeners(scene.plan, [{}, { fd: 4 }]));
    scene.client();
    io.failAccept(1, errno.EMFILE);
    turn(scene, 100);
    expect([...io.accepting]).toEqual([1]);
    turn(scene, 50);
    io.failAccept(1, errno.EMFILE);
    turn(scene, 50);
    expect([...io.accepting]).toEqual([]);
    turn(scene, 50);
    expect([...io.accepting]).toEqual([0, 1]);
  });

  it("forgets its rate with the plan that has none", () => {
    const scene = new Scene({ listener: { accepts: ratePlan(0.01, 1) } });
    scene.client();
    scene.relay.usePlan(withListeners(scene.plan, [{ accepts: null }]));
    expect([...scene.io.acceptingFew]).toEqual([]);
    turn(scene);
    expect(scene.io.accepting.has(0)).toBe(true);
  });

  it("waits for the rate of a removed listener without turning meanwhile", () => {
    const scene = new Scene({ listener: { accepts: ratePlan(0.1, 1) } });
    const { io, relay } = scene;
    scene.client();
    relay.usePlan(withListeners(scene.plan, [{ fd: NO_FD }]));
    turn(scene);
    expect([io.started.has(0), relay.plans.waitMs]).toEqual([true, 500]);
    turn(scene, 500);
    turn(scene, 500);
    expect(io.started.has(0)).toBe(false);
  });

  it("lets those who wait at a removed listener in at its rate, as long as that takes", () => {
    const scene = new Scene({ listener: { accepts: ratePlan(10, 1) }, connectionsMax: 20 });
    const { io, relay } = scene;
    scene.client();
    relay.usePlan(withListeners(scene.plan, [{ fd: NO_FD }]));
    turn(scene);
    let served = 0;
    for (let ms = 0; ms < 2_000 && io.started.has(0); ms += 10) {
      if (io.accepting.has(0)) {
        scene.client();
        served++;
      }
      turn(scene, 10);
    }
    expect([served, io.started.has(0)]).toEqual([9, false]);
  });
});
