// The HTTP request by which a client asks to speak WebSocket (RFC 6455, 4.2), and our answer.
//
// What is refused gets a real HTTP answer. Bounded by UPGRADE_REQUEST_SIZE_MAX and, in time, by the
// listener's websocket.deadlineMs.

import { REASON } from "../../shm/close-reason.ts";
import { COUNTER } from "../../shm/counters.ts";
import { ENDED, GOES_ON } from "../../transport/transport.ts";
import { judgeUpgrade } from "../../websocket/judge-upgrade.ts";
import { writeHttpAnswer, writeUpgradeAnswer } from "../../websocket/upgrade-answer.ts";
import { NEED_MORE, readUpgradeRequest } from "../../websocket/upgrade-request.ts";
import { clientSlot } from "../connections.ts";
import type { RelayContext } from "../relay-context.ts";
import { frameReason } from "../transport-reason.ts";
import { endWith, NEXT } from "../verdict.ts";
import { hold, joinHeld, leave } from "./early-bytes.ts";

const UPGRADE_REQUEST_SIZE_MAX = 8_192;
const SWITCHING_PROTOCOLS = 101;
const HEADER_FIELDS_TOO_LARGE = 431;

/** NEXT means: the client was told 101, and from here on its bytes come in frames. */
export function onUpgradeBytes(
  context: RelayContext,
  connection: number,
  offset: number,
  length: number,
): number {
  const { connections, io } = context;
  const total = connections.heldLength[connection]! + length;
  const start = joinHeld(context, connection, offset, length);
  if (start < 0) return refuse(context, connection, HEADER_FIELDS_TOO_LARGE);
  const request = readUpgradeRequest(io.bytes, start, total, UPGRADE_REQUEST_SIZE_MAX);
  if (request === NEED_MORE) return hold(context, connection, offset, length);
  if (typeof request === "number") return refuse(context, connection, -request);
  const plan = context.listenerOf(connection).websocket!;
  const judged = judgeUpgrade(request, plan);
  if (judged.status !== SWITCHING_PROTOCOLS) return refuse(context, connection, judged.status);
  const area = start === io.scratchOffset ? start + total : io.scratchOffset;
  const size = writeUpgradeAnswer(io.bytes, area, judged);
  const slot = clientSlot(connection);
  if (context.transport.send(slot, area, size) < 0) return endWith(REASON["client-reset"]);
  context.row[COUNTER.websocketUpgrades]! += 1;
  context.transport.beginFrames(slot, true, plan.frameSizeMaxBytes);
  return hearFrames(context, connection, start + request.size, total - request.size);
}

// Frames may follow the request at once, although nobody knows yet whether they will be heard.
function hearFrames(
  context: RelayContext,
  connection: number,
  offset: number,
  length: number,
): number {
  const { transport } = context;
  const size = length === 0 ? 0 : transport.unframe(clientSlot(connection), offset, length);
  const { outcome } = transport;
  leave(context, connection, transport.offset, size);
  if (length === 0 || outcome === GOES_ON) return NEXT;
  return endWith(
    outcome === ENDED ? REASON["closed-before-connect"] : frameReason(transport.frameFault),
  );
}

function refuse(context: RelayContext, connection: number, status: number): number {
  const { io } = context;
  const size = writeHttpAnswer(io.bytes, io.scratchOffset, status);
  context.sendParting(connection, io.scratchOffset, size);
  return endWith(REASON["http-refused"]);
}
