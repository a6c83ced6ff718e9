// What following MQTT framing costs per relayed chunk: npm run build && node bench/micro/framing.js

import { PACKET_COUNT_WORDS, PacketTracker } from "../../dist/mqtt/framing.js";
import { measure } from "./measure.js";

const SLOTS = 2048;
const CALLS = 200_000;

/** @param {number} type @param {number} size */
function packet(type, size) {
  const length = size < 128 ? [size] : [(size & 0x7f) | 0x80, size >> 7];
  return [type << 4, ...length, ...new Array(size).fill(0x55)];
}

/** @param {string} name @param {number[]} chunk */
function chunks(name, chunk) {
  const tracker = new PacketTracker(SLOTS);
  const counts = new Float64Array(PACKET_COUNT_WORDS);
  const bytes = Uint8Array.from([0xff, ...chunk]);
  measure(name, CALLS, () => {
    let began = 0;
    for (let call = 0; call < CALLS; call++) {
      began += tracker.track(call % SLOTS, bytes, 1, chunk.length, counts);
    }
    return began;
  });
}

/**
 * Two calls a packet, the first with `cut` bytes of it.
 * @param {string} name @param {number[]} whole @param {number} cut
 */
function cutPackets(name, whole, cut) {
  const tracker = new PacketTracker(SLOTS);
  const counts = new Float64Array(PACKET_COUNT_WORDS);
  const bytes = Uint8Array.from(whole);
  measure(name, CALLS, () => {
    let began = 0;
    for (let call = 0; call < CALLS; call += 2) {
      const slot = (call >> 1) % SLOTS;
      began += tracker.track(slot, bytes, 0, cut, counts);
      began += tracker.track(slot, bytes, cut, whole.length - cut, counts);
    }
    return began;
  });
}

chunks("PUBLISH of 64 bytes, one a chunk", packet(3, 64));
chunks("PUBACK, one a chunk", packet(4, 2));
chunks("PUBLISH of 1,000 bytes, one a chunk", packet(3, 1_000));
chunks(
  "ten PUBLISH of 64 bytes in a chunk",
  Array.from({ length: 10 }, () => packet(3, 64)).flat(),
);
cutPackets("PUBLISH of 64 bytes, cut in its payload", packet(3, 64), 30);
cutPackets("PUBLISH of 64 bytes, cut behind its first byte", packet(3, 64), 1);
