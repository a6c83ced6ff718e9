// What must be true when everybody has gone: of the bytes at both ends of each connection, of its
// record, and of the books.

import { formatEndpoint } from "../../src/bytes/endpoint.ts";
import { CLOSE_REASONS } from "../../src/shm/close-reason.ts";
import type { LoggedConnection } from "../../src/shm/log-ring.ts";
import type { Actor } from "./actor.ts";
import type { RelayUnderTest } from "./relay-under-test.ts";

/** What a run left behind for judging. */
export interface Outcome {
  readonly clients: readonly Actor[];
  readonly servers: readonly Actor[];
  readonly relay: RelayUnderTest;
  readonly speaksMqtt: boolean;
  /** Whether clients of 5.0 are told TOLD_PACKET_SIZE_MAX. */
  readonly tellsBounds: boolean;
}

/** What clients may send, in worlds that tell them; servers say nothing of it. */
export const TOLD_PACKET_SIZE_MAX = 0x01020304;

/** Reasons after which both sides have had everything, as long as neither broke. */
const IN_ORDER: ReadonlySet<string> = new Set([
  "client-disconnected",
  "client-closed",
  "server-refused",
  "server-disconnected",
  "server-closed",
]);

/** As many bytes as last words may have in common with what the server went on to say. */
const SAME_MAX = 3;
/** Reasons that blame the client's bytes, and the server's. */
const BLAMES_CLIENT: ReadonlySet<string> = new Set([
  "connect-too-large",
  "connect-malformed",
  "not-mqtt",
  "tls-on-plain-port",
  "http-on-mqtt-port",
  "malformed-from-client",
]);
const BLAMES_SERVER = "malformed-from-server";

const CONNACK = 0x20;
/** What servers here accept with: without properties, even in 5.0. */
const ACCEPTED = Buffer.from([CONNACK, 2, 0, 0]);
const ACCEPTED_AND_TOLD = Buffer.from([CONNACK, 8, 0, 0, 5, 0x27, 1, 2, 3, 4]);
/** What the level stands behind in a CONNECT. */
const PROTOCOL_NAME = "MQTT";
const DISCONNECT = 0xe0;

/** @returns what was wrong, one sentence each */
export function judge(outcome: Outcome): string[] {
  const { relay } = outcome;
  const faults = [...relay.witness.faults, ...relay.end()];
  const records = new Map<string, LoggedConnection>();
  for (const record of relay.records) {
    const name = formatEndpoint(record.client, 0);
    if (records.has(name)) faults.push(`${name} has two records`);
    records.set(name, record);
  }
  for (const name of relay.witness.accepted) {
    if (!records.has(name)) faults.push(`${name} has no record`);
  }
  for (const client of outcome.clients) {
    faults.push(...judgeClient(outcome, client, records));
  }
  return [...faults, ...judgeStrays(outcome)];
}

function judgeClient(
  outcome: Outcome,
  actor: Actor,
  records: ReadonlyMap<string, LoggedConnection>,
): string[] {
  const endpoint = formatEndpoint(actor.socket.local, 0);
  const servers = serversOf(outcome, endpoint);
  const record = records.get(endpoint);
  const who = `${actor.name} (${record === undefined ? "no record" : reasonOf(record)})`;
  // Those that went without a word were replaced; the last one is the client's.
  const server = servers.at(-1);
  const said = saidTo(outcome, actor, server);
  const faults = judgeDirections(who, actor, server, said);
  for (const former of servers.slice(0, -1)) {
    if (isPrefix(former.received.bytes, actor.sent.bytes)) continue;
    faults.push(`${who}: ${former.name} received what was not sent`);
  }
  if (record === undefined) return faults;
  if (record.bytesIn > actor.sent.length) faults.push(`${who}: its record counts too many bytes`);
  faults.push(...judgeBlame(who, record, actor, server));
  // The last of several servers that went without a word: nobody took what the client had to say.
  const isUnheard = outcome.speaksMqtt && server?.sent.length === 0;
  const isTroubled = isUnheard || outcome.relay.witness.troubled.has(endpoint);
  const inOrder = IN_ORDER.has(reasonOf(record)) && !isTroubled;
  if (server === undefined || !inOrder) return faults;
  if (record.errno !== 0) faults.push(`${who}: its record names errno ${record.errno}`);
  return [
    ...faults,
    ...judgeCleanEnd(who, actor, server, said),
    ...judgeRecord(who, outcome, record, actor, server),
  ];
}

// Who speaks good MQTT is never told otherwise, however its bytes were cut.
function judgeBlame(
  who: string,
  record: LoggedConnection,
  client: Actor,
  server: Actor | undefined,
): string[] {
  const reason = reasonOf(record);
  const wrong =
    (BLAMES_CLIENT.has(reason) && client.honest) ||
    (reason === BLAMES_SERVER && server?.honest !== false);
  return wrong ? [`${who}: it was blamed for what it did not do`] : [];
}

// What a server has said, as its client is to get it.
function saidTo(outcome: Outcome, client: Actor, server: Actor | undefined): Buffer {
  const said = server?.sent.bytes ?? Buffer.alloc(0);
  const is5 = outcome.speaksMqtt && levelOf(client) === 5;
  if (!outcome.tellsBounds || !is5 || !isPrefix(ACCEPTED, said)) return said;
  return Buffer.concat([ACCEPTED_AND_TOLD, said.subarray(ACCEPTED.length)]);
}

function levelOf({ sent: { bytes } }: Actor): number | undefined {
  return bytes[bytes.indexOf(PROTOCOL_NAME) + PROTOCOL_NAME.length];
}

function judgeDirections(
  who: string,
  client: Actor,
  server: Actor | undefined,
  said: Buffer,
): string[] {
  const faults: string[] = [];
  if (server !== undefined && !isPrefix(server.received.bytes, client.sent.bytes)) {
    faults.push(`${who}: ${server.name} received what was not sent`);
  }
  const { bytes } = client.received;
  if (isPrefix(bytes, said)) return faults;
  // Behind what the server said there may be last words of the relay, which begin like its own.
  const at = sameLength(bytes, said);
  for (let start = at; start >= Math.max(0, at - SAME_MAX); start--) {
    if (isLastWords(bytes.subarray(start))) return faults;
  }
  return [...faults, `${who}: it received what ${server?.name ?? "nobody"} did not send`];
}

function judgeCleanEnd(who: string, client: Actor, server: Actor, said: Buffer): string[] {
  const faults: string[] = [];
  if (server.sawEnd && client.finished && server.received.length !== client.sent.length) {
    faults.push(`${who}: ${server.received.length} of ${client.sent.length} bytes arrived`);
  }
  if (client.sawEnd && server.finished && client.received.length !== said.length) {
    faults.push(`${who}: ${client.received.length} of ${said.length} bytes came back`);
  }
  return faults;
}

function judgeRecord(
  who: string,
  { speaksMqtt }: Outcome,
  record: LoggedConnection,
  client: Actor,
  server: Actor,
): string[] {
  if (!client.finished || !server.finished) return [];
  const expected = {
    bytesIn: client.sent.length,
    bytesOut: server.sent.length,
    packetsIn: speaksMqtt ? countPackets(client.sent.bytes) : 0,
    packetsOut: speaksMqtt ? countPackets(server.sent.bytes) : 0,
  };
  const { bytesIn, bytesOut, packetsIn, packetsOut } = record;
  const actual = { bytesIn, bytesOut, packetsIn, packetsOut };
  if (JSON.stringify(actual) === JSON.stringify(expected)) return [];
  return [`${who}: recorded ${JSON.stringify(actual)}, but it was ${JSON.stringify(expected)}`];
}

// A server that was given up before it answered has received nothing.
function judgeStrays(outcome: Outcome): string[] {
  return outcome.servers.flatMap((server) => {
    const { length } = server.received;
    if (length === 0 || clientOf(outcome, server) !== undefined) return [];
    return [`${server.name} received ${length} bytes that no client sent`];
  });
}

// In the order in which the relay reached them; they may have accepted in another one.
function serversOf(outcome: Outcome, client: string): Actor[] {
  const reached = [...outcome.relay.witness.clientOf.keys()];
  const place = (server: Actor) => reached.indexOf(formatEndpoint(server.socket.remote, 0));
  return outcome.servers
    .filter((server) => clientOf(outcome, server) === client)
    .sort((a, b) => place(a) - place(b));
}

function clientOf({ relay }: Outcome, server: Actor): string | undefined {
  return relay.witness.clientOf.get(formatEndpoint(server.socket.remote, 0));
}

function reasonOf(record: LoggedConnection): string {
  return CLOSE_REASONS[record.reason]!.name;
}

function isPrefix(part: Buffer, whole: Buffer): boolean {
  return part.length <= whole.length && part.equals(whole.subarray(0, part.length));
}

function sameLength(a: Buffer, b: Buffer): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at;
}

// A CONNACK or a DISCONNECT, or the beginning of one.
function isLastWords(bytes: Buffer): boolean {
  if (bytes[0] !== CONNACK && bytes[0] !== DISCONNECT) return false;
  return bytes.length === 1 || bytes.length <= 2 + bytes[1]!;
}

function countPackets(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at < bytes.length; count++) {
    let size = 0;
    let shift = 0;
    for (at++; at < bytes.length; shift += 7) {
      const byte = bytes[at++]!;
      size += (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += size;
  }
  return count;
}
