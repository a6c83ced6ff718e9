import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CONNACK,
  CONNACK_5,
  CONNECT,
  CONNECT_5,
  connectPacket,
  DISCONNECT,
  PINGREQ,
  Scene,
} from "../../tests/relay/relay-scene.ts";
import { AssertionFailure } from "../assert.ts";
import { errno } from "../linux/abi.ts";
import { CLOSE_REASONS, REASON } from "../shm/close-reason.ts";
import { LISTENER_COUNTER } from "../shm/counters.ts";
import { CLOSING, LINGERING } from "./state.ts";

const LINGER_MS = 2_000;

describe("Relay, accepting", () => {
  it("counts a client for the process and its listener as long as it is there", () => {
    const scene = new Scene();
    const slot = scene.io.accept();
    expect(scene.shared.process.total(0)).toBe(1);
    expect(scene.shared.listeners.total(0)).toBe(1);
    expect(scene.count("accepts")).toBe(1);
    expect(scene.count("connectionsActive")).toBe(1);
    scene.io.end(slot);
    expect(scene.leftovers()).toEqual([]);
  });

  it("turns clients away at a limit, counted and named, and takes them again below it", () => {
    const atListener = new Scene({ listener: { connectionsMax: 2 } });
    const atProcess = new Scene({ processMax: 2 });
    for (const [scene, reason] of [
      [atListener, "listener-full"],
      [atProcess, "process-full"],
    ] as const) {
      const slots = [scene.io.accept(), scene.io.accept()];
      expect(scene.io.accept()).toBe(-1);
      expect(scene.count("acceptsRefused")).toBe(1);
      expect(scene.count("closed", REASON[reason])).toBe(1);
      expect(scene.shared.counters.sumListener(0, LISTENER_COUNTER.refused)).toBe(1);
      expect([scene.shared.process.total(0), scene.shared.listeners.total(0)]).toEqual([2, 2]);
      scene.io.end(slots[0]!);
      expect(scene.io.accept()).toBe(slots[0]);
    }
  });

  it("pauses every listener for want of descriptors until something was closed", () => {
    const scene = new Scene();
    const slot = scene.io.accept();
    scene.io.failAccept(0, errno.EMFILE);
    expect(scene.relay.starved).toBe(true);
    expect(scene.io.accepting.size).toBe(0);
    expect(scene.count("acceptPauses")).toBe(1);
    scene.io.end(slot);
    expect(scene.relay.starved).toBe(false);
    expect(scene.io.accepting.size).toBe(1);
  });

  it("tries again a little later, with nothing closed, and not at once", () => {
    const scene = new Scene();
    const { io, relay } = scene;
    io.failAccept(0, errno.ENFILE);
    const afterTurn = (ms: number) => {
      io.pass(ms);
      io.run(() => relay.plans.afterTurn());
      return [io.accepting.size, relay.plans.waitMs];
    };
    expect([0, 60, 40].map(afterTurn)).toEqual([
      [0, 100],
      [0, 40],
      [1, -1],
    ]);
    expect(io.accept()).toBe(0);
  });
});

describe("Relay, lingering", () => {
  it("throws away what the client still sends, until it closes", () => {
    const scene = new Scene();
    scene.shared.servers.setUp(0, false);
    const slot = scene.client();
    expect(scene.context.connections.state[0]).toBe(LINGERING);
    scene.io.bring(slot, PINGREQ);
    scene.io.bring(slot, [0, 0, 0]);
    expect(scene.finished()).toEqual([]);
    scene.io.end(slot);
    expect(scene.io.socket(slot).wasReset).toBe(false);
    expect(scene.reasons()).toEqual(["no-server-available"]);
    expect(scene.leftovers()).toEqual([]);
  });

  it("lasts so long and no longer, whatever the client sends", () => {
    const scene = new Scene();
    scene.shared.servers.setUp(0, false);
    const slot = scene.client();
    scene.io.pass(LINGER_MS - 1);
    scene.io.bring(slot, PINGREQ);
    scene.io.pass(1);
    expect(scene.reasons()).toEqual(["no-server-available"]);
    expect(scene.leftovers()).toEqual([]);
  });

  it("ends at once when the client breaks off, or does not take our words", () => {
    const scene = new Scene();
    scene.shared.servers.setUp(0, false);
    scene.io.break(scene.client(), errno.ECONNRESET);
    const slot = scene.io.accept();
    scene.io.failSends(slot, errno.EPIPE);
    scene.io.bring(slot, CONNECT);
    const slow = scene.io.accept();
    scene.io.slow(slow);
    scene.io.bring(slow, CONNECT);
    scene.io.breakSending(slow, errno.ECONNRESET);
    expect(scene.reasons()).toEqual(Array(3).fill("no-server-available"));
    expect(scene.leftovers()).toEqual([]);
  });

  it("goes on while a slow client has not taken everything", () => {
    const scene = new Scene();
    scene.shared.servers.setUp(0, false);
    const slot = scene.io.accept();
    scene.io.slow(slot);
    scene.io.bring(slot, CONNECT);
    scene.io.drain(slot);
    expect(scene.io.socket(slot).phase).toBe("open");
    scene.io.end(slot);
    expect(scene.leftovers()).toEqual([]);
  });
});

describe("Relay.endConnection", () => {
  it("ends once, with the first reason, from any state", () => {
    const scene = new Scene();
    scene.io.accept();
    scene.client();
    scene.accepted();
    scene.accepted(CONNECT_5);
    scene.io.run(() => {
      for (let i = 0; i < 4; i++) scene.relay.endConnection(i, REASON["shut-down"]);
      for (let i = 0; i < 4; i++) scene.relay.endConnection(i, REASON["killed-by-admin"]);
      for (let i = 0; i < 4; i++) scene.relay.closeNow(i);
      for (let i = 0; i < 4; i++) scene.relay.closeNow(i);
      expect(scene.context.connections.state[3]).toBe(CLOSING);
    });
    expect(scene.reasons()).toEqual(Array(4).fill("shut-down"));
    expect(scene.leftovers()).toEqual([]);
    scene.relay.endConnection(0, REASON["shut-down"]);
    scene.relay.closeNow(0);
    expect(scene.finished()).toEqual([]);
  });

  it("says no last words to a client whose direction has ended, on either side", () => {
    const scene = new Scene();
    const [first, second] = [scene.accepted(CONNECT_5), scene.accepted(CONNECT_5)];
    scene.io.end(first);
    scene.io.end(second ^ 1);
    scene.io.run(() => {
      for (const i of [0, 1]) scene.relay.endConnection(i, REASON["shut-down"]);
    });
    expect([first, second].map((slot) => scene.io.taken(slot).length)).toEqual([0, 0]);
    expect(scene.leftovers()).toEqual([]);
  });
});

describe("Relay", () => {
  it("hands a ring on", () => {
    const scene = new Scene();
    scene.relay.onWake();
    expect(scene.wakes).toBe(1);
  });

  it("ends only when nobody is there", () => {
    const scene = new Scene();
    const slot = scene.io.accept();
    expect(() => scene.relay.destroy()).toThrow(AssertionFailure);
    scene.io.end(slot);
    scene.relay.destroy();
    expect(scene.io.addresses).toEqual([null]);
  });

  it("leaves nothing behind and one record each, whatever happens in whatever order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1_000_000), { minLength: 20, maxLength: 200 }),
        fc.boolean(),
        (draws, raw) => {
          const scene = new Scene({
            listener: { protocol: raw ? "tcp" : "mqtt", connectionsMax: 5 },
            servers: [{ connectionsMax: 2 }, { connectionsMax: 2 }, { backup: true }],
            pool: { retries: 1, redispatches: 2 },
            stickBy: "client-id",
            slabs: 3,
          });
          for (const draw of draws) takeStep(scene, draw);
          scene.io.pass(10 * 60_000);
          expect(scene.leftovers()).toEqual([]);
          const records = scene.finished();
          expect(records.length + scene.count("turnedAwayUnlogged")).toBe(scene.count("accepts"));
          for (const { reason } of records) expect(CLOSE_REASONS[reason]).toBeDefined();
        },
      ),
      { numRuns: 300 },
    );
  });
});

const PIECES = [
  CONNECT,
  CONNECT_5,
  CONNECT.subarray(0, 6),
  CONNECT.subarray(6),
  connectPacket({ clientId: "x".repeat(30_000) }),
  CONNACK,
  CONNACK_5,
  Uint8Array.of(0x20, 2, 0, 5),
  PINGREQ,
  DISCONNECT,
  Uint8Array.of(0x30, 200, 1, 0, 1),
  Uint8Array.of(0, 0),
];
const ERRORS = [errno.ECONNRESET, errno.ETIMEDOUT, errno.EPIPE, errno.ENOBUFS, errno.ECONNREFUSED];

/** One thing that may happen now, whichever the draw says. */
function takeStep(scene: Scene, draw: number): void {
  const { io } = scene;
  const steps: (() => void)[] = [
    () => io.accept(),
    () => io.accept(),
    () => io.pass((draw >> 8) % 3_000),
    () => scene.shared.servers.setUp(draw % 2, (draw & 4) !== 0),
    () => io.run(() => scene.relay.endConnection((draw >> 8) % 4, REASON["shut-down"])),
  ];
  for (const slot of io.openSlots) steps.push(...stepsOfSlot(scene, slot, draw >> 8));
  steps[draw % steps.length]!();
}

function stepsOfSlot({ io }: Scene, slot: number, draw: number): (() => void)[] {
  const { phase, receiving, ended, owesSent, answer } = io.socket(slot);
  const error = ERRORS[draw % ERRORS.length]!;
  if (phase === "connecting") {
    return [() => io.establish(slot), () => io.establish(slot), () => io.refuse(slot, error)];
  }
  const steps: (() => void)[] = [];
  if (receiving && !ended) {
    const piece = PIECES[draw % PIECES.length]!;
    for (let i = 0; i < 4; i++) steps.push(() => io.bring(slot, piece));
    steps.push(
      () => io.end(slot),
      () => io.break(slot, error),
    );
  }
  if (owesSent) {
    steps.push(
      () => io.drain(slot),
      () => io.breakSending(slot, error),
    );
  } else if (answer === 0) {
    steps.push(
      () => io.slow(slot),
      () => io.failSends(slot, error),
    );
  }
  return steps;
}
