import { describe, expect, it } from "vitest";
import {
  CONNACK,
  CONNECT,
  CONNECT_DEADLINE_MS,
  connectPacket,
  Scene,
} from "../../../tests/relay/relay-scene.ts";
import { makeEndpoint } from "../../bytes/endpoint.ts";
import { SLAB_SIZE } from "../../io/slab-pool.ts";
import { Rule } from "../../mqtt/rule.ts";
import { connectionOf } from "../connections.ts";
import { DIALLING, LINGERING, READING_CONNECT } from "../state.ts";

const TOPIC_AND_MESSAGE = [0, 1, 0x74, 0x68, 0x69];
const PUBLISH = [0x30, TOPIC_AND_MESSAGE.length, ...TOPIC_AND_MESSAGE];

function text(value: string): Uint8Array {
  return Uint8Array.from(value, (character) => character.charCodeAt(0));
}

function stateOf(scene: Scene, slot: number): number {
  return scene.context.connections.state[connectionOf(slot)]!;
}

/** Gives bytes to a new client and ends it where it still lives. */
function reasonFor(bytes: Uint8Array, scene = new Scene()): string {
  const slot = scene.client(bytes);
  if (stateOf(scene, slot) === LINGERING) scene.io.end(slot);
  const [reason] = scene.reasons();
  expect(scene.leftovers()).toEqual([]);
  return reason!;
}

describe("onConnectBytes", () => {
  it("passes a whole CONNECT on as it came", () => {
    const scene = new Scene();
    const slot = scene.relayed();
    expect(scene.io.taken(slot ^ 1)).toEqual(CONNECT);
    expect(scene.context.connections.level[0]).toBe(4);
    scene.io.bring(slot ^ 1, CONNACK);
    expect(scene.io.pool.used).toBe(0);
  });

  it("puts a CONNECT together that is split at any byte", () => {
    for (let at = 1; at < CONNECT.length; at++) {
      const scene = new Scene();
      const slot = scene.client(CONNECT.subarray(0, at));
      expect(stateOf(scene, slot)).toBe(READING_CONNECT);
      scene.io.bring(slot, CONNECT.subarray(at));
      expect(stateOf(scene, slot)).toBe(DIALLING);
      scene.io.establish(slot ^ 1);
      expect(scene.io.taken(slot ^ 1)).toEqual(CONNECT);
    }
  });

  it("puts a CONNECT together that comes byte by byte, over a slab's size too", () => {
    const long = connectPacket({ clientId: "x".repeat(SLAB_SIZE + 100) });
    for (const [packet, piece] of [
      [CONNECT, 1],
      [long, 1_000],
    ] as const) {
      const scene = new Scene();
      const slot = scene.client(packet.subarray(0, piece));
      for (let at = piece; at < packet.length; at += piece) {
        scene.io.bring(slot, packet.subarray(at, at + piece));
      }
      scene.io.establish(slot ^ 1);
      expect(scene.io.taken(slot ^ 1)).toEqual(packet);
      scene.io.bring(slot ^ 1, CONNACK);
      expect(scene.io.pool.used).toBe(0);
    }
  });

  it("holds what comes right behind the CONNECT, in order", () => {
    const scene = new Scene();
    const bytes = Uint8Array.from([...CONNECT, ...PUBLISH, ...PUBLISH]);
    const slot = scene.client(bytes.subarray(0, 3));
    scene.io.bring(slot, bytes.subarray(3));
    expect(scene.io.socket(slot).receiving).toBe(false);
    scene.io.establish(slot ^ 1);
    expect(scene.io.taken(slot ^ 1)).toEqual(bytes);
    expect(scene.count("packetsFromClients", CONNECT[0])).toBe(1);
    expect(scene.count("packetsFromClients", PUBLISH[0])).toBe(2);
  });

  it("counts the bytes of every piece once", () => {
    const scene = new Scene();
    const slot = scene.client(CONNECT.subarray(0, 5));
    scene.io.bring(slot, CONNECT.subarray(5));
    scene.io.establish(slot ^ 1);
    expect(scene.count("clientBytesIn")).toBe(CONNECT.length);
    expect(scene.count("serverBytesOut")).toBe(CONNECT.length);
    expect(scene.countOfServer(0, "bytesOut")).toBe(CONNECT.length);
  });

  it("keeps who the client is, with ids of any length", () => {
    for (const clientId of ["d", "x".repeat(40), "x".repeat(41), "x".repeat(20_000)]) {
      const scene = new Scene({ stickBy: "user-name" });
      scene.client(connectPacket({ clientId, userName: "ann" }));
      const { clientIds, stickKeys } = scene.context.connections;
      expect(clientIds.lengthOf(0)).toBe(clientId.length);
      const at = stickKeys.of(0).offsetOf(0);
      expect(
        stickKeys
          .of(0)
          .bytesOf(0)
          .subarray(at, at + 3),
      ).toEqual(text("ann"));
    }
  });

  it("keeps no user name that nobody asks for", () => {
    const scene = new Scene({ stickBy: "source" });
    scene.client(connectPacket({ userName: "ann" }));
    expect(scene.context.connections.stickKeys.of(0).lengthOf(0)).toBe(0);
  });
});

describe("a CONNECT that is refused", () => {
  it("is told from TLS, from HTTP and from noise", () => {
    expect(reasonFor(Uint8Array.of(0x16, 3, 1, 2, 0, 1))).toBe("tls-on-plain-port");
    expect(reasonFor(text("GET / HTTP/1.1\r\n"))).toBe("http-on-mqtt-port");
    expect(reasonFor(text("OPTIONS * HTTP/1.1\r\n"))).toBe("http-on-mqtt-port");
    expect(reasonFor(text("SSH-2.0-OpenSSH_9.2\r\n"))).toBe("not-mqtt");
    expect(reasonFor(text("G"))).toBe("not-mqtt");
    expect(reasonFor(Uint8Array.of(0xc0, 0))).toBe("not-mqtt");
    expect(reasonFor(Uint8Array.of(0, 0))).toBe("not-mqtt");
  });

  it("is too large from its fixed header alone", () => {
    const scene = new Scene({ listener: { connectSizeMaxBytes: 1_000 } });
    const slot = scene.client(Uint8Array.of(0x10, 0x80));
    scene.io.bring(slot, Uint8Array.of(0x80, 0x01));
    expect(scene.reasons()).toEqual(["connect-too-large"]);
    expect(scene.count("connectsRefusedByRule", Rule.sizeOverLimit)).toBe(1);
  });

  it("may be as large as the limit and not a byte larger", () => {
    const packet = connectPacket({ clientId: "x".repeat(500) });
    const exact = new Scene({ listener: { connectSizeMaxBytes: packet.length } });
    expect(stateOf(exact, exact.client(packet))).toBe(DIALLING);
    const under = new Scene({ listener: { connectSizeMaxBytes: packet.length - 1 } });
    expect(reasonFor(packet, under)).toBe("connect-too-large");
  });

  it("is judged by its head as soon as that is there, however small the first pieces", () => {
    const wrong = connectPacket({ clientId: "x".repeat(1_000) });
    wrong.set(text("mqtt"), 5);
    for (let first = 1; first < 12; first++) {
      const scene = new Scene();
      const slot = scene.client(wrong.subarray(0, first));
      if (scene.io.socket(slot).phase === "open") scene.io.bring(slot, wrong.subarray(first, 200));
      expect(scene.reasons()).toEqual(["connect-malformed"]);
    }
  });

  it("is answered as its version and rule want it, and only where they want it", () => {
    const levelSix = CONNECT.slice();
    levelSix[8] = 6;
    const badName = connectPacket({ level: 5, clientId: "x\u0000" });
    const emptyId = connectPacket({ clientId: "", cleanStart: false });
    const reserved = CONNECT.slice();
    reserved[9]! |= 1;
    const cases = [
      [levelSix, [0x20, 2, 0, 1]],
      [badName, [0x20, 3, 0, 0x81, 0]],
      [emptyId, [0x20, 2, 0, 2]],
      [reserved, []],
    ] as const;
    for (const [packet, answer] of cases) {
      const scene = new Scene();
      const slot = scene.client(packet);
      expect([...scene.io.taken(slot)]).toEqual(answer);
      expect(scene.io.socket(slot).finished).toBe(answer.length > 0);
    }
  });

  it("is logged with its rule, and counted by it", () => {
    const scene = new Scene();
    const packet = CONNECT.slice();
    packet[9]! |= 1;
    scene.client(packet);
    const [record] = scene.finished();
    expect(record!.rule).toBe(Rule.reservedFlag);
    expect(scene.count("connectsRefusedByRule", Rule.reservedFlag)).toBe(1);
  });
});

describe("a client without a CONNECT", () => {
  it("is ended by its deadline, which bytes do not move", () => {
    const scene = new Scene();
    const slot = scene.io.accept();
    for (let i = 0; i < 9; i++) {
      scene.io.pass(CONNECT_DEADLINE_MS / 10);
      scene.io.bring(slot, CONNECT.subarray(i, i + 1));
    }
    expect(scene.relay.connectionCount).toBe(1);
    scene.io.pass(CONNECT_DEADLINE_MS / 10);
    expect(scene.reasons()).toEqual(["connect-deadline"]);
    expect(scene.leftovers()).toEqual([]);
  });

  it("may leave or break off", () => {
    const scene = new Scene();
    scene.io.end(scene.io.accept());
    scene.io.end(scene.client(CONNECT.subarray(0, 5)));
    scene.io.break(scene.client(CONNECT.subarray(0, 5)), 104);
    const records = scene.finished();
    expect(records.map(({ errno }) => errno)).toEqual([0, 0, 104]);
    expect(scene.count("connectionsClosed")).toBe(3);
    expect(scene.leftovers()).toEqual([]);
  });

  it("is logged under its own address, not that of the row's last user", () => {
    const scene = new Scene();
    const [first, second] = [makeEndpoint("192.0.2.7", 7)!, makeEndpoint("2001:db8::8", 8)!];
    scene.io.end(scene.relayed(CONNECT, first));
    scene.io.pass(60_000);
    scene.io.end(scene.io.accept(0, second));
    expect(scene.finished().map(({ client }) => client)).toEqual([first, second]);
  });

  it("is ended when no buffer is left for its pieces, without harm to others", () => {
    const scene = new Scene({ slabs: 1 });
    const first = scene.client(CONNECT.subarray(0, 5));
    scene.client(CONNECT.subarray(0, 5));
    expect(scene.reasons()).toEqual(["buffers-exhausted"]);
    expect(scene.count("slabPoolDry")).toBe(1);
    scene.io.bring(first, CONNECT.subarray(5));
    scene.io.establish(first ^ 1);
    expect(scene.io.taken(first ^ 1)).toEqual(CONNECT);
  });

  it("may not send more than the scratch area holds", () => {
    const scene = new Scene({ listener: { connectSizeMaxBytes: 1_000_000 } });
    const packet = connectPacket({ clientId: "x".repeat(65_000), userName: "y".repeat(65_000) });
    const pieces = [packet.subarray(0, 60_000), packet.subarray(60_000, 120_000)];
    const slot = scene.client(pieces[0]);
    scene.io.bring(slot, pieces[1]!);
    scene.io.bring(slot, new Uint8Array(20_000));
    expect(scene.reasons()).toEqual(["early-data-too-large"]);
    expect(scene.leftovers()).toEqual([]);
  });
});
