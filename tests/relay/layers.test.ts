// MQTT through every combination of layers on either side, cut into whatever pieces, past readers
// that are slow: no byte is lost, reordered or invented, and nothing is left behind.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ServerContexts } from "../../src/tls/server-contexts.ts";
import { makeClientContext, type TlsContext } from "../../src/tls/tls-context.ts";
import type { Certificates } from "../certificates.ts";
import { PLAIN_TRANSPORT } from "../fixtures/plain-plan.ts";
import { Random } from "../fuzz/random.ts";
import { certificatesOfTest, listenerPlan, serverPlan } from "../tls/tls-scene.ts";
import { LayeredTalk } from "./layered-talk.ts";
import { CONNACK, CONNECT, Scene } from "./relay-scene.ts";

const SEED_COUNT = 8;
const MESSAGE_COUNT = 12;
const LAYERS = [
  { tls: false, websocket: false },
  { tls: true, websocket: false },
  { tls: false, websocket: true },
  { tls: true, websocket: true },
] as const;

type Layers = (typeof LAYERS)[number];

let certificates: Certificates;
let client: TlsContext;
let contexts: ServerContexts;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  client = makeClientContext(serverPlan({ authorities: certificates.ca.cert }));
  contexts = new ServerContexts(listenerPlan([certificates.server]), null);
});

afterAll(() => {
  client.free();
  contexts.free();
});

function makeScene(front: Layers, back: Layers): Scene {
  const websocket = {
    paths: ["/mqtt"],
    origins: [],
    frameSizeMaxBytes: 100_000,
    deadlineMs: 1_000,
  };
  const transport = {
    ...PLAIN_TRANSPORT,
    tls: back.tls ? serverPlan({ authorities: certificates.ca.cert }) : null,
    websocket: back.websocket ? { path: "/mqtt", host: "broker.example" } : null,
  };
  return new Scene({
    listener: {
      tls: front.tls ? listenerPlan([certificates.server]) : null,
      websocket: front.websocket ? websocket : null,
    },
    servers: [{ transport }],
  });
}

/** PUBLISH packets of QoS 0, with whatever in them. */
function drawMessage(random: Random): Uint8Array {
  const payload = random.bytes(random.below(random.pick([10, 500, 30_000])));
  const body = [0, 1, 0x74, ...payload];
  const length = [];
  for (let left = body.length; length.length === 0 || left > 0; left >>= 7) {
    length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
  }
  return Uint8Array.from([0x30, ...length, ...body]);
}

/** A client and a server that talk until both have said everything. */
function talk(seed: number, front: Layers, back: Layers): Scene {
  const random = new Random(seed);
  const scene = makeScene(front, back);
  const { io } = scene;
  const slot = io.accept();
  const near = new LayeredTalk({
    ...{ io, slot, random, isServer: false },
    ...{ tls: front.tls ? client : null, websocket: front.websocket },
  });
  near.say(CONNECT);
  while (near.bring());
  io.establish(slot ^ 1);
  const far = new LayeredTalk({
    ...{ io, slot: slot ^ 1, random, isServer: true },
    ...{ tls: back.tls ? contexts.choose("localhost") : null, websocket: back.websocket },
  });
  // Its handshake or its upgrade has brought the CONNECT along.
  far.say(CONNACK);
  for (let i = 0; i < MESSAGE_COUNT; i++) random.pick([near, far]).say(drawMessage(random));
  exchange(scene, random, slot, [near, far]);
  expect(near.heard).toEqual(far.said);
  expect(far.heard).toEqual(near.said);
  part(scene, random, slot);
  near.close();
  far.close();
  return scene;
}

function exchange(scene: Scene, random: Random, slot: number, talks: readonly LayeredTalk[]): void {
  const { io } = scene;
  for (let steps = 0; steps < 5_000; steps++) {
    const at = slot + random.below(2);
    if (random.oneIn(6)) io.slow(at);
    if (random.oneIn(3) && io.socket(at).owesSent) io.drain(at);
    random.pick(talks).bring();
    for (const each of talks) each.listen();
    const isQuiet = talks.every((each) => each.isQuiet);
    if (isQuiet && !io.socket(slot).owesSent && !io.socket(slot ^ 1).owesSent) return;
  }
  throw new Error("Cannot end: somebody is not read any more");
}

/** Ends it in one of the ways in which connections end. */
function part(scene: Scene, random: Random, slot: number): void {
  const { io } = scene;
  const first = slot + random.below(2);
  if (random.oneIn(3)) io.break(first, 104);
  else if (io.socket(first).receiving) io.end(first);
  io.pass(10 * 60_000);
  for (const each of [slot, slot ^ 1]) {
    const { phase, receiving, ended } = io.socket(each);
    if (phase === "open" && receiving && !ended) io.end(each);
  }
  io.pass(10 * 60_000);
}

describe.each(LAYERS)("clients with TLS: $tls, WebSocket: $websocket", (front) => {
  it.each(LAYERS)("and servers with TLS: $tls, WebSocket: $websocket", (back) => {
    for (let seed = 1; seed <= SEED_COUNT; seed++) {
      const scene = talk(seed, front, back);
      expect([seed, ...scene.leftovers()]).toEqual([seed]);
      expect([seed, scene.context.transport.tlsSessions]).toEqual([seed, 0]);
      expect(scene.finished().length).toBe(1);
    }
  });
});
