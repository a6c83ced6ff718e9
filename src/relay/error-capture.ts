// Keeps how the bytes began that broke a protocol, for HAProxy's `show errors`: the latest of each
// listener and pool (shm/error-captures.ts). Once a broken connection; others never come here.

import { ENDPOINT_SIZE } from "../bytes/endpoint.ts";
import type { Io } from "../io/io.ts";
import type { SlabQueues } from "../io/slab-queues.ts";
import type { ConnectInspector } from "../mqtt/connect.ts";
import { CLOSE_REASONS, REASON } from "../shm/close-reason.ts";
import type { ErrorWriter } from "../shm/error-captures.ts";
import type { Connections } from "./connections.ts";
import { isEarly } from "./state.ts";
import { reasonOf } from "./verdict.ts";

const FROM_CLIENT = 1;
const FROM_SERVER = 2;

const CLIENT_REASONS = [
  "proxy-header-malformed",
  "not-tls",
  "tls-hello-malformed",
  "http-refused",
  "websocket-violation",
  "websocket-too-large",
  "connect-too-large",
  "connect-malformed",
  "not-mqtt",
  "tls-on-plain-port",
  "http-on-mqtt-port",
  "version-not-allowed",
  "malformed-from-client",
  "packet-too-large",
] as const;
const SERVER_REASONS = ["server-websocket-violation", "malformed-from-server"] as const;

/** By reason: who has sent what is not to be understood; 0: it is not that. */
const SENDERS = new Uint8Array(CLOSE_REASONS.length);
for (const name of CLIENT_REASONS) SENDERS[REASON[name]] = FROM_CLIENT;
for (const name of SERVER_REASONS) SENDERS[REASON[name]] = FROM_SERVER;

/** Those that the inspector of CONNECT has given, which knows where it stopped. */
const INSPECTED: readonly number[] = [
  REASON["connect-too-large"],
  REASON["connect-malformed"],
  REASON["not-mqtt"],
  REASON["tls-on-plain-port"],
  REASON["http-on-mqtt-port"],
];

export interface ErrorCaptureParts {
  readonly io: Io;
  readonly connections: Connections;
  readonly held: SlabQueues;
  readonly inspector: ConnectInspector;
  readonly wallClockOffsetMs: number;
  /** Null: nobody will look. */
  readonly writer: ErrorWriter | null;
}

export class ErrorCapture {
  readonly #parts: ErrorCaptureParts;

  constructor(parts: ErrorCaptureParts) {
    this.#parts = parts;
  }

  /**
   * A connection is about to end. Of what came in pieces before there was a CONNECT, the pieces
   * are kept together, as the inspector of CONNECT has just seen them.
   * @param verdict negative: what was said of the bytes in the arena at `offset`
   */
  note(connection: number, verdict: number, offset: number, length: number): void {
    const { connections, held, io, writer } = this.#parts;
    const sender = SENDERS[reasonOf(verdict)]!;
    if (writer === null || sender === 0 || length <= 0) return;
    this.#fill(writer, connection, reasonOf(verdict));
    const heldLength = connections.heldLength[connection]!;
    const isHeld = isEarly(connections.state[connection]!) && !held.isEmpty(connection);
    if (isHeld && heldLength <= io.scratchSize) {
      held.copyTo(connection, io.scratchOffset);
      writer.write(sender === FROM_SERVER, io.bytes, io.scratchOffset, heldLength);
    } else writer.write(sender === FROM_SERVER, io.bytes, offset, length);
  }

  #fill({ facts }: ErrorWriter, connection: number, reason: number): void {
    const { connections, inspector, io, wallClockOffsetMs } = this.#parts;
    facts.atMs = io.now + wallClockOffsetMs;
    facts.reason = reason;
    facts.rule = connections.rule[connection]!;
    facts.level = connections.level[connection]!;
    facts.faultOffset = INSPECTED.includes(reason) ? inspector.refusedAt : -1;
    facts.listener = connections.listener[connection]!;
    facts.pool = connections.pool[connection]!;
    facts.server = connections.server[connection]!;
    const at = connection * ENDPOINT_SIZE;
    for (let i = 0; i < ENDPOINT_SIZE; i++) facts.endpoint[i] = connections.endpoints[at + i]!;
  }
}
