// What clients and servers of the simulation say and do: MQTT as it should be, and rudeness.

import { encodeConnect } from "../../src/mqtt/packet.ts";
import { variableLengthSize, writeVariableLength } from "../../src/mqtt/variable-length.ts";
import type { Script, Step } from "./actor.ts";
import type { Dice } from "./faults.ts";

const PUBLISH = 0x30;
const DISCONNECT = Uint8Array.of(0xe0, 0);
const PINGREQ = Uint8Array.of(0xc0, 0);
const PINGRESP = Uint8Array.of(0xd0, 0);
/** Packet type 0 is reserved, and a remaining length has four bytes at most. */
const NO_PACKET = Uint8Array.of(0x00, 0xff, 0xff, 0xff, 0xff);
const CONNACK_ACCEPTED = Uint8Array.of(0x20, 2, 0, 0);
const CONNACK_REFUSED = Uint8Array.of(0x20, 2, 0, 5);

/** How a server treats one connection. */
export type ServerManner = "good" | "rude";

function clientIdOf(index: number, padding: number): string {
  return `client-${index}-${"x".repeat(padding)}`;
}

/** Those that a client may have. */
export function clientIdsOf(index: number): readonly Uint8Array[] {
  return [0, 60, 300].map((padding) => Buffer.from(clientIdOf(index, padding)));
}

/** @param connectSizeMax what an honest CONNECT stays within */
export function drawClient(dice: Dice, index: number, connectSizeMax: number): Script {
  const connect = encodeConnect({
    level: dice.pick([4, 5]),
    clientId: clientIdOf(index, dice.pick([0, 0, 0, 60, 300])),
    cleanStart: true,
    keepAliveSeconds: 60,
    ...(dice.chance(0.3) ? { userName: `user-${index % 2}` } : {}),
  });
  if (dice.chance(0.1)) return { honest: false, steps: drawStranger(dice, connect) };
  const steps = drawClientSteps(dice, connect);
  const fits = connect.length <= connectSizeMax;
  return { honest: fits && isHonest(steps), steps };
}

function isHonest(steps: readonly Step[]): boolean {
  return !steps.some((step) => step.do === "write" && step.bytes === NO_PACKET);
}

function drawClientSteps(dice: Dice, connect: Uint8Array): Step[] {
  const pauseMaxMs = dice.pick([0, 0, 3, 30]);
  const early = dice.chance(0.4) ? drawPackets(dice, dice.below(4)) : new Uint8Array(0);
  return [
    { do: "write", bytes: Buffer.concat([connect, early]), pauseMaxMs },
    ...(dice.chance(0.7) ? [{ do: "expect", count: 4 } as const] : []),
    ...drawTalk(dice, PINGREQ),
    ...drawClientEnd(dice),
  ];
}

// No MQTT, no good MQTT, or not all of it.
function drawStranger(dice: Dice, connect: Uint8Array): Step[] {
  const bad = Uint8Array.from(connect);
  bad[dice.below(bad.length)]! ^= 1 << dice.below(8);
  const bytes = dice.pick([
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
    Uint8Array.of(0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3),
    connect.subarray(0, dice.below(connect.length)),
    Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0x7f),
    bad,
  ]);
  const end: Step[] = dice.pick([
    [{ do: "await-end" }, { do: "close" }],
    [{ do: "close" }],
    [{ do: "finish" }],
    [{ do: "reset" }],
    [],
  ]);
  return [{ do: "write", bytes, pauseMaxMs: dice.pick([0, 20]) }, ...end];
}

function drawClientEnd(dice: Dice): Step[] {
  const bye: Step = { do: "write", bytes: DISCONNECT };
  return dice.pick<Step[]>([
    [bye, { do: "finish" }, { do: "await-end" }, { do: "close" }],
    [bye, { do: "close" }],
    [...drawLateReader(dice, bye), { do: "close" }],
    [{ do: "finish" }, { do: "await-end" }, { do: "close" }],
    [{ do: "close" }],
    [{ do: "reset" }],
    [{ do: "write", bytes: NO_PACKET }, { do: "await-end" }, { do: "close" }],
    [{ do: "await-end" }, { do: "close" }],
    [
      { do: "stop-reading" },
      { do: "wait", ms: 1 + dice.below(4_000) },
      { do: "read-on" },
      bye,
      { do: "finish" },
    ],
    // Never ends by itself.
    [],
  ]);
}

export function drawServer(dice: Dice, manner: ServerManner): Script {
  if (manner === "rude") return { honest: false, steps: drawRudeServer(dice) };
  return { honest: true, steps: drawGoodServer(dice) };
}

function drawGoodServer(dice: Dice): Step[] {
  const refuses = dice.chance(0.1);
  const answer: Step[] = [
    { do: "expect", count: 14 },
    {
      do: "write",
      bytes: refuses ? CONNACK_REFUSED : CONNACK_ACCEPTED,
      pauseMaxMs: dice.pick([0, 10]),
    },
  ];
  if (refuses) return [...answer, { do: "finish" }, { do: "await-end" }, { do: "close" }];
  return [...answer, ...drawTalk(dice, PINGRESP), ...drawServerEnd(dice)];
}

function drawServerEnd(dice: Dice): Step[] {
  const politely: Step[] = [{ do: "await-end" }, { do: "finish" }, { do: "close" }];
  return dice.pick<Step[]>([
    politely,
    politely,
    politely,
    [{ do: "await-end" }, ...drawTalk(dice, PINGRESP), { do: "close" }],
    [{ do: "write", bytes: DISCONNECT }, { do: "finish" }, { do: "await-end" }, { do: "close" }],
    [{ do: "finish" }, { do: "await-end" }, { do: "close" }],
    [...drawLateReader(dice, { do: "write", bytes: PINGRESP }), { do: "close" }],
    [{ do: "close" }],
    [{ do: "reset" }],
    [
      { do: "stop-reading" },
      { do: "wait", ms: 1 + dice.below(4_000) },
      { do: "read-on" },
      ...politely,
    ],
    [],
  ]);
}

// Ends its direction while it is not reading, and reads everything afterwards.
function drawLateReader(dice: Dice, last: Step): Step[] {
  return [
    { do: "stop-reading" },
    { do: "wait", ms: dice.below(100) },
    last,
    { do: "finish" },
    { do: "wait", ms: dice.below(100) },
    { do: "read-on" },
    { do: "await-end" },
  ];
}

function drawRudeServer(dice: Dice): Step[] {
  return dice.pick<Step[]>([
    [{ do: "close" }],
    [{ do: "reset" }],
    [{ do: "stop-reading" }],
    [{ do: "expect", count: 1 }, { do: "close" }],
    [{ do: "write", bytes: NO_PACKET }, { do: "await-end" }, { do: "close" }],
    [{ do: "write", bytes: Buffer.from("220 smtp.example.org\r\n") }, { do: "finish" }],
    [{ do: "write", bytes: CONNACK_ACCEPTED }, { do: "finish" }],
  ]);
}

// Packets with pauses between them; seldom very many bytes.
function drawTalk(dice: Dice, ping: Uint8Array): Step[] {
  const steps: Step[] = [];
  for (let rounds = dice.below(5); rounds > 0; rounds--) {
    const bytes = dice.chance(0.3) ? ping : drawPackets(dice, 1 + dice.below(3));
    steps.push({ do: "write", bytes, pauseMaxMs: dice.pick([0, 0, 5]) });
    if (dice.chance(0.6)) steps.push({ do: "wait", ms: dice.below(dice.pick([5, 50, 1_500])) });
  }
  return steps;
}

function drawPackets(dice: Dice, count: number): Uint8Array {
  return Buffer.concat(Array.from({ length: count }, () => drawPublish(dice)));
}

function drawPublish(dice: Dice): Uint8Array {
  const size = drawSize(dice);
  const packet = new Uint8Array(1 + variableLengthSize(size) + size);
  packet[0] = PUBLISH;
  const start = writeVariableLength(packet, 1, size);
  let value = dice.next();
  for (let i = start; i < packet.length; i++) {
    packet[i] = value;
    value = (Math.imul(value, 5) + 17) | 0;
  }
  return packet;
}

function drawSize(dice: Dice): number {
  const most = dice.below(400);
  if (most === 0) return dice.below(300_000);
  return dice.below(most < 20 ? 20_000 : 200);
}
