// What a client is told when its connection ends, by how far it has come; and whether the other
// side is told of an end or of a breakdown.
//
// Decides nothing but words; relay.ts sends them and closes.

import { REASON } from "../shm/close-reason.ts";
import { clientSlot, serverSlot } from "./connections.ts";
import { writeGoodbye, writeRefusal } from "./last-words.ts";
import { otherServers } from "./other-servers.ts";
import type { RelayContext } from "./relay-context.ts";
import { ACCEPTED, UNANSWERED } from "./server-answer.ts";
import { DIALLING, isEarly, RELAYING } from "./state.ts";

/** Reasons that are passed on as a reset, so that the other side does not take them for an end. */
const BREAKDOWNS: ReadonlySet<number> = new Set([
  REASON["client-reset"],
  REASON["client-unreachable"],
  REASON["server-reset"],
  REASON["server-unreachable"],
  REASON["server-tls-failed"],
  REASON["server-websocket-violation"],
  REASON["buffers-exhausted"],
]);

export function isBreakdown(reason: number): boolean {
  return BREAKDOWNS.has(reason);
}

function isMove(reason: number): boolean {
  return reason === REASON["moved-by-drain"] || reason === REASON["moved-for-balance"];
}

/** True when both directions of a connection stand between two packets. */
export function isBetweenPackets(context: RelayContext, connection: number): boolean {
  const { connections, tracker } = context;
  if (connections.state[connection] !== RELAYING || connections.level[connection] === 0) {
    return true;
  }
  const slot = clientSlot(connection);
  const whole = tracker.atBoundary(slot) && tracker.atBoundary(slot ^ 1);
  return whole && connections.blocked[connection] === 0;
}

/** Writes the client's last words at the start of the scratch area. @returns their size; 0: none */
export function writeLastWords(context: RelayContext, connection: number, reason: number): number {
  const { connections, io, servers, tracker } = context;
  const client = {
    rule: connections.rule[connection]!,
    level: connections.level[connection]!,
    packetSizeMax: connections.packetSizeMax[connection]!,
    refusalCode: connections.refusalCode[connection]!,
    refusalText: context.refusalTexts.get(connection) ?? null,
    serverReference: isMove(reason)
      ? otherServers(context, connection)
      : (context.refusalReferences.get(connection) ?? null),
    isMovedForGood: isMove(reason) && servers.isLeftForGood(connections.server[connection]!),
  };
  const state = connections.state[connection]!;
  if (isEarly(state) || state === DIALLING) return writeRefusal(io, reason, client);
  const atBoundary = tracker.atBoundary(serverSlot(connection));
  if (state !== RELAYING || !atBoundary || connections.blocked[connection] !== 0) return 0;
  const answer = connections.answer[connection];
  if (answer === UNANSWERED) return writeRefusal(io, reason, client);
  return answer === ACCEPTED ? writeGoodbye(io, reason, client) : 0;
}
