// What a probe is, what it is made of, and one connection of it. Kinds of probes are in probes.ts.

import { randomBytes } from "node:crypto";
import type { Endpoint } from "../bytes/endpoint.ts";
import type { CheckSettings } from "../config/check-settings.ts";
import type { ServerTransportPlan } from "../shm/plan.ts";
import type { CheckResult } from "./check-result.ts";
import type { Clock } from "./clock.ts";
import type { Conversation } from "./conversation.ts";
import { holdConversation } from "./probe-socket.ts";
import { makeProbeTransport, type ProbeTransport } from "./probe-transport.ts";
import { WebSocketConversation } from "./websocket-conversation.ts";

/** One try: asks the server, says goodbye, resolves when the socket is closed. Never rejects. */
export type Probe = (signal: AbortSignal) => Promise<CheckResult>;

/** Where a probe goes, and how. */
export interface ProbeTarget {
  /** Of the server, for sentences. */
  readonly name: string;
  readonly endpoint: Endpoint;
  /** The server's host as the operator wrote it. */
  readonly host: string;
  /** How clients are brought to the server. */
  readonly transport: ServerTransportPlan;
}

/** What every kind of probe is made of. */
export interface ProbeParts {
  readonly settings: CheckSettings;
  readonly target: ProbeTarget;
  readonly transport: ProbeTransport;
  /** Another server of the pool that is up, for messages that go across; null: there is none. */
  readonly other: () => ProbeTarget | null;
  readonly clock: Clock;
}

/** Holds one conversation with the target. */
export function converse(
  { settings, target, transport, clock }: ProbeParts,
  conversation: Conversation,
  signal: AbortSignal,
): Promise<CheckResult> {
  const { endpoint } = target;
  const { timeoutMs } = settings;
  return holdConversation({ endpoint, transport, conversation, timeoutMs, clock, signal });
}

/** The same parts for another server of the pool. */
export function aimAt(parts: ProbeParts, target: ProbeTarget): ProbeParts {
  const { settings } = parts;
  const transport = makeProbeTransport(settings.transport, target.transport, target.host);
  return { ...parts, target, transport };
}

/** Puts a conversation of MQTT into WebSocket where the server is spoken to so. */
export function overWebSocket({ transport }: ProbeParts, inner: Conversation): Conversation {
  const plan = transport.websocket;
  return plan === null ? inner : new WebSocketConversation({ plan, inner, random: randomBytes });
}
