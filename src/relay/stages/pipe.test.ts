import { describe, expect, it } from "vitest";
import { makeFrame } from "../../../tests/fixtures/frames.ts";
import {
  CONNACK,
  CONNECT,
  DISCONNECT,
  FINISH_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  PINGREQ,
  PINGRESP,
  Scene,
} from "../../../tests/relay/relay-scene.ts";
import { errno } from "../../linux/abi.ts";
import { CLOSE_REASONS, REASON } from "../../shm/close-reason.ts";
import { PACKET_SIZE_BOUNDS } from "../../shm/histogram.ts";

const PUBLISH = Uint8Array.of(0x30, 5, 0, 1, 0x74, 0x68, 0x69);
const RESET_PIPE = [errno.ECONNRESET, errno.EPIPE];
const GONE = [errno.ETIMEDOUT, errno.EHOSTUNREACH];
const CONNACK_REFUSES = Uint8Array.of(0x20, 2, 0, 5);

/** Both sides have come to their end, one after the other. */
function endBoth(scene: Scene, first: number): void {
  scene.io.end(first);
  scene.io.end(first ^ 1);
}

describe("bytes", () => {
  it("go both ways and are counted on every row", () => {
    const scene = new Scene();
    const slot = scene.relayed();
    scene.io.bring(slot ^ 1, CONNACK);
    scene.io.taken(slot ^ 1);
    scene.io.bring(slot, Uint8Array.from([...PUBLISH, ...PINGREQ]));
    scene.io.bring(slot ^ 1, PINGRESP);
    expect(scene.io.taken(slot ^ 1)).toEqual(Uint8Array.from([...PUBLISH, ...PINGREQ]));
    expect(scene.io.taken(slot)).toEqual(Uint8Array.from([...CONNACK, ...PINGRESP]));
    const fromClient = CONNECT.length + PUBLISH.length + 2;
    expect(scene.count("clientBytesIn")).toBe(fromClient);
    expect(scene.count("serverBytesOut")).toBe(fromClient);
    expect(scene.countOfServer(0, "bytesOut")).toBe(fromClient);
    expect(scene.count("serverBytesIn")).toBe(6);
    expect(scene.count("clientBytesOut")).toBe(6);
    expect(scene.countOfServer(0, "bytesIn")).toBe(6);
    expect(
      [0x10, PUBLISH[0]!, 0xc0].map((first) => scene.count("packetsFromClients", first)),
    ).toEqual([1, 1, 1]);
    expect([0x20, 0xd0].map((first) => scene.count("packetsFromServers", first))).toEqual([1, 1]);
    const sizes = scene.count("publishSizesFromClients", PACKET_SIZE_BOUNDS.length + 1);
    expect(sizes).toBe(PUBLISH.length);
    endBoth(scene, slot);
    expect(scene.finished()[0]).toMatchObject({ packetsIn: 3, packetsOut: 2, bytesOut: 6 });
  });

  it("are passed on unjudged where a listener is tcp, whoever speaks first", () => {
    const scene = new Scene({ listener: { protocol: "tcp" } });
    const slot = scene.io.accept();
    scene.io.establish(slot ^ 1);
    scene.io.bring(slot ^ 1, [0, 0, 0]);
    scene.io.bring(slot, [1, 2, 3]);
    expect([...scene.io.taken(slot)]).toEqual([0, 0, 0]);
    expect([...scene.io.taken(slot ^ 1)]).toEqual([1, 2, 3]);
    endBoth(scene, slot);
    expect(scene.finished()[0]).toMatchObject({ level: 0, packetsIn: 0, bytesIn: 3, bytesOut: 3 });
    expect(scene.leftovers()).toEqual([]);
  });

  it("that are no MQTT end the connection with the side that sent them", () => {
    const fiveByteLength = [0x30, 0xff, 0xff, 0xff, 0xff];
    for (const wrong of [[0, 0], fiveByteLength]) {
      const scene = new Scene();
      const slot = scene.accepted();
      scene.io.bring(slot, wrong);
      expect([...scene.io.taken(slot ^ 1)]).toEqual([]);
      scene.io.bring(scene.accepted() ^ 1, wrong);
      expect(scene.reasons()).toEqual(["malformed-from-client", "malformed-from-server"]);
      expect(scene.leftovers()).toEqual([]);
    }
  });
});

describe("a side that reads slowly", () => {
  it.each(["client", "server"])("stops the other from being read, and nothing else: %s", (side) => {
    const scene = new Scene();
    const client = scene.accepted();
    const slow = side === "client" ? client : client ^ 1;
    scene.io.slow(slow);
    scene.io.bring(slow ^ 1, PUBLISH);
    expect(scene.io.socket(slow ^ 1).receiving).toBe(false);
    expect(scene.io.socket(slow).receiving).toBe(true);
    expect(scene.count("receivePauses")).toBe(1);
    scene.io.bring(slow, PINGREQ);
    expect(scene.io.taken(slow ^ 1)).toEqual(PINGREQ);
    scene.io.drain(slow);
    expect(scene.io.socket(slow ^ 1).receiving).toBe(true);
    expect(scene.io.taken(slow)).toEqual(PUBLISH);
    scene.io.bring(slow ^ 1, PINGREQ);
    expect(scene.io.taken(slow)).toEqual(PINGREQ);
  });

  it("may hold up both directions at once", () => {
    const scene = new Scene();
    const slot = scene.accepted();
    for (const side of [slot, slot ^ 1]) scene.io.slow(side);
    for (const side of [slot, slot ^ 1]) scene.io.bring(side, PUBLISH);
    expect([slot, slot ^ 1].map((side) => scene.io.socket(side).receiving)).toEqual([false, false]);
    scene.io.drain(slot);
    expect([slot, slot ^ 1].map((side) => scene.io.socket(side).receiving)).toEqual([false, true]);
    scene.io.drain(slot ^ 1);
    expect([slot, slot ^ 1].map((side) => scene.io.socket(side).receiving)).toEqual([true, true]);
  });

  it("ends with its error when the rest cannot be sent", () => {
    const scene = new Scene();
    const slot = scene.accepted();
    scene.io.slow(slot);
    scene.io.bring(slot ^ 1, PUBLISH);
    scene.io.breakSending(slot, errno.ECONNRESET);
    expect(scene.finished()[0]).toMatchObject({ errno: errno.ECONNRESET });
    expect(scene.leftovers()).toEqual([]);
  });

  it("costs its connection when no buffer is left", () => {
    const scene = new Scene();
    const slot = scene.accepted();
    scene.io.failSends(slot, errno.ENOBUFS);
    scene.io.bring(slot ^ 1, PUBLISH);
    expect(scene.reasons()).toEqual(["buffers-exhausted"]);
    expect(scene.count("slabPoolDry")).toBe(1);
    expect([slot, slot ^ 1].map((side) => scene.io.socket(side).wasReset)).toEqual([true, true]);
    expect(scene.leftovers()).toEqual([]);
  });
});

describe("the last bytes of a side", () => {
  it("may wait for the FIN behind them, where that is known to follow", () => {
    for (const side of [0, 1]) {
      const scene = new Scene();
      const slot = scene.relayed() ^ side;
      if (side === 0) scene.io.bring(slot ^ 1, CONNACK);
      scene.io.bring(slot, side === 0 ? PINGREQ : CONNACK);
      expect(scene.io.socket(slot ^ 1).awaitsMore).toBe(false);
      scene.io.endFollows = true;
      scene.io.bring(slot, side === 0 ? DISCONNECT : PINGRESP);
      expect(scene.io.socket(slot ^ 1)).toMatchObject({ awaitsMore: true, finished: false });
      scene.io.endFollows = false;
      scene.io.end(slot);
      expect(scene.io.socket(slot ^ 1).finished).toBe(true);
    }
  });
});

describe("half-close", () => {
  it.each([
    ["client", "client-closed"],
    ["server", "server-closed"],
  ])("is passed on, and the other direction stays open: %s first", (side, reason) => {
    const scene = new Scene();
    const client = scene.accepted();
    const first = side === "client" ? client : client ^ 1;
    scene.io.end(first);
    expect(scene.io.socket(first ^ 1).finished).toBe(true);
    expect(scene.io.socket(first).finished).toBe(false);
    scene.io.bring(first ^ 1, PUBLISH);
    expect(scene.io.taken(first)).toEqual(PUBLISH);
    expect(scene.finished()).toEqual([]);
    scene.io.end(first ^ 1);
    expect(scene.reasons()).toEqual([reason]);
    expect([first, first ^ 1].map((side) => scene.io.socket(side).wasReset)).toEqual([
      false,
      false,
    ]);
    expect(scene.leftovers()).toEqual([]);
  });

  it("waits for what a slow side has not taken yet", () => {
    const scene = new Scene();
    const slot = scene.accepted();
    scene.io.slow(slot);
    scene.io.bring(slot ^ 1, PUBLISH);
    scene.io.end(slot);
    expect(scene.finished()).toEqual([]);
    scene.io.drain(slot);
    expect(scene.io.socket(slot ^ 1).receiving).toBe(true);
    scene.io.end(slot ^ 1);
    expect(scene.reasons()).toEqual(["client-closed"]);
    expect(scene.leftovers()).toEqual([]);
  });

  it("does not read again from a side that has ended", () => {
    const scene = new Scene();
    const slot = scene.accepted();
    scene.io.slow(slot ^ 1);
    scene.io.bring(slot, PUBLISH);
    scene.io.slow(slot);
    scene.io.bring(slot ^ 1, PUBLISH);
    scene.io.drain(slot);
    scene.io.end(slot ^ 1);
    expect(scene.io.socket(slot).finished).toBe(true);
    scene.io.drain(slot ^ 1);
    expect(scene.io.socket(slot).receiving).toBe(true);
    scene.io.end(slot);
    expect(scene.reasons()).toEqual(["server-closed"]);
  });

  it("ends when the last bytes have left, if both sides ended before", () => {
    const scene = new Scene();
    const slot = scene.accepted();
    scene.io.slow(slot ^ 1);
    scene.io.end(slot ^ 1);
    scene.io.bring(slot, PUBLISH);
    expect(scene.io.socket(slot).receiving).toBe(false);
    scene.io.drain(slot ^ 1);
    scene.io.end(slot);
    expect(scene.reasons()).toEqual(["server-closed"]);
    expect(scene.leftovers()).toEqual([]);
  });

  it("is not for ever: the other side must follow in time", () => {
    const scene = new Scene();
    const slot = scene.accepted();
    scene.io.end(slot);
    scene.io.pass(FINISH_TIMEOUT_MS - 1);
    scene.io.bring(slot ^ 1, PUBLISH);
    scene.io.pass(FINISH_TIMEOUT_MS - 1);
    expect(scene.finished()).toEqual([]);
    scene.io.pass(1);
    expect(scene.reasons()).toEqual(["finish-timeout"]);
    expect(scene.leftovers()).toEqual([]);
  });
});

describe("the end", () => {
  it("is named after a DISCONNECT, whole and the last packet", () => {
    const cases = [
      [[...DISCONNECT], "disconnected"],
      [[...PUBLISH, ...DISCONNECT], "disconnected"],
      [[...DISCONNECT, ...PUBLISH], "closed"],
      [[0xe0], "closed"],
      [[], "closed"],
    ] as const;
    for (const [bytes, what] of cases) {
      const scene = new Scene();
      for (const side of [0, 1]) {
        const slot = scene.accepted() ^ side;
        if (bytes.length > 0) scene.io.bring(slot, bytes);
        endBoth(scene, slot);
      }
      expect(scene.reasons()).toEqual([`client-${what}`, `server-${what}`]);
    }
  });

  it("is named after who said goodbye, not after who closed first", () => {
    const scene = new Scene();
    for (const side of [0, 1]) {
      const polite = scene.accepted() ^ side;
      scene.io.bring(polite, DISCONNECT);
      endBoth(scene, polite ^ 1);
      const reset = scene.accepted() ^ side;
      scene.io.bring(reset, DISCONNECT);
      scene.io.break(reset ^ 1, errno.ECONNRESET);
    }
    const [client, server] = [REASON["client-disconnected"], REASON["server-disconnected"]];
    const records = scene.finished();
    expect(records.map(({ reason }) => reason)).toEqual([client, client, server, server]);
    expect(records.map(({ errno }) => errno)).toEqual([0, 0, 0, 0]);
  });

  it("is the server's refusal, whoever closes first and however the CONNACK was split", () => {
    for (const closer of [0, 1]) {
      for (let at = 0; at < CONNACK_REFUSES.length; at++) {
        const scene = new Scene();
        const slot = scene.relayed();
        const pieces = [CONNACK_REFUSES.subarray(0, at), CONNACK_REFUSES.subarray(at)];
        for (const piece of pieces) if (piece.length > 0) scene.io.bring(slot ^ 1, piece);
        endBoth(scene, slot ^ closer);
        expect(scene.reasons()).toEqual(["server-refused"]);
      }
    }
  });

  it("is no fault when a reset follows a DISCONNECT or a refusal", () => {
    const scene = new Scene();
    const first = scene.accepted();
    scene.io.bring(first, DISCONNECT);
    scene.io.end(first);
    scene.io.break(first ^ 1, errno.ECONNRESET);
    const second = scene.relayed();
    scene.io.bring(second ^ 1, CONNACK_REFUSES);
    scene.io.end(second ^ 1);
    scene.io.break(second, errno.ECONNRESET);
    const records = scene.finished();
    expect(records.map(({ errno }) => errno)).toEqual([0, 0]);
    expect(scene.leftovers()).toEqual([]);
  });

  it("by a reset goes through to the other side as one", () => {
    for (const [errors, what] of [
      [RESET_PIPE, "reset"],
      [GONE, "unreachable"],
    ] as const) {
      for (const error of errors) {
        const scene = new Scene();
        const sides = [scene.accepted(), scene.accepted() ^ 1];
        for (const slot of sides) {
          scene.io.break(slot, error);
          expect(scene.io.socket(slot ^ 1).wasReset).toBe(true);
        }
        const records = scene.finished();
        expect(records.every((record) => record.errno === error)).toBe(true);
        expect(scene.leftovers()).toEqual([]);
        expect(scene.count("connectionsClosed")).toBe(2);
        expect(records.map(({ reason }) => reasonName(reason))).toEqual([
          `client-${what}`,
          `server-${what}`,
        ]);
      }
    }
  });

  it("by a reset of a half-closed connection is not taken for an orderly one", () => {
    const scene = new Scene();
    const slot = scene.accepted();
    scene.io.end(slot);
    scene.io.break(slot ^ 1, errno.ECONNRESET);
    expect(scene.reasons()).toEqual(["server-reset"]);
    expect(scene.io.socket(slot).wasReset).toBe(true);
  });

  it("shows when sending, too: the side that is gone, or what had ended it before", () => {
    const scene = new Scene();
    const first = scene.accepted();
    scene.io.failSends(first, errno.EPIPE);
    scene.io.bring(first ^ 1, PUBLISH);
    const second = scene.accepted();
    scene.io.end(second);
    scene.io.failSends(second, errno.EPIPE);
    scene.io.bring(second ^ 1, PUBLISH);
    expect(scene.reasons()).toEqual(["client-reset", "client-closed"]);
    expect(scene.leftovers()).toEqual([]);
  });
});

describe("the idle timeout", () => {
  it("is moved by bytes of either side", () => {
    const scene = new Scene();
    const slot = scene.accepted();
    scene.io.pass(IDLE_TIMEOUT_MS - 1);
    scene.io.bring(slot, PINGREQ);
    scene.io.pass(IDLE_TIMEOUT_MS - 1);
    scene.io.bring(slot ^ 1, PINGRESP);
    scene.io.pass(IDLE_TIMEOUT_MS - 1);
    expect(scene.finished()).toEqual([]);
    scene.io.pass(1);
    expect(scene.reasons()).toEqual(["idle-timeout"]);
    expect(scene.leftovers()).toEqual([]);
  });

  it("ends a client whose server never answers its CONNECT", () => {
    const scene = new Scene();
    scene.relayed();
    scene.io.pass(IDLE_TIMEOUT_MS);
    expect(scene.reasons()).toEqual(["idle-timeout"]);
    expect(scene.leftovers()).toEqual([]);
  });
});

function reasonName(reason: number): string {
  return CLOSE_REASONS[reason]!.name;
}

describe("a client that makes us answer and does not read the answers", () => {
  const websocket = { paths: ["/mqtt"], origins: [], frameSizeMaxBytes: 1024, deadlineMs: 1_000 };
  const request = Buffer.from(
    "GET /mqtt HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  const ping = makeFrame({ opcode: 9 });
  const publish = makeFrame({ opcode: 2, payload: PUBLISH });

  it("is not read until it does, whatever its server takes meanwhile", () => {
    const scene = new Scene({ listener: { websocket } });
    const slot = scene.client(request);
    scene.io.bring(slot, makeFrame({ opcode: 2, payload: CONNECT }));
    scene.io.establish(slot ^ 1);
    scene.io.slow(slot ^ 1);
    scene.io.slow(slot);
    scene.io.bring(slot, Uint8Array.from([...publish, ...ping]));
    expect(scene.io.socket(slot).receiving).toBe(false);
    scene.io.drain(slot ^ 1);
    expect(scene.io.socket(slot).receiving).toBe(false);
    scene.io.drain(slot);
    expect(scene.io.socket(slot).receiving).toBe(true);
  });

  it("is not read either when its server is slower than it is", () => {
    const scene = new Scene({ listener: { websocket } });
    const slot = scene.client(request);
    scene.io.bring(slot, makeFrame({ opcode: 2, payload: CONNECT }));
    scene.io.establish(slot ^ 1);
    scene.io.slow(slot ^ 1);
    scene.io.slow(slot);
    scene.io.bring(slot, Uint8Array.from([...publish, ...ping]));
    scene.io.drain(slot);
    expect(scene.io.socket(slot).receiving).toBe(false);
    scene.io.drain(slot ^ 1);
    expect(scene.io.socket(slot).receiving).toBe(true);
  });
});
