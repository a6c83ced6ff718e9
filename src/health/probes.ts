// From a pool's check settings to the probe of one server: a table by type of check.

import { randomBytes } from "node:crypto";
import type { Endpoint } from "../bytes/endpoint.ts";
import type { CheckSettings } from "../config/settings.ts";
import type { CheckResult } from "./check-result.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Conversation } from "./conversation.ts";
import { MqttConversation } from "./mqtt-conversation.ts";
import { probe } from "./probe-socket.ts";
import { tcpConversation } from "./tcp-conversation.ts";

/** One try: asks the server, says goodbye, resolves when the socket is closed. Never rejects. */
export type Probe = (signal: AbortSignal) => Promise<CheckResult>;

const CONVERSATIONS: Record<CheckSettings["type"], (settings: CheckSettings) => Conversation> = {
  tcp: () => tcpConversation,
  mqtt: (settings) => new MqttConversation({ ...settings, clientId: makeClientId(settings) }),
};

/**
 * @returns the probe of the server at `endpoint`; may be used any number of times, one at a time
 * @throws RangeError when no valid CONNECT can be made of the settings
 */
export function makeProbe(
  settings: CheckSettings,
  endpoint: Endpoint,
  clock: Clock = systemClock,
): Probe {
  const begin = CONVERSATIONS[settings.type];
  // Settings that cannot be spoken must fail here, not at the first probe.
  begin(settings);
  return (signal) => {
    const conversation = begin(settings);
    return probe({ endpoint, conversation, timeoutMs: settings.timeoutMs, clock, signal });
  };
}

// Each probe is a client of its own: two balancers, or two probes of one, never take over each
// other's session. Eight characters keep ids within the 23 that every 3.1.1 broker must take.
function makeClientId({ clientIdPrefix }: CheckSettings): string {
  return clientIdPrefix + randomBytes(4).toString("hex");
}
