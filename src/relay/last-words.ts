// What a client is told before we end its connection: a CONNACK that refuses it, or a DISCONNECT.
//
// Only MQTT clients are told anything, each in its own version; others are closed without a word.
// A CONNACK goes to those who have none yet, a DISCONNECT to those who were accepted
// [MQTT-3.14.0-1]. Everything is written into the reactor's scratch area and handed over at once.

import { assert } from "../assert.ts";
import type { Io } from "../io/io.ts";
import {
  CONNACK_SIZE_MAX,
  ReasonCode,
  ReturnCode,
  writeConnack,
  writeDisconnect,
} from "../mqtt/connack.ts";
import { answerCode, NO_ANSWER } from "../mqtt/rule.ts";
import { CLOSE_REASONS, REASON } from "../shm/close-reason.ts";

/** What a client with a good CONNECT is answered when it gets no server. */
interface Answer {
  /** MQTT 3.1 and 3.1.1 */
  readonly returnCode: number;
  /** MQTT 5.0 */
  readonly reasonCode: number;
}

const UNAVAILABLE: Answer = {
  returnCode: ReturnCode.serverUnavailable,
  reasonCode: ReasonCode.serverUnavailable,
};
const BUSY: Answer = { ...UNAVAILABLE, reasonCode: ReasonCode.serverBusy };
const TOO_MANY: Answer = { ...UNAVAILABLE, reasonCode: ReasonCode.connectionRateExceeded };
const NOT_AUTHORIZED: Answer = {
  returnCode: ReturnCode.notAuthorized,
  reasonCode: ReasonCode.notAuthorized,
};

const WRONG_VERSION: Answer = {
  returnCode: ReturnCode.unacceptableProtocolVersion,
  reasonCode: ReasonCode.unsupportedProtocolVersion,
};

/** By close reason; what is not here is answered by silence. */
const ANSWERS: ReadonlyMap<number, Answer> = new Map([
  [REASON["no-server-available"], UNAVAILABLE],
  [REASON["servers-full"], BUSY],
  [REASON["servers-busy"], BUSY],
  [REASON["dial-refused"], UNAVAILABLE],
  [REASON["dial-timeout"], UNAVAILABLE],
  [REASON["dial-failed"], UNAVAILABLE],
  [REASON["server-tls-failed"], UNAVAILABLE],
  [REASON["server-upgrade-refused"], UNAVAILABLE],
  [REASON["server-closed"], UNAVAILABLE],
  [REASON["server-reset"], UNAVAILABLE],
  [REASON["server-unreachable"], UNAVAILABLE],
  [REASON["server-removed"], UNAVAILABLE],
  [REASON["server-cut"], UNAVAILABLE],
  [REASON["moved-by-drain"], UNAVAILABLE],
  [REASON["moved-for-balance"], UNAVAILABLE],
  [REASON["shut-down"], UNAVAILABLE],
  [REASON["buffers-exhausted"], BUSY],
  [REASON["queue-timeout"], BUSY],
  [REASON["queue-full"], BUSY],
  [REASON["admission-timeout"], TOO_MANY],
  [REASON["admission-full"], TOO_MANY],
  [REASON["refused-by-policy"], NOT_AUTHORIZED],
  [REASON["banned"], { ...NOT_AUTHORIZED, reasonCode: ReasonCode.banned }],
  [REASON["version-not-allowed"], WRONG_VERSION],
  [REASON["qos-not-allowed"], { ...NOT_AUTHORIZED, reasonCode: ReasonCode.qosNotSupported }],
  [REASON["retain-not-allowed"], { ...NOT_AUTHORIZED, reasonCode: ReasonCode.retainNotSupported }],
  [REASON["packet-too-large"], { ...UNAVAILABLE, reasonCode: ReasonCode.packetTooLarge }],
]);

/** What a client of 5.0 that was accepted is told in a DISCONNECT (5.0, 3.14.2.1). */
const GOODBYES: ReadonlyMap<number, number> = new Map([
  [REASON["shut-down"], ReasonCode.serverShuttingDown],
  [REASON["killed-by-admin"], ReasonCode.administrativeAction],
  [REASON["server-cut"], ReasonCode.useAnotherServer],
  [REASON["moved-by-drain"], ReasonCode.useAnotherServer],
  [REASON["moved-for-balance"], ReasonCode.useAnotherServer],
  [REASON["idle-timeout"], ReasonCode.keepAliveTimeout],
  [REASON["qos-not-allowed"], ReasonCode.qosNotSupported],
  [REASON["retain-not-allowed"], ReasonCode.retainNotSupported],
  [REASON["packet-too-large"], ReasonCode.packetTooLarge],
]);

/** What must be known of a client to say something that it understands. */
export interface Client {
  /** The rule its CONNECT broke, or 0. */
  readonly rule: number;
  /** Its protocol level; 0 while unknown. */
  readonly level: number;
  /** Its Maximum Packet Size in bytes; 0 when it set none. */
  readonly packetSizeMax: number;
  /** What a rule refuses it with, a reason code of 5.0; 0: nothing. */
  readonly refusalCode: number;
  /** The operator's words for that; null: none. */
  readonly refusalText: string | null;
  /** Where else it may go, as 5.0 names servers (4.11); null: nobody says. */
  readonly serverReference?: string | null;
  /** Whether it should not come back to its server. */
  readonly isMovedForGood?: boolean;
}

/**
 * Writes the CONNACK for a client that gets no server.
 * @returns its size in bytes; 0 when there is nothing to say
 */
export function writeRefusal(io: Io, reason: number, client: Client): number {
  assert(io.scratchSize >= CONNACK_SIZE_MAX, "a refusal fits the scratch area");
  const { rule, level, packetSizeMax } = client;
  if (level === 0 && rule === 0) return 0;
  const code = refusalCode(reason, client);
  if (code === NO_ANSWER) return 0;
  const text = client.refusalText ?? CLOSE_REASONS[reason]!.sentence;
  const explanation = rule === 0 ? { reason: text } : {};
  const refusal = { level, code, packetSizeMax, ...explanation, ...elsewhere(code, client) };
  return writeConnack(io.bytes, io.scratchOffset, refusal);
}

// Only two codes may bring a Server Reference (5.0, 3.2.2.3.16 and 4.11).
function elsewhere(code: number, { serverReference = null }: Client) {
  const isElsewhere = code === ReasonCode.useAnotherServer || code === ReasonCode.serverMoved;
  return isElsewhere && serverReference !== null ? { serverReference } : {};
}

/**
 * Writes the DISCONNECT for a client that is being served; only 5.0 has one.
 * @returns its size in bytes; 0 when there is nothing to say
 */
export function writeGoodbye(io: Io, reason: number, client: Client): number {
  const code = client.isMovedForGood ? ReasonCode.serverMoved : GOODBYES.get(reason);
  if (client.level !== 5 || code === undefined) return 0;
  const { packetSizeMax } = client;
  const { sentence } = CLOSE_REASONS[reason]!;
  const explanation = { code, packetSizeMax, reason: sentence, ...elsewhere(code, client) };
  return writeDisconnect(io.bytes, io.scratchOffset, explanation);
}

/** Reason codes of 5.0 in the words of 3.1.1; what is not here is "not authorized". */
const RETURN_CODES: ReadonlyMap<number, number> = new Map([
  [ReasonCode.implementationSpecificError, ReturnCode.serverUnavailable],
  [ReasonCode.unsupportedProtocolVersion, ReturnCode.unacceptableProtocolVersion],
  [ReasonCode.clientIdentifierNotValid, ReturnCode.identifierRejected],
  [ReasonCode.badUserNameOrPassword, ReturnCode.badUserNameOrPassword],
  [ReasonCode.serverUnavailable, ReturnCode.serverUnavailable],
  [ReasonCode.serverBusy, ReturnCode.serverUnavailable],
  [ReasonCode.quotaExceeded, ReturnCode.serverUnavailable],
  [ReasonCode.useAnotherServer, ReturnCode.serverUnavailable],
  [ReasonCode.serverMoved, ReturnCode.serverUnavailable],
  [ReasonCode.connectionRateExceeded, ReturnCode.serverUnavailable],
]);

function refusalCode(reason: number, client: Client): number {
  const { rule, level } = client;
  if (client.refusalCode !== 0) {
    if (level === 5) return client.refusalCode;
    return RETURN_CODES.get(client.refusalCode) ?? ReturnCode.notAuthorized;
  }
  if (rule !== 0) return answerCode(rule, level);
  const answer = ANSWERS.get(reason);
  if (answer === undefined) return NO_ANSWER;
  if (level !== 5) return answer.returnCode;
  // Moved before its server has answered it.
  if (client.serverReference == null) return answer.reasonCode;
  return client.isMovedForGood ? ReasonCode.serverMoved : ReasonCode.useAnotherServer;
}
