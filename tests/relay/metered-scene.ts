// A relay whose listener meters what clients send, by their user name.

import { encodeConnect } from "../../src/mqtt/packet.ts";
import { parseExpression } from "../../src/rules/parse-expression.ts";
import type { RulePlan } from "../../src/rules/rule.ts";
import { TRACKED_MAX } from "../../src/rules/tracked-slots.ts";
import { createCounterTable, type MeterRates } from "../../src/stick/counter-table.ts";
import { CONNACK, Scene, type SceneOptions } from "./relay-scene.ts";

/** A relay that meters clients by their user name; others are not metered. */
export function meteredScene(meters: Partial<MeterRates>, options: SceneOptions = {}): Scene {
  const counters = [
    { field: "conn_cur", periodMs: 0 },
    { field: "publish_meter", periodMs: 0 },
    { field: "byte_meter", periodMs: 0 },
  ] as const;
  const rates = { publishes: null, bytes: null, ...meters };
  const settings = { entriesMax: 100, expiryMs: 60_000, seed: 1, counters, meters: rates };
  const table = {
    name: "a/perUserName",
    keyType: "text",
    ...createCounterTable(settings),
  } as const;
  const rule: RulePlan = {
    set: "content",
    action: {
      kind: "limit",
      slot: TRACKED_MAX,
      key: parseExpression("mqtt.user_name").plan!,
      table: table.name,
      connections: null,
      connects: null,
      whose: "of this user",
    },
    condition: null,
    text: "limit mqtt.user_name",
  };
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
