// What `/api/v1/mqtt` gives, as a schema: schemas.ts in the same words, apart because it is long.

import * as z from "zod";

const count = () => z.int().min(0);

const spread = (unit: string) =>
  z.strictObject({
    count: count(),
    sum: z.number().min(0).describe(`Of all that were counted, in ${unit}`),
    buckets: z
      .array(
        z.strictObject({
          upTo: z.number().nullable().describe(`In ${unit}; null: beyond every bound`),
          count: count(),
        }),
      )
      .describe("Each is in the first one that it fits; those with nothing in them are left out"),
  });

const packets = z.strictObject({
  connect: count(),
  connack: count(),
  publish: count(),
  puback: count(),
  pubrec: count(),
  pubrel: count(),
  pubcomp: count(),
  subscribe: count(),
  suback: count(),
  unsubscribe: count(),
  unsuback: count(),
  pingreq: count(),
  pingresp: count(),
  disconnect: count(),
  auth: count(),
});

export const mqttDirection = z.strictObject({
  packets: packets.describe("By type, as they passed; what Fairlead wrote itself is not in it"),
  publishes: z.strictObject({
    qos0: count(),
    qos1: count(),
    qos2: count(),
    retained: count(),
    duplicates: count(),
    sizes: spread("bytes, the fixed header included"),
  }),
});

const connackCode = z.strictObject({
  code: z.string().describe("As the specification writes it: 0, 5, 0x87; or: other"),
  name: z.string(),
  count: count(),
});

export const mqtt = z.strictObject({
  at: z.iso.datetime(),
  fromClients: mqttDirection,
  fromServers: mqttDirection,
  connects: z.strictObject({
    total: count().describe("Good CONNECT packets, refused clients included"),
    versions: z.strictObject({ "3.1": count(), "3.1.1": count(), "5.0": count() }),
    cleanStarts: count().describe("Clean Start of 5.0, Clean Session of 3.x"),
    keepAlives: spread("seconds; 0: none"),
  }),
  connacks: z.strictObject({
    fromServers: z.array(connackCode).describe("Busy ones included, after which another answered"),
    sessionsPresent: count().describe("Of these, those that said that there was a session"),
    own: z.array(connackCode).describe("By which Fairlead refused clients itself"),
  }),
  takeovers: count().describe("Clients let in while one of the same id was connected"),
  connackTimes: z
    .array(
      spread("milliseconds").extend({
        pool: z.string(),
        server: z.string(),
      }),
    )
    .describe("By server: from the CONNECT handed to it until its CONNACK"),
});
