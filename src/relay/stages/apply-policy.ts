// The operator's policy, once a connection: when its CONNECT is there and before rules look at it,
// so that rules see the CONNECT and the pool that the policy has made of them.
//
// A connection without a policy costs a look at a null. A policy that fails refuses the client:
// what it would have forbidden is not let in.

import { assert } from "../../assert.ts";
import { ReasonCode } from "../../mqtt/connack.ts";
import type { Judged } from "../../policy/judge.ts";
import { REASON } from "../../shm/close-reason.ts";
import { COUNTER } from "../../shm/counters.ts";
import { identify } from "../identify.ts";
import type { RelayContext } from "../relay-context.ts";
import { changeHeld } from "../rewrite-held.ts";
import { endWith, STAY } from "../verdict.ts";

/** For whom the policy fails. */
const FAULT: Judged & { kind: "refuse" } = {
  kind: "refuse",
  code: ReasonCode.implementationSpecificError,
  reason: null,
  reference: null,
};

/** @returns STAY or a reason to end */
export function onPolicy(context: RelayContext, connection: number): number {
  const { connections } = context;
  // Bytes that are relayed as they come have no CONNECT.
  if (connections.level[connection] === 0) return STAY;
  connections.hasConnect[connection] = 1;
  if (context.routesOf(connection).policy === null) return STAY;
  inspectHeld(context, connection);
  const judged = context.policies.decide(connection);
  if (judged.kind === "refuse") return refuse(context, connection, judged);
  if (judged.kind === "fault") return refuse(context, connection, FAULT);
  return carryOut(context, connection, judged);
}

// Judged before, where it lay then: offsets are wanted where it lies now.
function inspectHeld(context: RelayContext, connection: number): void {
  const { connections, inspector, io } = context;
  context.held.copyTo(connection, io.scratchOffset);
  const length = connections.heldLength[connection]!;
  const sizeMax = context.listenerOf(connection).connectSizeMaxBytes;
  const size = inspector.inspect(io.bytes, io.scratchOffset, length, sizeMax);
  assert(size > 0, "a CONNECT that was good still is");
}

function carryOut(
  context: RelayContext,
  connection: number,
  { pool, server, changes }: Judged & { kind: "route" },
): number {
  const { connections } = context;
  if (server !== null) connections.wantedServer[connection] = server;
  const isMoved = pool !== null && pool !== connections.pool[connection];
  if (isMoved) connections.pool[connection] = pool;
  if (changes !== null) return changeHeld(context, connection, changes);
  // Another pool may know its clients by something else.
  if (isMoved) identify(context, connection);
  return STAY;
}

function refuse(
  context: RelayContext,
  connection: number,
  { code, reason, reference }: Judged & { kind: "refuse" },
): number {
  context.row[COUNTER.refusedByPolicy]! += 1;
  context.connections.refusalCode[connection] = code;
  if (reason !== null) context.refusalTexts.set(connection, reason);
  if (reference !== null) context.refusalReferences.set(connection, reference);
  return endWith(REASON["refused-by-policy"]);
}
