// A relay whose listener meters what clients send, by their user name.

import { encodeConnect } from "../../src/mqtt/packet.ts";
import type { MeterRates } from "../../src/stick/meter-rates.ts";
import { makeMeteredLimit } from "../fixtures/metered-limit.ts";
import { CONNACK, Scene, type SceneOptions } from "./relay-scene.ts";

/** A relay that meters clients by their user name; others are not metered. */
export function meteredScene(meters: Partial<MeterRates>, options: SceneOptions = {}): Scene {
  const rates = { publishes: null, bytes: null, ...meters };
  const { rule, table } = makeMeteredLimit("mqtt.user_name", "text", rates, 1);
  const listener = { ...options.listener, rules: [rule] };
  return new Scene({ ...options, listener, counterTables: [table] });
}

/** @returns the CONNECT of a user */
export function userConnect(userName: string, keepAliveSeconds = 60): Uint8Array {
  const clientId = "device";
  return encodeConnect({ level: 4, clientId, cleanStart: true, keepAliveSeconds, userName });
}

/** A client of a user that its server has accepted, and nothing on the way. @returns its slot */
export function acceptUser(scene: Scene, userName: string, keepAliveSeconds = 60): number {
  const slot = scene.relayed(userConnect(userName, keepAliveSeconds));
  scene.io.bring(slot ^ 1, CONNACK);
  scene.io.taken(slot);
  scene.io.taken(slot ^ 1);
  return slot;
}

/** PUBLISH packets of QoS 0 with numbers for payloads, `size` bytes each. */
export function publishes(count: number, size = 20): Uint8Array {
  return Uint8Array.from(
    Array.from({ length: count }, (_, i) => {
      const payload = Array.from({ length: size - 5 }, (_each, at) => (i + at) & 0xff);
      return [0x30, size - 2, 0, 1, 0x74, ...payload];
    }).flat(),
  );
}
