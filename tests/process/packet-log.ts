// What MQTT.js has sent and received, packet by packet, counted on the client's side of the wire:
// what a balancer between it and its broker should have counted, too.

import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { generate, type Packet } from "mqtt-packet";

/** Of one direction; the shape of `/api/v1/mqtt`. */
export interface DirectionCounts {
  readonly packets: Record<string, number>;
  readonly publishes: {
    qos0: number;
    qos1: number;
    qos2: number;
    retained: number;
    duplicates: number;
    sizes: { count: number; sum: number; buckets: { upTo: number; count: number }[] };
  };
}

/** Nothing but a hang takes that long. */
const CONNECT_MS = 120_000;

/** Counts of all clients that it has opened. */
export class PacketLog {
  readonly sent = noCounts();
  readonly received = noCounts();

  /** Connects and waits for its CONNACK; rejects when the client is not let in. */
  async connect(url: string, options: IClientOptions): Promise<MqttClient> {
    const defaults: IClientOptions = { reconnectPeriod: 0, connectTimeout: CONNECT_MS };
    const client = mqtt.connect(url, { ...defaults, ...options });
    const { protocolVersion = 4 } = options;
    // It tells of every packet but this one.
    this.sent.packets["connect"] = (this.sent.packets["connect"] ?? 0) + 1;
    client.on("packetsend", (packet) => {
      count(this.sent, packet, generate(packet, { protocolVersion }).length);
    });
    client.on("packetreceive", (packet) => {
      count(this.received, packet, wholeSize(packet.length ?? 0));
    });
    await new Promise<void>((resolve, reject) => {
      client.once("connect", () => resolve());
      client.on("error", reject);
      client.once("close", () => reject(new Error(`Cannot connect to ${url}: it was closed`)));
    });
    return client;
  }
}

function noCounts(): DirectionCounts {
  const sizes = { count: 0, sum: 0, buckets: [] };
  return {
    packets: {},
    publishes: { qos0: 0, qos1: 0, qos2: 0, retained: 0, duplicates: 0, sizes },
  };
}

function count({ packets, publishes }: DirectionCounts, packet: Packet, size: number): void {
  packets[packet.cmd] = (packets[packet.cmd] ?? 0) + 1;
  if (packet.cmd !== "publish") return;
  publishes[`qos${packet.qos}`] += 1;
  if (packet.retain) publishes.retained += 1;
  if (packet.dup) publishes.duplicates += 1;
  const { sizes } = publishes;
  sizes.count += 1;
  sizes.sum += size;
  const upTo = 2 ** Math.ceil(Math.log2(size));
  const bucket = sizes.buckets.find((each) => each.upTo === upTo);
  if (bucket !== undefined) bucket.count += 1;
  else sizes.buckets.push({ upTo, count: 1 });
  sizes.buckets.sort((one, other) => one.upTo - other.upTo);
}

/** @param rest the remaining length */
function wholeSize(rest: number): number {
  return 1 + (rest < 128 ? 1 : rest < 16_384 ? 2 : rest < 2_097_152 ? 3 : 4) + rest;
}
