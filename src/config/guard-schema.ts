// The keys of a listener that guard its servers: how large packets may be, and what clients may do.
//
// One row a key, as in schema.ts. Limits by key are in rules-schema.ts.

import * as z from "zod";
import { choice, count, duration, flag, optional, section, size, withDefault } from "./field.ts";
import { networkBits, rate } from "./rules-schema.ts";

/** Up to what MQTT allows. */
export const PACKET_SIZE = { min: "128B", max: "256MiB" };

/** Versions of MQTT, by what a CONNECT calls them: its protocol level. */
const LEVELS = { "3.1": 3, "3.1.1": 4, "5.0": 5 } as const;
type Version = keyof typeof LEVELS;
const VERSIONS = Object.keys(LEVELS) as readonly Version[];

// Without quotes, YAML takes two of them for numbers.
const asWritten = z
  .union([z.enum(VERSIONS), z.literal(3.1), z.literal(5)])
  .transform((written) => LEVELS[written === 5 ? "5.0" : (String(written) as Version)]);

const versions = {
  schema: z
    .array(asWritten)
    .min(1)
    .transform((levels) => [...new Set(levels)]),
  kind: "texts",
  expected: `a list of versions of MQTT: some of ${VERSIONS.join(", ")}`,
  bounds: VERSIONS.join(", "),
  choices: VERSIONS,
} as const;

const QOS = ["0", "1", "2"] as const;

const qos = {
  ...choice(QOS),
  schema: z.int().min(0).max(2),
  kind: "count",
  expected: "0, 1 or 2",
} as const;

const allow = section({
  versions: withDefault(versions, {
    value: [...VERSIONS],
    takesEffect: "drain",
    doc:
      "Versions of MQTT that clients may speak. Others are refused with a CONNACK in their own: " +
      "0x84 in 5.0, 1 in 3.1.1 and 3.1.",
  }),
  qos: withDefault(qos, {
    value: 2,
    takesEffect: "drain",
    doc:
      "The highest QoS that clients may publish with, wills included. Who goes beyond is told " +
      "0x9B in 5.0; in 3.1.1 a will is refused with 5, and a PUBLISH ends the connection.",
  }),
  retain: withDefault(flag(), {
    value: true,
    takesEffect: "drain",
    doc:
      "Whether clients may publish retained messages, wills included. Who does so all the same " +
      "is told 0x9A in 5.0; in 3.1.1 a will is refused with 5, and a PUBLISH ends the connection.",
  }),
});

const banKeys = {
  failures: withDefault(rate, {
    value: "10/m",
    takesEffect: "drain",
    doc:
      "How many failures over a time lead to a ban: CONNECTs that break MQTT, or are refused for " +
      "bad credentials (CONNACK 4 and 5; 0x86 and 0x87 in 5.0), TLS handshakes and WebSocket " +
      "upgrades that fail.",
  }),
  time: withDefault(duration({ min: "1s", max: "7d" }), {
    value: "10m",
    takesEffect: "drain",
    doc: "How long a ban lasts. Those who are connected stay.",
  }),
  size: withDefault(count({ min: 1, max: 10_000_000 }), {
    value: 100_000,
    takesEffect: "drain",
    doc: "How many are remembered for their failures; the one not seen for longest makes room.",
  }),
};

const bansBy = (doc: string) =>
  optional(section(banKeys), { fallback: "nobody is banned", takesEffect: "drain", doc });

const bans = section({
  perAddress: bansBy("Bans addresses: they are closed as soon as they connect."),
  perNetwork: optional(section({ ...banKeys, ...networkBits }), {
    fallback: "nobody is banned",
    takesEffect: "drain",
    doc: "Bans networks for what their addresses do together.",
  }),
  perClientId: bansBy("Bans client ids: they are answered 0x8A in 5.0, 5 in 3.1.1 and 3.1."),
});

/** Keys of a listener. */
export const listenerGuardKeys = {
  packetSize: optional(size(PACKET_SIZE), {
    fallback: "limits.packetSize",
    takesEffect: "drain",
    doc: "The largest packet behind the CONNECT that a client of this listener may send.",
  }),
  allow: withDefault(allow, {
    value: {},
    takesEffect: "drain",
    doc: "What clients may do in MQTT. What servers send to them is not looked at.",
  }),
  bans: withDefault(bans, {
    value: {},
    takesEffect: "drain",
    doc: "Who fails again and again is turned away for a time, by all workers.",
  }),
} as const;
