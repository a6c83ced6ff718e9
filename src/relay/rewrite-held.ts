// Gives a client's CONNECT other fields before a server sees it: what rules have decided, written
// into a new packet that takes the place of the one that is held.
//
// Bounded by the scratch area and the pool of slabs. A packet that cannot be written, or breaks a
// rule of MQTT, refuses the client.

import { type ConnectChanges, rewriteConnect } from "../mqtt/connect-rewriter.ts";
import { bytesOf } from "../rules/byte-text.ts";
import type { ConnectFieldName } from "../rules/rule.ts";
import { REASON } from "../shm/close-reason.ts";
import { COUNTER } from "../shm/counters.ts";
import { identify } from "./identify.ts";
import type { RelayContext } from "./relay-context.ts";
import { endWith, STAY } from "./verdict.ts";

/** A CONNECT of the largest size, with three fields that have grown to theirs. */
const PACKET_SIZE_MAX = 1024 * 1024 + 3 * 65_536;
let packet = new Uint8Array(0);

/** What is held lies at the start of the scratch area, where it was inspected last. */
export function rewriteHeld(
  context: RelayContext,
  connection: number,
  fields: Readonly<Record<ConnectFieldName, string | null>>,
): number {
  return changeHeld(context, connection, {
    clientId: textOf(fields["client-id"]),
    userName: textOf(fields["user-name"]),
    password: textOf(fields.password),
  });
}

/** The same with changes of every kind, for a CONNECT that lies and was inspected as above. */
export function changeHeld(
  context: RelayContext,
  connection: number,
  changes: ConnectChanges,
): number {
  const { inspector, io } = context;
  if (packet.length === 0) packet = new Uint8Array(PACKET_SIZE_MAX);
  const source = { bytes: io.bytes, offset: io.scratchOffset };
  const size = rewriteConnect(source, inspector, changes, { bytes: packet, offset: 0 });
  if (size < 0) return refuse(context, connection, -size);
  return replace(context, connection, size);
}

function textOf(text: string | null): Uint8Array | undefined {
  return text === null ? undefined : bytesOf(text);
}

function replace(context: RelayContext, connection: number, size: number): number {
  const { connections, held, inspector, io } = context;
  const oldSize = connections.connectSize[connection]!;
  const behind = connections.heldLength[connection]! - oldSize;
  const start = io.scratchOffset;
  if (size + behind > io.scratchSize) return endWith(REASON["early-data-too-large"]);
  io.bytes.copyWithin(start + size, start + oldSize, start + oldSize + behind);
  io.bytes.set(packet.subarray(0, size), start);
  const fault = inspector.inspect(io.bytes, start, size, io.scratchSize);
  if (fault < 0) return refuse(context, connection, -fault);
  held.clear(connection);
  connections.heldLength[connection] = size + behind;
  connections.connectSize[connection] = size;
  identify(context, connection);
  const { tracer } = context;
  if (tracer.isOn) tracer.onRewritten(connection, start, size, size + behind);
  if (held.append(connection, start, size + behind)) return STAY;
  context.row[COUNTER.slabPoolDry]! += 1;
  return endWith(REASON["buffers-exhausted"]);
}

function refuse(context: RelayContext, connection: number, rule: number): number {
  context.connections.rule[connection] = rule;
  context.row[COUNTER.refusedByRules]! += 1;
  return endWith(REASON["refused-by-rule"]);
}
