import { describe, expect, it } from "vitest";
import {
  CONNACK_5,
  connectPacket,
  DISCONNECT,
  Scene,
  WALL_CLOCK_OFFSET_MS,
} from "../../tests/relay/relay-scene.ts";
import { AssertionFailure } from "../assert.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { errno } from "../linux/abi.ts";
import { REASON } from "../shm/close-reason.ts";
import { LISTENER_COUNTER } from "../shm/counters.ts";
import { PHASE_CONNECT, PHASE_DATA, PHASE_QUEUE, PHASE_REQUEST } from "../shm/log-ring.ts";
import { logFinished } from "./access-record.ts";

const PEER = makeEndpoint("2001:db8::5", 54_321)!;
const SERVED = connectPacket({ level: 5, clientId: "device-ä" });

/** A client with a retry, a redispatch and a good end behind it. */
function serveOne(scene: Scene): void {
  const { io } = scene;
  const slot = scene.client(SERVED, PEER);
  io.pass(10);
  io.refuse(slot ^ 1, errno.ECONNREFUSED);
  io.pass(200);
  io.refuse(slot ^ 1, errno.ECONNREFUSED);
  io.pass(30);
  io.establish(slot ^ 1);
  io.bring(slot ^ 1, CONNACK_5);
  io.pass(60);
  io.bring(slot, DISCONNECT);
  io.end(slot);
  io.end(slot ^ 1);
}

describe("logFinished", () => {
  it("leaves one record with every fact of a connection that was served", () => {
    const scene = new Scene({ servers: [{}, {}], pool: { retries: 1, redispatches: 1 } });
    const startedAtMs = scene.io.now + WALL_CLOCK_OFFSET_MS;
    serveOne(scene);
    expect(scene.finished()).toEqual([
      {
        client: PEER,
        detail: new Uint8Array(0),
        clientId: new TextEncoder().encode("device-ä"),
        listener: 0,
        pool: 0,
        server: scene.lastDialled,
        level: 5,
        reason: REASON["client-disconnected"],
        rule: 0,
        retries: 1,
        redispatches: 1,
        dialMs: 240,
        errno: 0,
        phase: PHASE_DATA,
        lastServer: scene.lastDialled,
        queueMs: 0,
        queuePosition: 0,
        processActive: 0,
        listenerActive: 0,
        serverActive: 0,
        poolActive: 0,
        startedAtMs,
        durationMs: 300,
        bytesIn: SERVED.length + DISCONNECT.length,
        bytesOut: CONNACK_5.length,
        packetsIn: 2,
        packetsOut: 1,
      },
    ]);
  });

  it("says of one that was never served that nothing was there", () => {
    const scene = new Scene();
    scene.io.end(scene.io.accept());
    expect(scene.finished()).toEqual([
      expect.objectContaining({
        clientId: new Uint8Array(0),
        server: -1,
        level: 0,
        phase: PHASE_REQUEST,
        lastServer: -1,
        queueMs: -1,
        dialMs: -1,
        durationMs: 0,
        bytesIn: 0,
        bytesOut: 0,
        packetsIn: 0,
        packetsOut: 0,
      }),
    ]);
  });

  it("says how long a client waited for a place, and behind how many others", () => {
    const queue = { timeoutMs: 5_000, lengthMax: 0, perServerMax: 0 };
    const scene = new Scene({ servers: [{ connectionsMax: 1 }], pool: { queue } });
    const served = scene.accepted();
    const [first] = [scene.client(), scene.client()];
    scene.io.pass(700);
    scene.io.break(served, errno.ECONNRESET);
    scene.relay.serveWaiting();
    scene.io.establish(first! ^ 1);
    scene.io.bring(first! ^ 1, CONNACK_5);
    scene.io.pass(queue.timeoutMs + 3_000);
    const records = scene.finished();
    expect(records.at(-1)).toMatchObject({
      reason: REASON["queue-timeout"],
      phase: PHASE_QUEUE,
      queueMs: queue.timeoutMs,
      queuePosition: 1,
    });
    scene.io.break(first!, errno.ECONNRESET);
    expect(scene.finished()[0]).toMatchObject({ phase: PHASE_DATA, queueMs: 700 });
  });

  it("says which server was tried, and that there was none", () => {
    const scene = new Scene({ pool: { retries: 0, redispatches: 0 } });
    scene.io.refuse(scene.client() ^ 1, errno.ECONNREFUSED);
    scene.shared.servers.setUp(0, false);
    scene.client();
    scene.io.pass(10_000);
    const told = scene
      .finished()
      .map(({ phase, server, lastServer }) => [phase, server, lastServer]);
    expect(told).toEqual([
      [PHASE_CONNECT, -1, 0],
      [PHASE_CONNECT, -1, -1],
    ]);
  });

  it("counts by reason and for the listener", () => {
    const scene = new Scene({ servers: [{}, {}], pool: { retries: 1, redispatches: 1 } });
    serveOne(scene);
    serveOne(scene);
    expect(scene.count("connectionsClosed")).toBe(2);
    expect(scene.count("closed", REASON["client-disconnected"])).toBe(2);
    const { counters } = scene.shared;
    const bytesIn = 2 * (SERVED.length + DISCONNECT.length);
    expect(counters.sumListener(0, LISTENER_COUNTER.bytesIn)).toBe(bytesIn);
    expect(counters.sumListener(0, LISTENER_COUNTER.bytesOut)).toBe(2 * CONNACK_5.length);
    expect(counters.sumListener(0, LISTENER_COUNTER.accepts)).toBe(2);
  });

  it("counts bytes that we said ourselves as bytes to the client", () => {
    const scene = new Scene();
    scene.shared.servers.setUp(0, false);
    const slot = scene.client();
    scene.io.end(slot);
    expect(scene.finished()[0]!.bytesOut).toBe(4);
    expect(scene.count("clientBytesOut")).toBe(4);
  });

  it("drops the record, and counts that, when the control plane is far behind", () => {
    const scene = new Scene();
    const packet = connectPacket({ clientId: "x".repeat(60_000) });
    for (let i = 0; i < 6; i++) {
      const slot = scene.relayed(packet);
      scene.io.end(slot);
      scene.io.end(slot ^ 1);
    }
    const dropped = scene.count("logRecordsDropped");
    expect(dropped).toBeGreaterThan(0);
    expect(scene.finished()).toHaveLength(6 - dropped);
    expect(scene.count("connectionsClosed")).toBe(6);
    expect(scene.leftovers()).toEqual([]);
  });

  it("wants a reason", () => {
    const scene = new Scene();
    scene.io.accept();
    expect(() => logFinished(scene.context, 0)).toThrow(AssertionFailure);
  });
});
