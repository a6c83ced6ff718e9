// What clients and servers say in MQTT, in numbers since the start: packets each way, CONNECTs,
// CONNACKs, takeovers. Read from the same words as the metrics; plain values with names.

import { COUNTER, COUNTER_ROWS, SERVER_COUNTER, SERVER_COUNTER_ROWS } from "../shm/counters.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { CONNACK_CODES } from "./connack-codes.ts";
import { VERSION_NAMES } from "./metric-catalog.ts";
import {
  PACKET_TYPES,
  type PacketName,
  publishWords,
  QOS_VALUES,
  sumWords,
  wordsOfType,
} from "./packet-words.ts";

type Read = (index: number) => number;
export type MqttStatistics = ReturnType<typeof describeMqtt>;

/** `/api/v1/mqtt`, and a part of the page. */
export function describeMqtt(supervisor: Supervisor) {
  const { counters } = supervisor.shared;
  const read = (index: number) => counters.sum(index);
  return {
    fromClients: readPackets(read, COUNTER.packetsFromClients, COUNTER.publishSizesFromClients),
    fromServers: readPackets(read, COUNTER.packetsFromServers, COUNTER.publishSizesFromServers),
    connects: readConnects(read),
    connacks: {
      fromServers: readCodes(read, COUNTER.connacksFromServers),
      sessionsPresent: read(COUNTER.sessionsPresent),
      own: readCodes(read, COUNTER.ownConnacks),
    },
    takeovers: read(COUNTER.takeovers),
    /** In milliseconds, from the CONNECT handed to the server. */
    connackTimes: describeConnackTimes(supervisor),
  };
}

/** Packets of one direction: how many of each type, and what there is to say of PUBLISH. */
function readPackets(read: Read, from: number, sizesFrom: number) {
  const sum = (words: readonly number[]) => sumWords(read, from, words);
  const types = PACKET_TYPES.map(({ name, type }) => [name, sum(wordsOfType(type))] as const);
  const [qos0, qos1, qos2] = QOS_VALUES.map((of) => sum(publishWords(({ qos }) => qos === of)));
  return {
    packets: Object.fromEntries(types) as Record<PacketName, number>,
    publishes: {
      qos0: qos0!,
      qos1: qos1!,
      qos2: qos2!,
      retained: sum(publishWords(({ retained }) => retained)),
      duplicates: sum(publishWords(({ duplicate }) => duplicate)),
      sizes: readSpread(read, sizesFrom, COUNTER_ROWS.publishSizesFromClients.bounds),
    },
  };
}

function readConnects(read: Read) {
  const versions = VERSION_NAMES.map((name, i) => [name, read(COUNTER.connects + i)] as const);
  return {
    total: versions.reduce((sum, [, count]) => sum + count, 0),
    versions: Object.fromEntries(versions) as Record<(typeof VERSION_NAMES)[number], number>,
    cleanStarts: read(COUNTER.cleanStarts),
    /** In seconds; 0: none. */
    keepAlives: readSpread(read, COUNTER.keepAlives, COUNTER_ROWS.keepAlives.bounds),
  };
}

/** Only codes that have occurred. */
function readCodes(read: Read, from: number) {
  return CONNACK_CODES.map(({ code, name, words }) => ({
    code,
    name,
    count: sumWords(read, from, words),
  })).filter(({ count }) => count > 0);
}

function describeConnackTimes({ roster, shared }: Supervisor) {
  const { settings, servers } = roster;
  return servers.map((number) => {
    const { name, pool } = settings.servers[number]!;
    const times = readConnackTimes(shared, number);
    return { pool: settings.pools[pool]!.name, server: name, ...times };
  });
}

/** One server's, in milliseconds. */
export function readConnackTimes({ counters }: Supervisor["shared"], server: number) {
  const read = (index: number) => counters.sumServer(server, index);
  return readSpread(read, SERVER_COUNTER.connackTimes, SERVER_COUNTER_ROWS.connackTimes.bounds);
}

/** A histogram: what was counted in each bucket, and by no other; null: beyond the last bound. */
function readSpread(read: Read, from: number, bounds: readonly number[]) {
  const buckets = [...bounds, null].map((upTo, i) => ({ upTo, count: read(from + i) }));
  return {
    count: buckets.reduce((all, { count }) => all + count, 0),
    sum: read(from + bounds.length + 1),
    /** Only those with something in them, in their order. */
    buckets: buckets.filter(({ count }) => count > 0),
  };
}
