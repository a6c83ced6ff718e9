// The stage that reads MQTT: collects one CONNECT and judges it.
//
// Nearly always the whole packet comes in one piece and is judged where it lies. A split one is
// kept, and put together in the scratch area when it is complete or still so short that its head
// can give it away. Bounded by the listener's connectSizeMaxBytes and, in time, by its deadline.

import { assert } from "../../assert.ts";
import { NEED_MORE } from "../../mqtt/connect.ts";
import { Rule } from "../../mqtt/rule.ts";
import { readVariableLength, variableLengthSize } from "../../mqtt/variable-length.ts";
import { REASON } from "../../shm/close-reason.ts";
import { COUNTER } from "../../shm/counters.ts";
import { clientSlot } from "../connections.ts";
import { countConnect } from "../count-mqtt.ts";
import { identify } from "../identify.ts";
import type { RelayContext } from "../relay-context.ts";
import { endWith, STAY } from "../verdict.ts";
import { guardConnect } from "./guard-client.ts";

/** OPTIONS and CONNECT are the longest methods in use. */
const METHOD_SIZE_MAX = 8;
/** The part of a CONNECT in which a protocol other than MQTT gives itself away. */
const HEAD_SIZE = 32;

/** A client has sent bytes. NEXT means: a good CONNECT is held, and its client is known. */
export function onConnectBytes(
  context: RelayContext,
  connection: number,
  offset: number,
  length: number,
): number {
  const { connections, held, io } = context;
  connections.bytes[clientSlot(connection)]! += length;
  context.row[COUNTER.clientBytesIn]! += length;
  const before = connections.heldLength[connection]!;
  if (before === 0) {
    const verdict = judge(context, connection, offset, length);
    if (verdict < 0) return verdict;
    return hold(context, connection, offset, length) ? verdict : outOfBuffers(context);
  }
  if (before + length > io.scratchSize) return endWith(REASON["early-data-too-large"]);
  if (!hold(context, connection, offset, length)) return outOfBuffers(context);
  const total = before + length;
  if (before >= HEAD_SIZE && total < connections.connectSize[connection]!) return STAY;
  held.copyTo(connection, io.scratchOffset);
  return judge(context, connection, io.scratchOffset, total);
}

function hold(context: RelayContext, connection: number, offset: number, length: number): boolean {
  assert(length > 0, "only bytes are held");
  context.connections.heldLength[connection]! += length;
  return context.held.append(connection, offset, length);
}

function outOfBuffers(context: RelayContext): number {
  context.row[COUNTER.slabPoolDry]! += 1;
  return endWith(REASON["buffers-exhausted"]);
}

function judge(
  context: RelayContext,
  connection: number,
  offset: number,
  available: number,
): number {
  const { inspector, io, connections } = context;
  const sizeMax = context.listenerOf(connection).connectSizeMaxBytes;
  const result = inspector.inspect(io.bytes, offset, available, sizeMax);
  connections.level[connection] = inspector.level;
  if (result < 0) return refuse(context, connection, -result, offset, available);
  if (result === NEED_MORE) {
    connections.connectSize[connection] = declaredSize(io.bytes, offset, available);
    return STAY;
  }
  connections.connectSize[connection] = result;
  countConnect(context.row, inspector);
  identify(context, connection);
  if (context.tracer.isOn) context.tracer.onConnect(connection, offset, available);
  return guardConnect(context, connection);
}

// What the fixed header says, once it is whole; 0 before.
function declaredSize(bytes: Uint8Array, offset: number, available: number): number {
  const remaining = readVariableLength(bytes, offset + 1, offset + available);
  return remaining < 0 ? 0 : 1 + variableLengthSize(remaining) + remaining;
}

function refuse(
  context: RelayContext,
  connection: number,
  rule: number,
  offset: number,
  available: number,
): number {
  context.connections.rule[connection] = rule;
  context.row[COUNTER.connectsRefusedByRule + rule]! += 1;
  if (rule === Rule.sizeOverLimit) return endWith(REASON["connect-too-large"]);
  if (rule === Rule.tlsInstead) return endWith(REASON["tls-on-plain-port"]);
  if (rule === Rule.notConnect) return endWith(strangerReason(context.io.bytes, offset, available));
  return endWith(REASON["connect-malformed"]);
}

// HTTP gives itself away by a method in capitals and a space (RFC 9110, 9.1; RFC 9112, 3).
function strangerReason(bytes: Uint8Array, offset: number, available: number): number {
  const end = offset + Math.min(available, METHOD_SIZE_MAX + 1);
  let at = offset;
  while (at < end && bytes[at]! >= 0x41 && bytes[at]! <= 0x5a) at++;
  const isMethod = at > offset && at < end && bytes[at] === 0x20;
  return REASON[isMethod ? "http-on-mqtt-port" : "not-mqtt"];
}
