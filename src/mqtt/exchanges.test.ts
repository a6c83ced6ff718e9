import { describe, expect, test } from "vitest";
import { PACKET_COUNT_WORDS, PacketTracker } from "./framing.ts";

const CLIENT = 4;
const SERVER = 5;
const PUBLISH_QOS_1 = [0x32, 5, 0, 1, 0x61, 0, 7];
const PUBLISH_QOS_2 = [0x34, 5, 0, 1, 0x61, 0, 8];
const PUBACK = [0x40, 2, 0, 7];
const PUBREC = [0x50, 2, 0, 8];
const PUBREL = [0x62, 2, 0, 8];
const PUBCOMP = [0x70, 2, 0, 8];

function follow(tracker: PacketTracker, slot: number, ...packets: number[][]): number {
  const bytes = Uint8Array.from(packets.flat());
  tracker.track(slot, bytes, 0, bytes.length, new Float64Array(PACKET_COUNT_WORDS));
  return tracker.openExchanges(slot);
}

describe("PacketTracker, exchanges that wait for an answer", () => {
  test("a PUBLISH of QoS 1 waits for its PUBACK, of QoS 2 for its PUBCOMP", () => {
    const tracker = new PacketTracker(8);
    expect(follow(tracker, CLIENT, PUBLISH_QOS_1, PUBLISH_QOS_2)).toBe(2);
    expect(follow(tracker, SERVER, PUBACK, PUBREC)).toBe(1);
    expect(follow(tracker, CLIENT, PUBREL)).toBe(1);
    expect(follow(tracker, SERVER, PUBCOMP)).toBe(0);
  });

  test("both directions count, whoever began", () => {
    const tracker = new PacketTracker(8);
    expect(follow(tracker, SERVER, PUBLISH_QOS_1)).toBe(1);
    expect(follow(tracker, CLIENT, PUBLISH_QOS_1)).toBe(2);
    expect(follow(tracker, CLIENT, PUBACK)).toBe(1);
  });

  test("SUBSCRIBE and UNSUBSCRIBE wait, QoS 0 and PINGREQ do not", () => {
    const tracker = new PacketTracker(8);
    expect(follow(tracker, CLIENT, [0x30, 1, 0], [0xc0, 0])).toBe(0);
    expect(follow(tracker, CLIENT, [0x82, 2, 0, 1], [0xa2, 2, 0, 2])).toBe(2);
    expect(follow(tracker, SERVER, [0x90, 2, 0, 1], [0xb0, 2, 0, 2])).toBe(0);
  });

  test("answers to nothing leave no debt, and a new connection begins with none open", () => {
    const tracker = new PacketTracker(8);
    expect(follow(tracker, SERVER, PUBACK)).toBe(0);
    expect(follow(tracker, CLIENT, PUBLISH_QOS_1)).toBe(1);
    tracker.reset(CLIENT);
    tracker.reset(SERVER);
    expect(tracker.openExchanges(CLIENT)).toBe(0);
  });

  test("a packet cut behind its first byte counts once", () => {
    const tracker = new PacketTracker(8);
    const bytes = Uint8Array.from(PUBLISH_QOS_1);
    const counts = new Float64Array(PACKET_COUNT_WORDS);
    tracker.track(CLIENT, bytes, 0, 1, counts);
    tracker.track(CLIENT, bytes, 1, bytes.length - 1, counts);
    expect(tracker.openExchanges(CLIENT)).toBe(1);
  });
});
