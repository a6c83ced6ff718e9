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
import { REASON } from "../shm/close-reason.ts";

/** Reasons for which a client whose CONNECT was good is answered with "server unavailable". */
const UNAVAILABLE: ReadonlySet<number> = new Set([
  REASON["no-server-available"],
  REASON["servers-full"],
  REASON["dial-refused"],
  REASON["dial-timeout"],
  REASON["dial-failed"],
  REASON["shut-down"],
]);

/**
 * Writes the CONNACK for a client that gets no server.
 * @param rule the rule its CONNECT broke, or 0
 * @returns its size in bytes; 0 when there is nothing to say
 */
export function writeRefusal(io: Io, reason: number, rule: number, level: number): number {
  assert(io.scratchSize >= CONNACK_SIZE_MAX, "a refusal fits the scratch area");
  if (level === 0 && rule === 0) return 0;
  const code = refusalCode(reason, rule, level);
  if (code === NO_ANSWER) return 0;
  return writeConnack(io.bytes, io.scratchOffset, { level, code });
}

/**
 * Writes the DISCONNECT for a client that is being served; only 5.0 has one.
 * @returns its size in bytes; 0 when there is nothing to say
 */
export function writeGoodbye(io: Io, reason: number, level: number): number {
  if (level !== 5 || reason !== REASON["shut-down"]) return 0;
  return writeDisconnect(io.bytes, io.scratchOffset, { code: ReasonCode.serverShuttingDown });
}

function refusalCode(reason: number, rule: number, level: number): number {
  if (rule !== 0) return answerCode(rule, level);
  if (!UNAVAILABLE.has(reason)) return NO_ANSWER;
  return level === 5 ? ReasonCode.serverUnavailable : ReturnCode.serverUnavailable;
}
