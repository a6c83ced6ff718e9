// Frames with every illegal combination of FIN, RSV, opcode, mask and length, the first of a
// connection and in the middle of one: each ends its connection with the code that it deserves.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FrameOptions, makeFrame } from "../fixtures/frames.ts";
import { fetchEnded } from "./balancer.ts";
import { ManyListeners } from "./many-listeners.ts";
import { Mosquitto } from "./mosquitto.ts";
import { Neighbours } from "./neighbours.ts";
import { POLITE_CONNACK, politeConnect, type RudeClient } from "./rude-peers.ts";
import { waitUntil } from "./wait-until.ts";
import { closeCodeOf, upgradeRaw } from "./websocket-clients.ts";

const PROTOCOL_ERROR = 1002;
const UNSUPPORTED = 1003;
const TOO_BIG = 1009;
const FRAME_SIZE_MAX = 1024;
const AT_A_TIME = 100;

const TEXT = 1;
const BINARY = 2;
const CONTINUATION = 0;
const FIRST_CONTROL = 8;
const PONG = 10;

/** How long a frame is, and in which words it says so. */
const LENGTHS: readonly Pick<FrameOptions, "payload" | "lengthBits" | "declared">[] = [
  { payload: new Uint8Array(0) },
  { payload: new Uint8Array(5) },
  { payload: new Uint8Array(5), lengthBits: 16 },
  { payload: new Uint8Array(5), lengthBits: 64 },
  { payload: new Uint8Array(126) },
  { payload: new Uint8Array(126), lengthBits: 64 },
  { declared: 1025n },
  { declared: 0x1_0000n },
  { declared: 0x7fff_ffff_ffff_ffffn },
  { declared: 0x8000_0000_0000_0005n },
];

let broker: Mosquitto;
let scene: ManyListeners<"ws" | "mqtt">;
let neighbours: Neighbours;

beforeAll(async () => {
  broker = await Mosquitto.start();
  scene = await ManyListeners.start({
    workers: 2,
    sections: { log: { access: false } },
    listeners: { ws: { websocket: { frameSize: FRAME_SIZE_MAX } }, mqtt: {} },
    pools: { brokers: { servers: [broker.address] } },
  });
  neighbours = await Neighbours.start(scene.ports.mqtt);
});

afterAll(async () => {
  expect(await neighbours.stop()).toEqual([]);
  await scene.end();
  await broker.close();
});

/** @returns the close codes that a frame may be answered with; none when it breaks no rule */
function deserved(frame: FrameOptions, inMessage: boolean): Set<number> {
  const { fin = true, rsv = 0, opcode, masked = true, payload, declared, lengthBits } = frame;
  const length = declared ?? BigInt(payload?.length ?? 0);
  const isControl = opcode >= FIRST_CONTROL;
  const isReserved = (opcode > BINARY && !isControl) || opcode > PONG;
  const wrong = [
    rsv !== 0,
    !masked,
    isReserved,
    isControl && (!fin || length > 125n || (lengthBits ?? 7) > 7),
    !isControl && !isReserved && (opcode === CONTINUATION) !== inMessage,
    // The shortest form must be used (5.2), and the first bit of 64 is 0.
    lengthBits !== undefined && length <= (lengthBits === 16 ? 125n : 0xffffn),
    length >= 0x8000_0000_0000_0000n,
  ];
  const codes = new Set<number>();
  if (wrong.includes(true)) codes.add(PROTOCOL_ERROR);
  if (opcode === TEXT) codes.add(UNSUPPORTED);
  if (length > FRAME_SIZE_MAX) codes.add(TOO_BIG);
  return codes;
}

function* illegalFrames(inMessage: boolean): Iterable<FrameOptions> {
  for (const length of LENGTHS) {
    for (let bits = 0; bits < 256; bits++) {
      for (const masked of [true, false]) {
        const [fin, rsv, opcode] = [bits >= 0x80, (bits >> 4) & 7, bits & 15];
        const frame = { fin, rsv, opcode, masked, ...length };
        if (deserved(frame, inMessage).size > 0) yield frame;
      }
    }
  }
}

async function endedSoFar(): Promise<number> {
  const reasons = ["websocket-violation", "websocket-too-large"];
  const counts = await Promise.all(reasons.map((each) => fetchEnded(scene.fairlead, each)));
  return counts.reduce((sum, count) => sum + count);
}

/** Sends each on a connection of its own. @returns what was not answered as it deserves */
async function sendAll(
  frames: readonly FrameOptions[],
  inMessage: boolean,
  open: () => Promise<RudeClient>,
): Promise<string[]> {
  const strange: string[] = [];
  const rest = frames.values();
  const sendOneAfterTheOther = async (): Promise<void> => {
    for (const frame of rest) {
      const client = await open();
      client.socket.write(makeFrame(frame));
      const ending = await client.ended;
      const code = closeCodeOf(client);
      client.close();
      if (ending === "FIN" && code !== null && deserved(frame, inMessage).has(code)) continue;
      const { payload, declared, ...rest } = frame;
      strange.push(`${JSON.stringify(rest)} of ${declared ?? payload?.length}: ${ending} ${code}`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, sendOneAfterTheOther));
  return strange;
}

/** Upgraded, let in by the broker, and in the middle of a message of two frames. */
async function midMessage(): Promise<RudeClient> {
  const client = await upgradeRaw(scene.ports.ws);
  client.socket.write(makeFrame({ opcode: BINARY, payload: politeConnect("") }));
  await waitUntil("CONNACK", () => client.received.length === 2 + POLITE_CONNACK.length);
  client.socket.write(makeFrame({ opcode: BINARY, fin: false, payload: Uint8Array.of(0xc0) }));
  return client;
}

describe("every illegal frame", () => {
  it("that is the first ends its connection with its code", async () => {
    const frames = [...illegalFrames(false)];
    expect(frames.length).toBeGreaterThan(4_000);
    const before = await endedSoFar();
    expect(await sendAll(frames, false, () => upgradeRaw(scene.ports.ws))).toEqual([]);
    await waitUntil("all are counted", async () => {
      return (await endedSoFar()) === before + frames.length;
    });
    await neighbours.waitForMore();
  });

  it("in the middle of a message does, too", async () => {
    const frames = [...illegalFrames(true)].filter((_, i) => i % 8 === 0);
    const before = await endedSoFar();
    expect(await sendAll(frames, true, midMessage)).toEqual([]);
    await waitUntil("all are counted", async () => {
      return (await endedSoFar()) === before + frames.length;
    });
    await neighbours.waitForMore();
  });
});
