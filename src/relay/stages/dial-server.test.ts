import { describe, expect, it } from "vitest";
import { PLAIN_TRANSPORT } from "../../../tests/fixtures/plain-plan.ts";
import {
  CONNACK,
  CONNECT,
  CONNECT_5,
  connectPacket,
  DIAL_TIMEOUT_MS,
  PINGREQ,
  Scene,
  type SceneOptions,
} from "../../../tests/relay/relay-scene.ts";
import { errno } from "../../linux/abi.ts";
import { SPEAKS_FIRST } from "../../linux/dial-manner.ts";
import { ReasonCode, readConnack } from "../../mqtt/connack.ts";
import { CLOSE_REASONS, REASON } from "../../shm/close-reason.ts";
import { DIALLING } from "../state.ts";

const PAUSE_MS = 200;
const REFUSES = [0x20, 2, 0, 3];
const OUR_OWN = ["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "EADDRNOTAVAIL"] as const;

function scene(servers: number, pool: SceneOptions["pool"] = {}): Scene {
  return new Scene({ servers: Array(servers).fill({}), pool });
}

/** The latest attempt fails. */
function refuse(at: Scene, error: number = errno.ECONNREFUSED): void {
  at.io.refuse(at.io.dials.at(-1)!.slot, error);
}

function dialled(at: Scene): number[] {
  return at.io.dials.map(({ address }) => address);
}

describe("dial", () => {
  it("reaches the chosen server on the slot beside the client's, and counts it", () => {
    const at = scene(1);
    const slot = at.client();
    expect(at.io.dials).toEqual([{ slot: slot ^ 1, address: 0 }]);
    expect(at.count("dials")).toBe(1);
    expect(at.countOfServer(0, "dials")).toBe(1);
    expect(at.countOfServer(0, "connections")).toBe(0);
    at.io.pass(30);
    at.io.establish(slot ^ 1);
    expect(at.countOfServer(0, "connections")).toBe(1);
    expect(at.count("dialMilliseconds")).toBe(30);
    expect(at.countOfServer(0, "dialMilliseconds")).toBe(30);
    expect(at.io.taken(slot ^ 1)).toEqual(CONNECT);
  });

  it("lets the handshake end with our first words, where we have the first", () => {
    const plain = scene(1);
    plain.client();
    const relayed = new Scene({ listener: { protocol: "tcp" } });
    relayed.io.accept();
    const announced = new Scene({
      listener: { protocol: "tcp" },
      servers: [{ transport: { ...PLAIN_TRANSPORT, proxyProtocol: { version: 2, tlvs: [] } } }],
    });
    announced.io.accept();
    const manners = [plain, relayed, announced].map(({ io }) => io.manners);
    expect(manners).toEqual([[SPEAKS_FIRST], [0], [SPEAKS_FIRST]]);
  });

  it("has its deadline; a server that is there has none of it", () => {
    const at = scene(1);
    const slot = at.client();
    expect(at.io.socket(slot ^ 1).deadlineMs).toBe(at.io.now + DIAL_TIMEOUT_MS);
    at.io.establish(slot ^ 1);
    expect(at.io.socket(slot ^ 1).deadlineMs).toBeNull();
  });
});

describe("a server that refuses", () => {
  it("is tried again after a pause, then another one, and the client notices nothing", () => {
    const at = scene(2, { retries: 2, redispatches: 1 });
    const slot = at.client();
    const first = at.lastDialled;
    refuse(at);
    expect(dialled(at)).toEqual([first]);
    at.io.pass(PAUSE_MS - 1);
    expect(dialled(at)).toEqual([first]);
    at.io.pass(1);
    refuse(at);
    at.io.pass(PAUSE_MS);
    refuse(at);
    expect(dialled(at)).toEqual([first, first, first, 1 - first]);
    at.io.establish(slot ^ 1);
    at.io.bring(slot ^ 1, CONNACK);
    expect(at.io.taken(slot ^ 1)).toEqual(CONNECT);
    expect(at.io.taken(slot)).toEqual(CONNACK);
    expect(at.count("retries")).toBe(2);
    expect(at.count("redispatches")).toBe(1);
    expect(at.count("dialFailures")).toBe(3);
    expect(at.countOfServer(first, "retries")).toBe(2);
    expect(at.countOfServer(first, "redispatches")).toBe(1);
    expect(at.countOfServer(first, "dialFailures")).toBe(3);
    expect(at.shared.servers.active(first)).toBe(0);
    expect(at.shared.servers.active(1 - first)).toBe(1);
  });

  it("leaves only numbers in the log of a client that was served in the end", () => {
    const at = scene(2, { redispatches: 1 });
    const slot = at.client();
    at.io.pass(100);
    refuse(at);
    at.io.pass(50);
    at.io.establish(slot ^ 1);
    at.io.end(slot);
    at.io.end(slot ^ 1);
    const [record] = at.finished();
    expect(record).toMatchObject({ errno: 0, retries: 0, redispatches: 1, dialMs: 150 });
    expect(record!.server).toBe(at.lastDialled);
    expect(at.leftovers()).toEqual([]);
  });

  it("is left at once when it no longer counts as available", () => {
    const at = scene(2, { retries: 5, redispatches: 1 });
    at.client();
    const first = at.lastDialled;
    at.shared.servers.setUp(first, false);
    refuse(at);
    expect(dialled(at)).toEqual([first, 1 - first]);
  });

  it("is left when it went down or became full during the pause", () => {
    const changes: ((at: Scene, server: number) => void)[] = [
      (at, server) => at.shared.servers.setUp(server, false),
      (at, server) => {
        at.shared.servers.setConnectionsMax(server, 1);
        at.context.servers.tryAcquire(server);
      },
    ];
    for (const change of changes) {
      const at = scene(2, { retries: 1, redispatches: 1 });
      at.client();
      const first = at.lastDialled;
      refuse(at);
      change(at, first);
      at.io.pass(PAUSE_MS);
      expect(dialled(at)).toEqual([first, 1 - first]);
      expect(at.count("retries")).toBe(0);
    }
  });

  it("is told to the control plane each time, with its errno", () => {
    const at = scene(1, { retries: 1 });
    at.client();
    refuse(at);
    at.io.pass(PAUSE_MS);
    refuse(at, errno.EHOSTUNREACH);
    expect(at.shared.servers.failures(0)).toBe(2);
    expect(at.shared.servers.failureErrno(0)).toBe(errno.EHOSTUNREACH);
  });

  it("is not blamed for what this process has run out of", () => {
    for (const name of OUR_OWN) {
      const at = scene(2, { redispatches: 1 });
      at.client();
      const first = at.lastDialled;
      refuse(at, errno[name]);
      expect(at.shared.servers.failures(first)).toBe(0);
      expect(dialled(at)).toEqual([first, 1 - first]);
      expect(at.count("dialFailures")).toBe(1);
    }
  });

  it("is never tried twice by redispatching", () => {
    const at = scene(3, { redispatches: 9 });
    const slot = at.client();
    for (let i = 0; i < 3; i++) refuse(at);
    expect(new Set(dialled(at)).size).toBe(3);
    expect(at.io.dials).toHaveLength(3);
    at.io.end(slot);
    expect(at.leftovers()).toEqual([]);
  });
});

describe("servers that were tried many times", () => {
  it("stay remembered, one place each", () => {
    const at = scene(3, { retries: 4, redispatches: 9 });
    at.client();
    for (let i = 0; i < 15; i++) {
      refuse(at);
      at.io.pass(PAUSE_MS);
    }
    const runs = [0, 5, 10].map((start) => new Set(dialled(at).slice(start, start + 5)).size);
    expect(runs).toEqual([1, 1, 1]);
    expect(at.io.dials).toHaveLength(15);
    expect(new Set(dialled(at)).size).toBe(3);
  });
});

describe("when every way has failed", () => {
  it.each([
    [errno.ECONNREFUSED, "dial-refused"],
    [errno.EMFILE, "dial-failed"],
    [errno.ENETUNREACH, "dial-failed"],
    [errno.ETIMEDOUT, "dial-timeout"],
  ])("errno %i ends the client for %s, with a CONNACK", (error, reason) => {
    const at = scene(2, { retries: 1, redispatches: 1 });
    const slot = at.client();
    refuse(at, error);
    at.io.pass(PAUSE_MS);
    refuse(at, error);
    refuse(at, error);
    at.io.pass(PAUSE_MS);
    expect([...at.io.taken(slot)]).toEqual([]);
    refuse(at, error);
    expect([...at.io.taken(slot)]).toEqual(REFUSES);
    expect(at.io.socket(slot).finished).toBe(true);
    at.io.end(slot);
    const [record] = at.finished();
    expect(record).toMatchObject({ errno: error, retries: 2, redispatches: 1, server: -1 });
    expect(record!.dialMs).toBe(-1);
    expect(at.count("closed", record!.reason)).toBe(1);
    expect(at.leftovers()).toEqual([]);
    expect(reason).toBe(reasonName(record!.reason));
  });

  it("answers 5.0 in its own words", () => {
    const at = scene(1);
    const slot = at.client(CONNECT_5);
    refuse(at);
    const words = at.io.taken(slot);
    expect(readConnack(words, 0, words.length)).toBe(ReasonCode.serverUnavailable);
    at.io.end(slot);
    expect(at.reasons()).toEqual(["dial-refused"]);
  });

  it("says nothing to a client that does not speak MQTT", () => {
    const at = new Scene({ listener: { protocol: "tcp" } });
    const slot = at.io.accept();
    refuse(at);
    expect(at.io.socket(slot).phase).toBe("free");
    expect(at.reasons()).toEqual(["dial-refused"]);
    expect(at.leftovers()).toEqual([]);
  });
});

describe("an attempt without an answer", () => {
  it("times out, is counted and reported, and followed by the next", () => {
    const at = scene(2, { redispatches: 1 });
    const slot = at.client();
    const first = at.lastDialled;
    at.io.pass(DIAL_TIMEOUT_MS - 1);
    expect(dialled(at)).toEqual([first]);
    at.io.pass(1);
    expect(dialled(at)).toEqual([first, 1 - first]);
    expect(at.shared.servers.failureErrno(first)).toBe(errno.ETIMEDOUT);
    at.io.pass(DIAL_TIMEOUT_MS);
    expect(at.count("dialTimeouts")).toBe(2);
    expect(at.count("dialFailures")).toBe(2);
    at.io.end(slot);
    expect(at.reasons()).toEqual(["dial-timeout"]);
    expect(at.leftovers()).toEqual([]);
  });
});

describe("a server that goes before it says a word", () => {
  it.each([
    ["closes", (at: Scene, slot: number) => at.io.end(slot)],
    ["resets", (at: Scene, slot: number) => at.io.break(slot, errno.ECONNRESET)],
  ])("is replaced, and the client notices nothing: it %s", (_, go) => {
    const at = scene(2, { retries: 2, redispatches: 1 });
    const slot = at.relayed();
    const first = at.lastDialled;
    expect(at.io.taken(slot ^ 1)).toEqual(CONNECT);
    go(at, slot ^ 1);
    expect(dialled(at)).toEqual([first, 1 - first]);
    expect([0, 1].map((server) => at.shared.servers.active(server))).toEqual(
      first === 0 ? [0, 1] : [1, 0],
    );
    expect(at.io.socket(slot).receiving).toBe(false);
    at.io.establish(slot ^ 1);
    expect(at.io.taken(slot ^ 1)).toEqual(CONNECT);
    at.io.bring(slot ^ 1, CONNACK);
    expect(at.io.taken(slot)).toEqual(CONNACK);
    expect(at.count("packetsFromClients", CONNECT[0])).toBe(1);
    expect(at.io.pool.used).toBe(0);
    at.io.end(slot);
    at.io.end(slot ^ 1);
    const [record] = at.finished();
    expect(record).toMatchObject({ packetsIn: 1, redispatches: 1, retries: 0, errno: 0 });
    expect(record).toMatchObject({ bytesIn: CONNECT.length, server: 1 - first });
    expect(at.leftovers()).toEqual([]);
  });

  it("is not reported: one client's CONNECT must not take servers out for all", () => {
    const at = scene(2, { redispatches: 1 });
    const slot = at.relayed();
    at.io.break(slot ^ 1, errno.ECONNRESET);
    expect([0, 1].map((server) => at.shared.servers.failures(server))).toEqual([0, 0]);
    expect(at.count("dialFailures")).toBe(1);
  });

  it("ends the connection when there is no other", () => {
    const at = scene(2, { redispatches: 1 });
    const closed = at.relayed();
    for (let tries = 0; tries < 2; tries++) {
      if (tries > 0) at.io.establish(closed ^ 1);
      at.io.end(closed ^ 1);
    }
    expect([...at.io.taken(closed)]).toEqual([0x20, 2, 0, 3]);
    at.io.end(closed);
    expect(at.reasons()).toEqual(["server-closed"]);
    const reset = at.relayed();
    for (let tries = 0; tries < 2; tries++) {
      if (tries > 0) at.io.establish(reset ^ 1);
      at.io.break(reset ^ 1, errno.ECONNRESET);
    }
    at.io.end(reset);
    expect(at.reasons()).toEqual(["server-reset"]);
    expect(at.leftovers()).toEqual([]);
  });

  it("is not replaced once the client has gone on, or when more went with the CONNECT", () => {
    const at = scene(2, { redispatches: 1 });
    const goesOn = at.relayed();
    at.io.bring(goesOn, PINGREQ);
    at.io.end(goesOn ^ 1);
    at.io.end(goesOn);
    const early = at.relayed(Uint8Array.from([...CONNECT, ...PINGREQ]));
    at.io.end(early ^ 1);
    at.io.end(early);
    const left = at.relayed();
    at.io.end(left);
    at.io.end(left ^ 1);
    expect(at.reasons()).toEqual(["server-closed", "server-closed", "client-closed"]);
    expect(at.count("redispatches")).toBe(0);
    expect(at.leftovers()).toEqual([]);
  });

  it("is not replaced when buffers are scarce: they are for those who relay", () => {
    const at = new Scene({ servers: [{}, {}], pool: { redispatches: 1 }, slabs: 2 });
    const slot = at.relayed();
    expect(at.io.pool.used).toBe(0);
    at.io.end(slot ^ 1);
    at.io.end(slot);
    expect(at.reasons()).toEqual(["server-closed"]);
  });
});

describe("what was held", () => {
  it("goes out in order even when the server takes it slowly", () => {
    const at = scene(1);
    const packet = connectPacket({ clientId: "x".repeat(40_000) });
    const slot = at.client(packet);
    at.io.dials.length = 0;
    at.io.pass(10);
    at.io.socket(slot ^ 1).answer = 1;
    at.io.establish(slot ^ 1);
    expect(at.io.taken(slot ^ 1)).toEqual(packet);
    expect(at.io.socket(slot).receiving).toBe(false);
    at.io.drain(slot ^ 1);
    expect(at.io.socket(slot).receiving).toBe(true);
    at.io.bring(slot ^ 1, CONNACK);
    expect(at.io.pool.used).toBe(0);
  });

  it("is let go when the server breaks before it has it", () => {
    const at = scene(1);
    const slot = at.client();
    at.io.failSends(slot ^ 1, errno.ECONNRESET);
    at.io.establish(slot ^ 1);
    at.io.end(slot);
    expect(at.reasons()).toEqual(["server-reset"]);
    expect(at.io.closes).toContain(slot);
    expect(at.leftovers()).toEqual([]);
  });

  it("is not passed on when it is no MQTT behind the CONNECT", () => {
    const at = scene(1);
    const slot = at.client(Uint8Array.from([...CONNECT, 0x00, 0x00]));
    at.io.establish(slot ^ 1);
    expect([...at.io.taken(slot ^ 1)]).toEqual([]);
    expect(at.reasons()).toEqual(["malformed-from-client"]);
    expect(at.leftovers()).toEqual([]);
  });
});

describe("a client that is ended from outside", () => {
  it("lets go of the attempt that is under way, or of the pause", () => {
    for (const pausing of [false, true]) {
      const at = scene(1, { retries: 1 });
      const slot = at.client();
      if (pausing) refuse(at);
      expect(at.context.connections.state[0]).toBe(DIALLING);
      at.io.run(() => at.relay.endConnection(0, REASON["killed-by-admin"]));
      expect(at.io.socket(slot ^ 1).phase).toBe("free");
      expect(at.finished()).toHaveLength(1);
      expect(at.leftovers()).toEqual([]);
    }
  });
});

function reasonName(reason: number): string {
  return CLOSE_REASONS[reason]!.name;
}
