import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Certificates } from "../../tests/certificates.ts";
import { makeFrame } from "../../tests/fixtures/frames.ts";
import { ScriptedIo } from "../../tests/relay/scripted-io.ts";
import { TlsPeer } from "../../tests/relay/tls-peer.ts";
import { certificatesOfTest, listenerPlan, serverPlan } from "../../tests/tls/tls-scene.ts";
import type { IoHandler } from "../io/io.ts";
import { SEND_ON, SEND_WAIT } from "../io/io.ts";
import { ServerContexts } from "../tls/server-contexts.ts";
import { makeClientContext, type TlsContext } from "../tls/tls-context.ts";
import {
  ENDED,
  FRAME_BROKEN,
  GOES_ON,
  PLAIN,
  TAPPED,
  TLS,
  TLS_BROKEN,
  Transport,
  WEBSOCKET,
} from "./transport.ts";

const CLIENT = 0;
const SERVER = 1;
const FRAME_SIZE_MAX = 100_000;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const CLOSE_1000 = Uint8Array.of(0x88, 2, 0x03, 0xe8);

let certificates: Certificates;
let contexts: ServerContexts;
let client: TlsContext;
let io: ScriptedIo;
let transport: Transport;
/** What was received, out of its layers. */
let heard: number[];
let peers: TlsPeer[];

beforeAll(async () => {
  certificates = await certificatesOfTest();
  contexts = new ServerContexts(listenerPlan([certificates.server]), null);
  client = makeClientContext(serverPlan({ authorities: certificates.ca.cert }));
});

beforeEach(() => {
  heard = [];
  peers = [];
  // Takes bytes apart as the relay does, and does nothing else.
  const handler: Partial<IoHandler> = {
    onAccept: () => CLIENT,
    onAccepted: (slot) => io.startReceiving(slot),
    onReceive: (slot, offset, length) => {
      const size = transport.receive(slot, offset, length);
      heard.push(...io.bytes.subarray(transport.offset, transport.offset + size));
    },
    onConnect: (slot) => io.startReceiving(slot),
    onSent: () => undefined,
    onClosed: () => undefined,
  };
  io = new ScriptedIo(handler as IoHandler, 2, 4);
  io.listen(0);
  transport = new Transport(io, 2, () => 0x01020304);
  io.accept();
  io.connect(SERVER, io.keepAddress(new Uint8Array(18)));
  io.establish(SERVER);
});

afterEach(() => {
  io.turn();
  for (const slot of io.openSlots) transport.close(slot);
  io.turn();
  for (const peer of peers) peer.close();
  expect(transport.tlsSessions).toBe(0);
});

function send(slot: number, bytes: Uint8Array): number {
  io.bytes.set(bytes, io.scratchOffset);
  return transport.send(slot, io.scratchOffset, bytes.length);
}

/** A client whose handshake is complete. */
function tlsClient(): TlsPeer {
  transport.acceptTls(CLIENT, contexts.choose("localhost")!);
  const peer = TlsPeer.client(io, CLIENT, client);
  peers.push(peer);
  peer.shakeHands();
  return peer;
}

const numbers = (size: number) => Uint8Array.from({ length: size }, (_, i) => i * 7);

describe("a slot without layers", () => {
  it("sends bytes as they are, and has nothing to say at the end", () => {
    expect(transport.layers[CLIENT]).toBe(PLAIN);
    expect(send(CLIENT, numbers(5))).toBe(SEND_ON);
    expect(io.taken(CLIENT)).toEqual(numbers(5));
    expect(transport.sayEnd(CLIENT, 1000)).toBe(false);
    expect([...io.taken(CLIENT)]).toEqual([]);
  });
});

describe("TLS", () => {
  it("carries bytes both ways, in as many pieces as they need", () => {
    const peer = tlsClient();
    expect([transport.layers[CLIENT], transport.tlsSessions, peer.isOpen]).toEqual([TLS, 1, true]);
    peer.say(numbers(20_000));
    expect(Uint8Array.from(heard)).toEqual(numbers(20_000));
    expect(send(CLIENT, numbers(100_000))).toBe(SEND_ON);
    expect(Uint8Array.from(peer.listen())).toEqual(numbers(100_000));
  });

  it("is spoken to servers, too", () => {
    expect(transport.connectTls(SERVER, client)).toBe(SEND_ON);
    const peer = TlsPeer.server(io, SERVER, contexts.choose("localhost")!);
    peers.push(peer);
    peer.shakeHands();
    expect(peer.isOpen).toBe(true);
    send(SERVER, numbers(10));
    expect(Uint8Array.from(peer.listen())).toEqual(numbers(10));
  });

  it("ends with close_notify, on either side, once", () => {
    const peer = tlsClient();
    io.bring(CLIENT, peer.sealEnd());
    expect([transport.outcome, transport.heardEnd(CLIENT)]).toEqual([ENDED, true]);
    transport.finish(CLIENT);
    expect(io.taken(CLIENT).length).toBeGreaterThan(0);
    expect(io.socket(CLIENT).finished).toBe(true);
    expect(transport.sayEnd(CLIENT, 1000)).toBe(false);
  });

  it("that breaks is told to the peer by an alert", () => {
    const peer = tlsClient();
    io.bring(CLIENT, [0x17, 3, 3, 0, 20, ...numbers(20)]);
    expect(transport.outcome).toBe(TLS_BROKEN);
    peer.listen();
    expect(peer.end.failure(0)).toBe("peer-alert");
    // Whatever follows is not looked at.
    io.bring(CLIENT, numbers(20));
    expect([transport.outcome, heard]).toEqual([TLS_BROKEN, []]);
    expect(transport.sayEnd(CLIENT, 1000)).toBe(false);
  });

  it("gives its session back when its slot is closed or reset, in any state", () => {
    transport.acceptTls(CLIENT, contexts.choose("localhost")!);
    transport.connectTls(SERVER, client);
    expect(transport.tlsSessions).toBe(2);
    transport.close(CLIENT);
    transport.reset(SERVER);
    expect([transport.tlsSessions, ...transport.layers]).toEqual([0, PLAIN, PLAIN]);
  });
});

describe("a tap", () => {
  const tapInto = (seen: number[]) => ({
    show: (_: number, offset: number, length: number) =>
      seen.push(...io.bytes.subarray(offset, offset + length)),
  });

  it("is shown what comes out of the layers, and nothing once it is taken off", () => {
    const seen: number[] = [];
    const peer = tlsClient();
    transport.tap(CLIENT, tapInto(seen));
    peer.say(numbers(20_000));
    expect(Uint8Array.from(seen)).toEqual(numbers(20_000));
    send(CLIENT, numbers(10));
    expect(Uint8Array.from(peer.listen())).toEqual(numbers(10));
    transport.untap(CLIENT);
    peer.say(numbers(5));
    expect([seen.length, transport.layers[CLIENT]]).toEqual([20_000, TLS]);
  });

  it("changes nothing for plain bytes", () => {
    const seen: number[] = [];
    transport.tap(CLIENT, tapInto(seen));
    io.bring(CLIENT, numbers(7));
    expect([Uint8Array.from(seen), Uint8Array.from(heard)]).toEqual([numbers(7), numbers(7)]);
    expect(send(CLIENT, numbers(5))).toBe(SEND_ON);
    expect(io.taken(CLIENT)).toEqual(numbers(5));
    expect([transport.sayEnd(CLIENT, 1000), transport.layers[CLIENT]]).toEqual([false, TAPPED]);
    transport.close(CLIENT);
    expect(transport.layers[CLIENT]).toBe(PLAIN);
  });
});

describe("WebSocket", () => {
  it("takes a client's bytes out of masked frames and puts ours into frames without", () => {
    transport.beginFrames(CLIENT, true, FRAME_SIZE_MAX);
    expect(transport.layers[CLIENT]).toBe(WEBSOCKET);
    io.bring(CLIENT, [
      ...makeFrame({ opcode: BINARY, payload: numbers(3) }),
      ...makeFrame({ opcode: BINARY, payload: numbers(2) }),
    ]);
    expect(heard).toEqual([...numbers(3), ...numbers(2)]);
    send(CLIENT, numbers(3));
    expect([...io.taken(CLIENT)]).toEqual([0x82, 3, ...numbers(3)]);
  });

  it("masks what servers get, and takes theirs without", () => {
    transport.beginFrames(SERVER, false, FRAME_SIZE_MAX);
    io.bring(SERVER, makeFrame({ opcode: BINARY, masked: false, payload: numbers(4) }));
    expect(heard).toEqual([...numbers(4)]);
    send(SERVER, numbers(4));
    const [first, second, ...rest] = io.taken(SERVER);
    expect([first, second]).toEqual([0x82, 0x84]);
    const [mask, payload] = [rest.slice(0, 4), rest.slice(4)];
    expect(payload.map((byte, i) => byte ^ mask[i % 4]!)).toEqual([...numbers(4)]);
    expect(new Set(mask)).not.toEqual(new Set([0]));
  });

  it("makes as many frames of a large piece as fit through at a time", () => {
    transport.beginFrames(CLIENT, true, FRAME_SIZE_MAX);
    send(CLIENT, numbers(100_000));
    const sent = io.taken(CLIENT);
    const firstSize = (sent[2]! << 8) | sent[3]!;
    expect([sent[0], sent[1], firstSize < 65_536]).toEqual([0x82, 126, true]);
    expect(sent[4 + firstSize]).toBe(0x82);
    expect(sent.length).toBe(100_000 + 4 + 4);
  });

  it("answers a ping before the bytes behind it are heard", () => {
    transport.beginFrames(CLIENT, true, FRAME_SIZE_MAX);
    const ping = makeFrame({ opcode: PING, payload: Uint8Array.of(7) });
    io.bring(CLIENT, [...ping, ...makeFrame({ opcode: BINARY, payload: numbers(1) })]);
    expect([...io.taken(CLIENT)]).toEqual([0x8a, 1, 7]);
    expect([heard, transport.outcome]).toEqual([[...numbers(1)], GOES_ON]);
  });

  it("does not read on who makes it answer and does not read the answers", () => {
    transport.beginFrames(CLIENT, true, FRAME_SIZE_MAX);
    io.slow(CLIENT);
    io.bring(CLIENT, makeFrame({ opcode: PING }));
    expect([io.socket(CLIENT).receiving, transport.isChoked(CLIENT)]).toEqual([false, true]);
    io.drain(CLIENT);
    expect([transport.takeChoked(CLIENT), transport.takeChoked(CLIENT)]).toEqual([true, false]);
  });

  it("is slow where its socket is", () => {
    transport.beginFrames(CLIENT, true, FRAME_SIZE_MAX);
    io.slow(CLIENT);
    expect(send(CLIENT, numbers(5))).toBe(SEND_WAIT);
  });

  it("returns a close frame, and says no other", () => {
    transport.beginFrames(CLIENT, true, FRAME_SIZE_MAX);
    const payload = Uint8Array.of(0x03, 0xe8);
    io.bring(CLIENT, makeFrame({ opcode: CLOSE, payload }));
    expect([transport.outcome, transport.heardEnd(CLIENT)]).toEqual([ENDED, true]);
    expect(io.taken(CLIENT)).toEqual(CLOSE_1000);
    transport.finish(CLIENT);
    expect([...io.taken(CLIENT)]).toEqual([]);
  });

  it("says a close frame once, and does not answer the peer's", () => {
    transport.beginFrames(CLIENT, true, FRAME_SIZE_MAX);
    expect(transport.sayEnd(CLIENT, 1000)).toBe(true);
    expect(io.taken(CLIENT)).toEqual(CLOSE_1000);
    io.bring(CLIENT, makeFrame({ opcode: CLOSE, payload: Uint8Array.of(0x03, 0xe8) }));
    expect([...io.taken(CLIENT)]).toEqual([]);
    expect(transport.outcome).toBe(ENDED);
  });

  it.each([
    [1002, makeFrame({ opcode: BINARY, masked: false })],
    [1002, makeFrame({ opcode: BINARY, rsv: 4 })],
    [1003, makeFrame({ opcode: 1 })],
    [1009, makeFrame({ opcode: BINARY, declared: BigInt(FRAME_SIZE_MAX) + 1n })],
  ])("knows what a frame against the rules deserves: %i", (code, frame) => {
    transport.beginFrames(CLIENT, true, FRAME_SIZE_MAX);
    io.bring(CLIENT, frame);
    expect([transport.outcome, transport.frameFault]).toEqual([FRAME_BROKEN, code]);
  });
});

describe("WebSocket over TLS", () => {
  it("carries bytes both ways and ends in the words of both", () => {
    const peer = tlsClient();
    transport.beginFrames(CLIENT, true, FRAME_SIZE_MAX);
    expect(transport.layers[CLIENT]).toBe(TLS | WEBSOCKET);
    peer.say(makeFrame({ opcode: BINARY, payload: numbers(300) }));
    expect(Uint8Array.from(heard)).toEqual(numbers(300));
    send(CLIENT, numbers(3));
    expect([...peer.listen()]).toEqual([0x82, 3, ...numbers(3)]);
    peer.say(makeFrame({ opcode: PING }));
    expect([...peer.listen()]).toEqual([0x8a, 0]);
    transport.finish(CLIENT);
    expect(Uint8Array.from(peer.listen())).toEqual(CLOSE_1000);
    expect(peer.isOpen).toBe(false);
  });

  it("hears frames that came with others out of their records already", () => {
    const peer = tlsClient();
    transport.beginFrames(CLIENT, true, FRAME_SIZE_MAX);
    const frame = makeFrame({ opcode: BINARY, payload: numbers(9) });
    io.bytes.set(frame, io.scratchOffset);
    const size = transport.unframe(CLIENT, io.scratchOffset, frame.length);
    expect(io.bytes.slice(transport.offset, transport.offset + size)).toEqual(numbers(9));
    expect(peer.isOpen).toBe(true);
  });
});
