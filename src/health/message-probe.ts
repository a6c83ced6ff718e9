// The probe of an `mqtt-message` check, through one server or across two.
//
// Across: this server is checked, and waits; the other one publishes. When the other one cannot,
// nothing is known of this one. Which other one it is changes with each probe, so that over time
// every pair is seen.

import { randomBytes } from "node:crypto";
import type { CheckResult } from "./check-result.ts";
import { MessageConversation } from "./message-conversation.ts";
import { MqttConversation, makeClientId } from "./mqtt-conversation.ts";
import type { MessageRequest } from "./mqtt-packets.ts";
import {
  aimAt,
  converse,
  overWebSocket,
  type Probe,
  type ProbeParts,
  type ProbeTarget,
} from "./probe.ts";
import { PublishConversation } from "./publish-conversation.ts";

const PAYLOAD_SIZE = 16;

/** @throws RangeError when no valid CONNECT can be made of the settings */
export function makeMessageProbe(parts: ProbeParts): Probe {
  const { settings } = parts;
  // Settings that cannot be spoken must fail here, not at the first probe.
  new MqttConversation({ ...settings, clientId: makeClientId(settings) });
  if (!settings.message.across) return (signal) => throughOne(parts, signal);
  return (signal) => {
    const other = parts.other();
    return other === null ? throughOne(parts, signal) : across(parts, other, signal);
  };
}

function throughOne(parts: ProbeParts, signal: AbortSignal): Promise<CheckResult> {
  const conversation = makeWaiting(parts, null);
  return converse(parts, overWebSocket(parts, conversation.conversation), signal);
}

async function across(
  parts: ProbeParts,
  other: ProbeTarget,
  signal: AbortSignal,
): Promise<CheckResult> {
  const otherParts = aimAt(parts, other);
  const waiting = new AbortController();
  const stop = AbortSignal.any([signal, waiting.signal]);
  const publishing: Promise<CheckResult>[] = [];
  const { conversation, message } = makeWaiting(parts, {
    server: other.name,
    publish: () => {
      const published = publishThrough(otherParts, message, signal);
      published.then(({ outcome }) => outcome === "passed" || waiting.abort());
      publishing.push(published);
    },
  });
  const result = await converse(parts, overWebSocket(parts, conversation), stop);
  const [published] = await Promise.all(publishing);
  if (published === undefined || published.outcome === "passed") return result;
  if (signal.aborted || result.outcome === "passed") return result;
  const sentence = `"${other.name}" could not publish: ${published.sentence}`;
  return { ...result, outcome: "inconclusive", code: published.code, sentence };
}

function publishThrough(
  parts: ProbeParts,
  message: MessageRequest,
  signal: AbortSignal,
): Promise<CheckResult> {
  const clientId = makeClientId(parts.settings);
  const conversation = new PublishConversation({ ...parts.settings, clientId }, message);
  return converse(parts, overWebSocket(parts, conversation), signal);
}

function makeWaiting(
  { settings, clock }: ProbeParts,
  acrossWhom: ConstructorParameters<typeof MessageConversation>[0]["across"],
) {
  const clientId = makeClientId(settings);
  const { topicPrefix, qos } = settings.message;
  const message = { topic: `${topicPrefix}/${clientId}`, payload: randomBytes(PAYLOAD_SIZE), qos };
  const now = () => clock.now();
  const own = { ...settings, clientId, message, now, across: acrossWhom };
  return { message, conversation: new MessageConversation(own) };
}
