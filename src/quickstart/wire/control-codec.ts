// The packets that are rare (CONNECT, SUBSCRIBE, UNSUBSCRIBE, DISCONNECT and what answers them),
// decoded and encoded by mqtt-packet. What comes in has passed packet-check.ts.

import { generate, type Packet, parser } from "mqtt-packet";
import type { Version } from "./packet-flags.ts";

/** @returns the decoded packet, or null when mqtt-packet refuses it */
export function decodeControl(frame: Buffer, version: Version): Packet | null {
  let decoded: Packet | null = null;
  let refused = false;
  const decoder = parser({ protocolVersion: version });
  decoder.on("packet", (packet) => {
    decoded = packet;
  });
  decoder.on("error", () => {
    refused = true;
  });
  decoder.parse(frame);
  return refused ? null : decoded;
}

export function encodeControl(packet: Packet, version: Version): Buffer {
  return generate(packet, { protocolVersion: version });
}
